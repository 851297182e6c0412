"""What holds of each layer of the guard, and which interpreters have one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, List, Optional

import pytest

from tests.unit.policy.situation import SEALED, guarded, guards_of
from venvboot.model import (
    GuardFacts,
    GuardFile,
    Interpreter,
    LayerState,
    Probe,
    Remembered,
    SealPlace,
    Severity,
    Standing,
    SystemPackage,
)
from venvboot.policy import guard_layers, guard_seal, pip_conf

CONF = "/usr/pip.conf"
EDITED = guard_seal.text(SEALED, Remembered(made=1)) + "# our own word\n"


@pytest.fixture
def whole(bases: Dict[str, Interpreter]) -> GuardFacts:
    (one,) = guards_of(bases["debian"])
    return guarded(one)


def states(facts: GuardFacts) -> Dict[str, str]:
    (guard,) = guard_layers.guards([facts])
    return {layer.kind: layer.state.value for layer in guard.layers()}


def codes(facts: GuardFacts) -> List[str]:
    return [one.code for one in guard_layers.findings(guard_layers.guards([facts]), "do this")]


def test_a_whole_guard_has_no_fault(whole: GuardFacts) -> None:
    assert set(states(whole).values()) == {LayerState.IN_PLACE.value}
    assert codes(whole) == []


def conf(standing: Standing, text: str = "") -> GuardFile:
    return GuardFile(CONF, standing, text)


@pytest.mark.parametrize(
    ("changes", "kind", "state", "code"),
    [
        ({"marker": GuardFile("/m", Standing.NOTHING)}, "marker", "missing", "marker-gone"),
        ({"marker": GuardFile("/m", Standing.OURS, "# Written by venvboot\n")}, "marker", "changed", "marker-gone"),
        ({"marker": GuardFile("/m", Standing.THEIRS)}, "marker", "changed", "marker-gone"),
        ({"marker": GuardFile("/m", Standing.UNSEEN)}, "marker", "can't be seen", None),
        ({"diverted": False}, "diversion", "missing", "diversion-gone"),
        ({"diverted": None}, "diversion", "can't be seen", None),
        ({"pip_conf": conf(Standing.NOTHING)}, "pip.conf", "missing", "pip-conf-gone"),
        ({"pip_conf": conf(Standing.THEIRS, "[global]\n")}, "pip.conf", "changed", "pip-conf-gone"),
        (
            {"pip_conf": conf(Standing.THEIRS, "[global]\nrequire-virtualenv = 1\n")},
            "pip.conf",
            "another's",
            None,
        ),
        ({"pip_conf": conf(Standing.OURS, "# Written by venvboot\n")}, "pip.conf", "changed", "pip-conf-gone"),
        ({"pip_conf": conf(Standing.OURS, pip_conf.text(install=True))}, "pip.conf", "in place", None),
        ({"pip": "20.3.4"}, "pip.conf", "changed", "pip-conf-gone"),
        ({"pip_conf": conf(Standing.UNSEEN)}, "pip.conf", "can't be seen", None),
        ({"seals": (SealPlace(SEALED, Standing.EMPTY),)}, "seal", "missing", "seal-gone"),
        ({"seals": (SealPlace(SEALED, Standing.NOTHING),)}, "seal", "missing", "seal-gone"),
        ({"seals": (SealPlace(SEALED, Standing.FULL, count=1),)}, "seal", "not possible", None),
        ({"seals": (SealPlace(SEALED, Standing.EMPTY, obstacle="so"),)}, "seal", "not possible", None),
        ({"seals": (SealPlace(SEALED, Standing.THEIRS),)}, "seal", "changed", "seal-gone"),
        ({"seals": (SealPlace(SEALED, Standing.OURS, EDITED),)}, "seal", "changed", "seal-gone"),
        ({"seals": (SealPlace(SEALED, Standing.OURS, "# Written by venvboot\n"),)}, "seal", "changed", "seal-gone"),
        ({"seals": (SealPlace(SEALED, Standing.UNSEEN),)}, "seal", "can't be seen", None),
    ],
)
def test_each_layer_is_told_with_its_fault(
    whole: GuardFacts, changes: Dict[str, Any], kind: str, state: str, code: Optional[str]
) -> None:
    facts = replace(whole, **changes)
    assert states(facts)[kind] == state
    assert codes(facts) == ([code] if code else [])


def test_another_s_pip_conf_is_an_error_only_where_pip_would_install(whole: GuardFacts) -> None:
    facts = replace(whole, pip_conf=conf(Standing.THEIRS, "[global]\n"))
    old = replace(facts, pip="20.3.4")
    found = [guard_layers.findings(guard_layers.guards([one]), "do this")[0] for one in (facts, old)]
    assert [one.severity for one in found] == [Severity.WARNING, Severity.ERROR]
    assert "require-virtualenv" in found[0].hint


@pytest.mark.parametrize(
    ("place", "severity", "hint"),
    [
        (SealPlace(SEALED, Standing.OURS, EDITED), Severity.ERROR, "do this"),
        (SealPlace(SEALED, Standing.OURS, EDITED * 2), Severity.ERROR, f"rm {SEALED} && venvboot guard"),
        (SealPlace(SEALED, Standing.THEIRS, "x\n"), Severity.WARNING, f"rm {SEALED} && venvboot guard"),
    ],
)
def test_a_seal_that_was_changed_is_told_with_the_way_out_that_works(
    whole: GuardFacts, place: SealPlace, severity: Severity, hint: str
) -> None:
    """A file of whatever text keeps installs out; what can't be given back is what was there before."""
    (found,) = guard_layers.findings(guard_layers.guards([replace(whole, seals=(place,))]), "do this")
    assert (found.severity, found.hint) == (severity, hint)
    assert "install" not in found.message


