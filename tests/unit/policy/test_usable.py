"""Which interpreters can carry an environment; for the others, why not and the way out."""

from __future__ import annotations

from typing import Any, Callable, Optional

import pytest

from venvboot.model import Distro, Finding, InterpreterFacts, Origin, Probe, SystemPackage
from venvboot.policy import usable

MAIN = usable.Targets()
OF_LEGACY = usable.Targets((2, 7), (3, 8))
DISTRO = Origin("distro", "python3.11-minimal 3.11.2-6", managed=True, owner=None)
Make = Callable[..., InterpreterFacts]
MakeProbe = Callable[..., Probe]


def _refusal(facts: InterpreterFacts, targets: usable.Targets = MAIN, kind: str = "distro") -> Optional[Finding]:
    return usable.refusal(facts, Origin(kind, kind, managed=True, owner=None), targets, Distro())


@pytest.mark.parametrize(
    ("version", "targets", "code"),
    [
        ((2, 7, 18), MAIN, "interpreter-too-old"),
        ((3, 8, 20), MAIN, "interpreter-too-old"),
        ((3, 9, 0), MAIN, None),
        ((3, 14, 0), MAIN, None),
        ((4, 0, 0), MAIN, None),
        ((2, 6, 9), OF_LEGACY, "interpreter-too-old"),
        ((2, 7, 5), OF_LEGACY, None),
        ((3, 6, 8), OF_LEGACY, None),
        ((3, 8, 20), OF_LEGACY, None),
        ((3, 9, 0), OF_LEGACY, "interpreter-too-new"),
    ],
)
def test_each_file_serves_its_own_range_of_versions(
    make_facts: Make, make_probe: MakeProbe, version: Any, targets: usable.Targets, code: Optional[str]
) -> None:
    found = _refusal(make_facts(probe=make_probe(version=version)), targets)
    assert (found and found.code) == code


@pytest.mark.parametrize(("version", "named"), [((2, 7, 18), True), ((3, 6, 8), True), ((2, 6, 6), False)])
def test_an_old_one_is_refused_naming_the_file_that_serves_it(
    make_facts: Make, make_probe: MakeProbe, version: Any, *, named: bool
) -> None:
    found = _refusal(make_facts(probe=make_probe(version=version)))
    assert found is not None
    assert ("`venvboot-legacy init --python /usr/bin/python3`" in found.hint) is named
    assert "security fixes" in found.evidence


def test_a_new_one_is_sent_back_to_the_main_file(make_facts: Make, make_probe: MakeProbe) -> None:
    found = _refusal(make_facts(probe=make_probe(version=(3, 11, 2))), OF_LEGACY)
    assert found is not None
    assert found.hint == "`venvboot init --python /usr/bin/python3`"


@pytest.mark.parametrize(
    ("package", "hint"),
    [
        ("python3.11-minimal", "--no-install-recommends python3.11"),
        ("libpython3.11-minimal", "--no-install-recommends python3.11"),
        ("python3-minimal", "--no-install-recommends python3"),
    ],
)
def test_an_incomplete_one_is_refused_with_the_package_that_completes_it(
    make_facts: Make, make_probe: MakeProbe, package: str, hint: str
) -> None:
    probe = make_probe(missing_modules=("json", "zipfile"))
    found = _refusal(make_facts(probe=probe, owner=SystemPackage("dpkg", package, "1")))
    assert found is not None
    assert found.code == "interpreter-incomplete"
    assert "json, zipfile" in found.evidence
    assert found.hint.endswith(hint)


def test_an_incomplete_one_of_another_maker_is_refused_without_apt(make_facts: Make, make_probe: MakeProbe) -> None:
    found = _refusal(make_facts(probe=make_probe(missing_modules=("json",))))
    assert found is not None
    assert "apt-get" not in found.hint


@pytest.mark.parametrize("kind", ["platform-python", "distroless"])
def test_what_no_environment_may_be_made_of_is_refused_by_its_origin(make_facts: Make, kind: str) -> None:
    found = _refusal(make_facts(), kind=kind)
    assert found is not None
    assert found.code == kind
    assert found.hint


@pytest.mark.parametrize(
    ("failure", "hint"),
    [
        ("exit status 127: no such file or directory", "--python"),
        ("error while loading shared libraries: libpython3.8.so.rh-python38-1.0: cannot open", "ldconfig"),
    ],
)
def test_one_that_does_not_start_is_refused_with_its_reason_and_a_way_out(
    make_facts: Make, failure: str, hint: str
) -> None:
    facts = make_facts(starts=False)
    found = _refusal(type(facts)(facts.candidate, None, failure))
    assert found is not None
    assert (found.code, found.evidence) == ("interpreter-not-startable", failure)
    assert hint in found.hint


@pytest.mark.parametrize("starts", [True, False])
def test_one_that_root_must_not_start_is_no_base_until_it_is_named(make_facts: Make, *, starts: bool) -> None:
    found = _refusal(make_facts(starts=starts, untrusted="/home/app belongs to user 1000"))
    assert found is not None
    assert (found.code, found.evidence) == ("interpreter-not-trusted", "/home/app belongs to user 1000")
    assert "--python /usr/bin/python3;" in found.hint


@pytest.mark.parametrize("dnf", ["dnf", "microdnf"])
def test_the_way_out_is_told_in_the_words_of_the_image(make_facts: Make, dnf: str) -> None:
    origin = Origin("platform-python", "", managed=True, owner=None)
    found = usable.refusal(make_facts(), origin, MAIN, Distro(dnf=dnf))
    assert found is not None
    assert found.hint == f"RUN {dnf} install -y python3.12"
