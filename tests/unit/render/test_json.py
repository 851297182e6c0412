"""The JSON contract, key by key: a table here, against what is printed for every verb."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict

import pytest

from venvboot.actions import (
    CreateEnvironment,
    DivertFile,
    InstallHook,
    LinkLibraries,
    MakeDirectory,
    Plan,
    RefreshLinkerCache,
    RemoveFile,
    SealDirectory,
    ShareDirectories,
    UndivertFile,
    UnsealDirectory,
    UpdateWrappers,
    WriteFile,
    WriteRecord,
)
from venvboot.model import (
    Changes,
    CompiledLock,
    Diversion,
    Evidence,
    Finding,
    Guard,
    Interpreter,
    Layer,
    LayerState,
    Outcome,
    Promise,
    Record,
    Remembered,
    Severity,
    Status,
    Strategy,
    SystemPackage,
    Weight,
)
from venvboot.policy.image_config import image_config
from venvboot.render import guards, locks
from venvboot.render import json as printer

MARKER = "/usr/lib/python3.11/EXTERNALLY-MANAGED"
SEALED = "/usr/local/lib/python3.11/dist-packages"

OWNER = {"manager": str, "package": str, "version": str}
EVIDENCE = {"source": str, "fact": str, "weight": {"hard", "strong", "medium", "weak"}}
FINDING = {
    "code": str,
    "severity": {"error", "warning", "note"},
    "subject": str,
    "message": str,
    "evidence": str,
    "hint": str,
}
INTERPRETER = {
    "path": str,
    "real_path": str,
    "names": [str],
    "version": (str, type(None)),
    "implementation": (str, type(None)),
    "first_on_path": bool,
    "origin": {"kind": str, "label": str, "managed": bool, "owner": (OWNER, type(None))},
    "strategy": {"venv", "direct", "as-is", "refuse"},
    "direct": bool,
    "base_path": (str, type(None)),
    "refusal": (FINDING, type(None)),
    "warnings": [FINDING],
    "evidence": [EVIDENCE],
}
STATUSES = {"done", "failed", "usage", "refused", "broken", "unsupported", "bug", "interrupted"}
IMAGE_CONFIG = {"variables": dict, "path_prefix": str, "library_path": str}
REMEMBERED = {"mode": (int, type(None)), "uid": int, "gid": int, "made": int}
LAYER = {
    "path": str,
    "state": {"in place", "another's", "missing", "changed", "not possible", "can't be seen"},
    "why": str,
}
GUARD = {
    "interpreter": str,
    "marker": LAYER,
    "diversion": (LAYER, type(None)),
    "pip_conf": (LAYER, type(None)),
    "seals": [LAYER],
}
CHANGES = {"add": dict, "remove": dict, "change": dict}
ENVELOPE = {"schema": {"venvboot/1"}, "command": (str, type(None)), "status": STATUSES, "findings": [FINDING]}

# What each verb adds to the envelope.
VERBS: Dict[str, Dict[str, Any]] = {
    "detect": {"interpreters": [INTERPRETER]},
    "init": {
        "plan": {"actions": [dict], "image_config": IMAGE_CONFIG},
        "environment": IMAGE_CONFIG,
        "base": INTERPRETER,
    },
    "install": {"changes": CHANGES},
    "compile": {"locks": [{"path": str, "differs": bool, "changes": CHANGES, "text": (str, type(None))}]},
    "sync": {"changes": CHANGES},
    "guard": {"guards": [GUARD], "actions": [dict]},
    "check": {"promises": dict},
    "env": {"environment": IMAGE_CONFIG},
}
ACTIONS: Dict[str, Dict[str, Any]] = {
    "create-environment": {
        "dest": str,
        "base_path": str,
        "group": int,
        "replaces_half_made": bool,
        "library_path": str,
        "system_site_packages": bool,
    },
    "install-hook": {"dest": str, "python": str, "site_packages": str},
    "share-directories": {"paths": [str], "dest": str, "group": int},
    "divert-file": {"diversion": {"path": str, "diverted_to": str}, "rename": bool},
    "undivert-file": {"diversion": {"path": str, "diverted_to": str}},
    "seal-directory": {"path": str, "trusted": str, "content": str},
    "unseal-directory": {"path": str, "trusted": str, "before": REMEMBERED},
    "write-file": {"path": str, "content": str, "mode": int, "purpose": str, "trusted": str},
    "remove-file": {"path": str, "purpose": str},
    "link-libraries": {"folder": str, "libraries": list},
    "make-directory": {"path": str, "group": int},
    "update-wrappers": {"dest": str, "folder": str, "remove_all": bool},
    "refresh-linker-cache": {},
    "write-record": {"record": dict},
}


def meets(value: Any, contract: Any) -> bool:
    """Tell whether ``value`` has the shape: a type, a set of values, several of these, a list or the exact keys."""
    if isinstance(contract, tuple):
        return any(meets(value, one) for one in contract)
    if isinstance(contract, list):
        return isinstance(value, list) and all(meets(item, contract[0]) for item in value)
    if isinstance(contract, dict):
        return (
            isinstance(value, dict)
            and set(value) == set(contract)
            and all(meets(value[k], contract[k]) for k in value)
        )
    if isinstance(contract, set):
        return value in contract
    return isinstance(value, contract) and (contract is not int or not isinstance(value, bool))


@pytest.fixture(scope="session")
def interpreters(make_verdict: Callable[..., Interpreter], debian_package: SystemPackage) -> list[Interpreter]:
    return [
        make_verdict(
            kind="distro",
            label="python3.11-minimal 3.11.2-6",
            managed=True,
            owner=debian_package,
            first_on_path=True,
            base_path="/usr/bin/python3.11",
            evidence=(
                Evidence("dpkg", "/usr/bin/python3.11 belongs to python3.11-minimal 3.11.2-6 (dpkg)", Weight.HARD),
                Evidence("sysconfig", "prefix /usr, built for /usr", Weight.MEDIUM),
            ),
            warnings=(Finding("code", Severity.WARNING, "/usr/bin/python3", "message", "evidence", "hint"),),
        ),
        make_verdict(
            "/x/python3",
            kind="unknown",
            label="managed, unknown (does not start)",
            managed=True,
            strategy=Strategy.REFUSE,
            starts=False,
            refusal=Finding("code", Severity.ERROR, "/x/python3", "/x/python3 does not start", "evidence", "hint"),
        ),
        make_verdict("/opt/b\udcff/python3", strategy=Strategy.DIRECT, direct=True),
    ]


@pytest.fixture(scope="session")
def plan(make_record: Callable[..., Record]) -> Plan:
    """A plan with every type of action."""
    return Plan(
        (
            CreateEnvironment("/opt/venv", "/usr/bin/python3.11", 0, replaces_half_made=True),
            InstallHook("/opt/venv", "/opt/venv/bin/python", "/opt/venv/lib/python3.11/site-packages"),
            ShareDirectories(("/opt/venv/lib",), "/opt/venv", 0),
            DivertFile(Diversion(MARKER, f"{MARKER}.distro")),
            UndivertFile(Diversion(MARKER, f"{MARKER}.distro")),
            SealDirectory(SEALED, "/usr/local", "# Written by venvboot\n"),
            UnsealDirectory(SEALED, "/usr/local", Remembered(0o2775, 0, 50)),
            WriteFile("/etc/profile.d/zz-venvboot.sh", "# Written by venvboot\n", 0o644, "profile.d"),
            RemoveFile("/etc/fish/conf.d/venvboot.fish", "fish"),
            UpdateWrappers("/opt/venv", "/usr/local/bin"),
            MakeDirectory("/var/cache/uv", 0),
            LinkLibraries("/usr/local/lib/venvboot/opt-rh", (("libx.so.1", "/opt/rh/libx.so.1"),)),
            RefreshLinkerCache(),
            WriteRecord(make_record()),
        ),
        image_config("/opt/venv"),
    )


@pytest.fixture(scope="session")
def guarded(debian_package: SystemPackage) -> list[Guard]:
    """One with every layer, and one of which only the marker is ours to write."""
    conf, why = "/usr/pip.conf", "it has 1 entry: six.py"
    return [
        Guard(
            "/usr/bin/python3.11",
            debian_package,
            Layer("marker", MARKER, LayerState.IN_PLACE),
            Layer("diversion", MARKER, LayerState.MISSING, "dpkg no longer diverts it"),
            Layer("pip.conf", conf, LayerState.THEIRS),
            (Layer("seal", SEALED, LayerState.IMPOSSIBLE, why),),
        ),
        Guard("/opt/conda/bin/python3.12", None, Layer("marker", MARKER, LayerState.UNSEEN), None, None, ()),
    ]


@pytest.fixture(scope="session")
def outcomes(interpreters: list[Interpreter], plan: Plan, guarded: list[Guard]) -> Dict[str, Outcome]:
    """What each verb returns, made as the verb makes it."""
    environment = printer.image_config(image_config("/opt/venv"))
    warning = Finding("not-done", Severity.WARNING, "/etc/x", "é was not written", "because", "hint")
    changes = printer.changes(Changes({"six": "1.17.0"}, {"flask": "2.0"}, {"requests": ("2.31.0", "2.32.3")}))
    return {
        "detect": Outcome(Status.DONE, data={"interpreters": [printer.interpreter(one) for one in interpreters]}),
        "init": Outcome(
            Status.DONE,
            (warning,),
            data={
                "plan": printer.plan(plan),
                "environment": environment,
                "base": printer.interpreter(interpreters[0]),
            },
        ),
        "install": Outcome(Status.DONE, data={"changes": changes}),
        "compile": Outcome(
            Status.DONE, data={"locks": [locks.as_json(CompiledLock("a.txt", Changes(), differs=True))]}
        ),
        "sync": Outcome(Status.DONE, data={"changes": changes}),
        "check": Outcome(
            Status.BROKEN,
            (Finding("marker-gone", Severity.ERROR, MARKER, "message", "evidence", "hint"),),
            data={"promises": {"guard": Promise.BROKEN.value, "origin": Promise.KEPT.value}},
        ),
        "guard": Outcome(Status.DONE, data={"guards": guards.as_json(guarded), "actions": []}),
        "env": Outcome(Status.DONE, data={"environment": environment}),
    }


@pytest.mark.parametrize("verb", VERBS)
def test_the_object_of_each_verb_has_the_keys_of_the_contract_and_no_other(
    outcomes: Dict[str, Outcome], verb: str
) -> None:
    told = json.loads(printer.envelope(verb, outcomes[verb]))
    assert set(told) == {*ENVELOPE, *VERBS[verb]}
    for key, contract in {**ENVELOPE, **VERBS[verb]}.items():
        assert meets(told[key], contract), key
    assert told["command"] == verb


@pytest.mark.parametrize("verb", VERBS)
def test_the_object_of_each_verb_is_the_golden_one(
    outcomes: Dict[str, Outcome], golden: Callable[[str, str], None], verb: str
) -> None:
    golden(f"{verb}.json", printer.envelope(verb, outcomes[verb]))


def test_every_type_of_action_has_the_keys_of_the_contract(plan: Plan) -> None:
    told = {action.pop("type"): action for action in json.loads(json.dumps(printer.plan(plan)))["actions"]}
    assert set(told) == set(ACTIONS)
    for name, contract in ACTIONS.items():
        assert meets(told[name], contract), name


@pytest.mark.parametrize("status", Status)
def test_the_status_is_the_name_of_the_exit_status(status: Status) -> None:
    told = json.loads(printer.envelope(None, Outcome(status)))
    assert told == {"schema": "venvboot/1", "command": None, "status": status.name.lower(), "findings": []}
    assert told["status"] in STATUSES


def test_the_text_is_one_object_in_ascii_that_ends_its_line(outcomes: Dict[str, Outcome]) -> None:
    """Whatever the locale of the process, it can be printed."""
    told = printer.envelope("init", outcomes["init"])
    assert told.isascii()
    assert told.endswith("}\n")


def test_what_is_not_known_of_an_interpreter_is_null(interpreters: list[Interpreter]) -> None:
    usable, broken, direct = map(printer.interpreter, interpreters)
    assert (usable["version"], usable["implementation"], usable["refusal"]) == ("3.11.2", "cpython", None)
    assert (broken["version"], broken["implementation"], broken["strategy"]) == (None, None, "refuse")
    assert (broken["base_path"], broken["origin"]["owner"]) == (None, None)
    assert (usable["direct"], direct["direct"]) == (False, True)


def test_a_refusal_and_warnings_are_findings(interpreters: list[Interpreter]) -> None:
    usable, broken, _ = map(printer.interpreter, interpreters)
    assert broken["refusal"]["message"] == "/x/python3 does not start"
    assert [one["severity"] for one in usable["warnings"]] == ["warning"]


def test_a_name_that_is_no_utf_8_is_read_back_whole(interpreters: list[Interpreter]) -> None:
    told = printer.envelope(
        "detect", Outcome(Status.DONE, data={"interpreters": [printer.interpreter(interpreters[2])]})
    )
    assert told.isascii()
    assert json.loads(told)["interpreters"][0]["path"] == interpreters[2].path == "/opt/b\udcff/python3"


def test_the_contract_of_a_shape_is_strict() -> None:
    """The checker above can fail."""
    assert not meets({"a": 1}, {"a": str})
    assert not meets({"a": "", "b": ""}, {"a": str})
    assert not meets({}, {"a": str})
    assert not meets([1], [str])
    assert not meets(True, int)
    assert not meets("other", {"one"})