def test_a_fault_of_a_shared_place_is_told_once(whole: GuardFacts) -> None:
    facts = replace(whole, pip_conf=conf(Standing.NOTHING))
    found = guard_layers.guards([facts, replace(facts, interpreter="/usr/bin/python3.12")])
    assert [one.code for one in guard_layers.findings(found, "do this")] == ["pip-conf-gone"]


@pytest.mark.parametrize("manager", guard_layers.MANAGERS)
def test_every_interpreter_of_a_system_s_manager_is_guarded_once(
    make_interpreter: Callable[..., Interpreter], make_probe: Callable[..., Probe], manager: str
) -> None:
    owner = SystemPackage(manager, "python3", "3")
    two = make_interpreter("/usr/bin/python3.9", "/usr/bin/python3.9", owner, probe=make_probe(version=(3, 9, 2)))
    one, again = (make_interpreter(path, owner=owner) for path in ("/usr/bin/python3", "/bin/python3"))
    found = guard_layers.guarded([two, one, again])
    assert [each.real_path for each in found] == ["/usr/bin/python3.11", "/usr/bin/python3.9"]


def test_the_tree_of_another_tool_is_guarded_only_as_the_base_of_an_environment(
    make_verdict: Callable[..., Interpreter],
) -> None:
    conda = make_verdict(
        "/opt/conda/bin/python3",
        "/opt/conda/bin/python3.12",
        kind="conda",
        managed=True,
        base_path="/opt/conda/bin/python3",
    )
    source = make_verdict("/usr/local/bin/python3", kind="source", base_path="/usr/local/bin/python3")
    broken = make_verdict("/x/python3", managed=True, starts=False, base_path="/x/python3")
    every = [conda, source, broken]
    assert guard_layers.guarded(every) == ()
    assert guard_layers.guarded(every, "/opt/conda/bin/python3") == (conda,)
    assert guard_layers.guarded(every, "/usr/local/bin/python3") == ()
    assert guard_layers.guarded(every, "/x/python3") == ()
