"""The promises on a tree that keeps them, and on one that breaks them one by one."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable, List, Sequence

import pytest

from tests.unit.conftest import debian_guarded
from venvboot import check, hook
from venvboot import record as record_file
from venvboot.check import activation, environment, guard, sharing
from venvboot.facts import stages
from venvboot.model import Finding, Promise, Record, RecordedException, RecordedFile, Severity
from venvboot.policy.files import digest
from venvboot.render import text

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

DEST = "/opt/venv"
PROFILE = "/etc/profile.d/zz-venvboot.sh"
MARKER = "/usr/lib/python3.11/EXTERNALLY-MANAGED"
SEALED = "/usr/local/lib/python3.11/dist-packages"
ACTIVE = {"PATH": f"{DEST}/bin:/usr/bin", "VIRTUAL_ENV": DEST}


@pytest.fixture
def record(make_record: Callable[..., Record]) -> Record:
    files = (RecordedFile(PROFILE, digest("profile"), "profile.d"),)
    found: Record = make_record(files=files, group=os.getegid(), locks=())
    return found


@pytest.fixture
def kept(tree: Tree) -> Tree:
    """A tree in which every promise that can be read off files is kept."""
    tree.file(PROFILE, "profile")
    debian_guarded(tree, DEST)
    tree.file(f"{DEST}/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n", 0o664)
    for name in ("python", "python3", "pip"):
        tree.elf(f"{DEST}/bin/{name}", 0o775)
        if name != "python3":
            tree.elf(f"/usr/bin/{name}")
    for name, content in hook.files().items():
        tree.file(f"{DEST}/lib/python3.11/site-packages/{name}", content, 0o664)
    for folder in (
        DEST,
        *(f"{DEST}/{name}" for name in ("bin", "lib", "lib/python3.11", "lib/python3.11/site-packages")),
    ):
        tree.directory(folder, 0o2775)
    return tree


def test_the_guard_of_other_interpreters_and_its_faults_are_told_one_by_one(kept: Tree, record: Record) -> None:
    kept.host(SEALED).unlink()
    kept.file("/usr/pip.conf", "[global]\nindex-url = https://example.org/\n")
    found = guard.check(kept.system(), record) or ()
    assert [(one.code, one.severity) for one in found] == [
        ("pip-conf-gone", Severity.WARNING),
        ("seal-gone", Severity.ERROR),
    ]
    kept.file(f"{SEALED}/six.py")
    assert codes(guard.check(kept.system(), record)) == ["pip-conf-gone", "not-sealed"]


def test_the_guard_is_verified_without_an_environment_if_nothing_else_is_asked_for(kept: Tree) -> None:
    found = check.verify(kept.system(), "/opt/none", None, ["guard"])
    assert (found.states["guard"], found.findings) == (Promise.KEPT, ())
    kept.host(MARKER).unlink()
    found = check.verify(kept.system(), "/opt/none", None, ["guard"])
    assert (found.states["guard"], codes(found.findings)) == (Promise.BROKEN, ["marker-gone"])
    assert "`venvboot guard`" in found.findings[0].hint


def test_exceptions_are_told_of_what_is_there(kept: Tree, record: Record) -> None:
    recorded = tuple(RecordedException(name, "1.0", "hide-command", "ours") for name in ("here", "gone"))
    kept.file(f"{record.site_packages}/here-1.0.dist-info/METADATA")
    found = check.verify(kept.system(), DEST, replace(record, exceptions=recorded), ["guard"])
    assert [(one.code, one.subject) for one in found.findings] == [("exception-recorded", "here")]


def test_where_no_system_owns_a_python_there_is_nothing_to_verify(tree: Tree, record: Record) -> None:
    assert guard.check(tree.system(), record) is None
    assert check.verify(tree.system(), DEST, None, ["guard"]).states["guard"] is Promise.NOT_CHECKED


def codes(findings: Sequence[Finding] | None) -> List[str]:
    return [finding.code for finding in findings or ()]


def test_a_tree_that_keeps_the_promises_has_no_finding(kept: Tree, record: Record) -> None:
    system = kept.system(**ACTIVE)
    assert codes(activation.check(system, record)) == []
    assert codes(guard.check(system, record)) == []
    assert codes(sharing.check(system, record)) == []


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, ["path-lost", "virtual-env-lost"]),
        ({**ACTIVE, "PATH": f"/usr/bin:{DEST}/bin"}, ["path-lost"]),
        ({**ACTIVE, "PATH": "opt/venv/bin"}, ["path-lost"]),
        ({**ACTIVE, "VIRTUAL_ENV": "/srv/env"}, ["virtual-env-lost"]),
        ({**ACTIVE, "VIRTUAL_ENV": ""}, ["virtual-env-lost"]),
        ({**ACTIVE, "PATH": f"/empty:{DEST}/bin:/usr/bin"}, []),
    ],
)
def test_path_and_variable_are_those_of_this_process(
    kept: Tree, record: Record, environ: Any, told: List[str]
) -> None:
    assert codes(activation.check(kept.system(**environ), record)) == told


@pytest.mark.parametrize("name", ["python", "python3", "pip"])
def test_each_program_has_to_be_the_environment_s(kept: Tree, record: Record, name: str) -> None:
    kept.host(f"{DEST}/bin/{name}").unlink()
    (finding,) = activation.check(kept.system(**ACTIVE), record)
    assert finding.evidence.endswith(f"{name} is /usr/bin/{name}")
    assert finding.hint == f"`venvboot init {DEST}` says what is missing there"


@pytest.mark.parametrize(("path", "told"), [(PROFILE, "activation-changed"), (MARKER, "marker-gone")])
def test_files_outside_have_to_be_as_they_were_written(kept: Tree, record: Record, path: str, told: str) -> None:
    def findings() -> List[Finding]:
        system = kept.system(**ACTIVE)
        return [*activation.check(system, record), *(guard.check(system, record) or ())]

    kept.file(path, "other")
    assert codes(findings()) == [told]
    kept.host(path).unlink()
    assert codes(findings()) == [told]
    assert "is gone" in findings()[0].evidence


def test_a_diversion_that_was_removed_or_leads_elsewhere_is_told(kept: Tree, record: Record) -> None:
    kept.file("/var/lib/dpkg/diversions", f"{MARKER}\n/elsewhere\n:\n")
    assert codes(guard.check(kept.system(), record)) == ["diversion-gone"]
    kept.host("/var/lib/dpkg/diversions").unlink()
    assert codes(guard.check(kept.system(), record)) == ["diversion-gone"]


def test_without_a_guard_nothing_is_checked(kept: Tree, make_record: Callable[..., Record]) -> None:
    assert guard.check(kept.system(), make_record(guarded=False)) is None


def test_of_unshared_directories_the_topmost_are_told_with_the_number_below(kept: Tree, record: Record) -> None:
    for name in ("lib", "lib/python3.11", "bin"):
        kept.directory(f"{DEST}/{name}", 0o755)
    kept.directory(f"{DEST}/lib64-other", 0o755)
    found = {finding.subject: finding.message for finding in sharing.check(kept.system(), record)}
    assert set(found) == {f"{DEST}/bin", f"{DEST}/lib", f"{DEST}/lib64-other"}
    assert "directories below it: 1" in found[f"{DEST}/lib"]
    assert "below" not in found[f"{DEST}/bin"]


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("include-system-site-packages = false", []),
        ("include-system-site-packages = true", ["not-isolated"]),
        (None, ["not-isolated"]),
    ],
)
def test_isolation_is_what_pyvenv_cfg_says(kept: Tree, record: Record, config: str | None, told: List[str]) -> None:
    kept.host(f"{DEST}/pyvenv.cfg").unlink()
    if config is not None:
        kept.file(f"{DEST}/pyvenv.cfg", f"home = /usr/bin\n{config}\n")
    found = [code for code in codes(environment.check(kept.system(), record)) if code != "environment-not-startable"]
    assert found == told


def test_a_lost_hook_is_told(kept: Tree, record: Record) -> None:
    kept.file(f"{DEST}/lib/python3.11/site-packages/{hook.NAMES[0]}", "")
    assert "hook-missing" in codes(environment.check(kept.system(), record))


def test_what_was_swept_of_one_is_told_until_another_has_come_to_its_end(kept: Tree, record: Record) -> None:
    kept.file(f"{DEST}/{stages.SWEPT}", mode=0o664)
    (finding,) = (one for one in environment.check(kept.system(), record) if one.code == "sync-unfinished")
    assert finding.evidence == f"it left {DEST}/{stages.SWEPT}"


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_an_interrupted_sync_is_told(
    kept: Tree, record: Record, golden: Callable[[str, str], None], kind: str
) -> None:
    assert "sync-unfinished" not in codes(environment.check(kept.system(), record))
    path = f"{DEST}/{stages.NAME}"
    _ = kept.directory(path, 0o2700) if kind == "folder" else kept.link(path, "/nowhere")
    (finding,) = (one for one in environment.check(kept.system(), record) if one.code == "sync-unfinished")
    assert finding.severity is Severity.ERROR
    golden("sync_unfinished.txt", text.finding(finding))


def test_an_environment_that_does_not_start_is_told(kept: Tree, record: Record) -> None:
    """Nothing can be started in an unpacked image, so none of its environments starts."""
    assert codes(environment.check(kept.system(), record)) == ["environment-not-startable"]


@pytest.mark.parametrize(
    ("prepare", "evidence"),
    [
        (lambda _: None, "there is nothing at /opt/venv"),
        (lambda tree: tree.directory(DEST), "the file is not there"),
        (lambda tree: tree.file(f"{DEST}/{record_file.HALF_MADE_NAME}"), "its making was interrupted"),
        (lambda tree: tree.file(f"{DEST}/{record_file.NAME}", "{}"), "it can't be read as a record"),
    ],
)
def test_without_a_record_the_environment_is_broken_and_the_rest_not_checked(
    tree: Tree, prepare: Callable[[Tree], object], evidence: str
) -> None:
    prepare(tree)
    found = check.verify(tree.system(), DEST, None, tuple(check.PROMISES))
    (finding,) = found.findings
    assert found.states == {
        "origin": Promise.NOT_CHECKED,
        "environment": Promise.BROKEN,
        "sharing": Promise.NOT_CHECKED,
        "activation": Promise.NOT_CHECKED,
        "guard": Promise.NOT_CHECKED,
    }
    assert (finding.code, finding.evidence, finding.severity) == ("record-missing", evidence, Severity.ERROR)


def test_a_copied_environment_has_no_record_of_its_own(kept: Tree, record: Record) -> None:
    found = check.verify(kept.system(), "/opt/copy", record, ["guard"])
    (finding,) = found.findings
    assert found.states["environment"] is Promise.BROKEN
    assert "the record says /opt/venv" in finding.evidence


@pytest.mark.parametrize("name", ["sharing", "activation", "guard"])
def test_only_the_named_promise_is_checked(kept: Tree, record: Record, name: str) -> None:
    found = check.verify(kept.system(**ACTIVE), DEST, record, [name])
    states = dict(found.states)
    assert states.pop(name) is Promise.KEPT
    assert set(states.values()) == {Promise.NOT_CHECKED}
    assert found.findings == ()


def test_a_base_that_is_gone_is_an_error_and_the_same_bytes_are_none(
    kept: Tree, make_record: Callable[..., Record]
) -> None:
    kept.host("/usr/bin/python3.11").unlink()
    gone = make_record(base_path="/usr/bin/python3.11")
    found = check.verify(kept.system(), DEST, gone, ["origin"])
    assert (found.states["origin"], codes(found.findings)) == (Promise.BROKEN, ["interpreter-moved"])
    kept.elf("/usr/bin/python3.11")
    intact = make_record(base_sha256=kept.system().digest("/usr/bin/python3.11"))
    found = check.verify(kept.system(), DEST, intact, ["origin"])
    assert (found.states["origin"], found.findings) == (Promise.KEPT, ())
