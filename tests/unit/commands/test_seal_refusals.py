"""What can't be sealed is refused with evidence and a way out, before anything is changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable

import pytest

from venvboot import record as record_file
from venvboot.commands import fix, seal_refusals, targets
from venvboot.errors import Refused
from venvboot.model import Entry, FileState, Finding, Record, Seal

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

DEST = "/opt/venv"
CONFIG = "home = /usr/bin\ninclude-system-site-packages = false\nvirtualenv = 21.0\n"


@pytest.fixture
def made(tree: Tree) -> Tree:
    tree.file(f"{DEST}/pyvenv.cfg", CONFIG)
    tree.elf(f"{DEST}/bin/python")
    return tree


def refusal(call: Callable[..., Any], *words: Any, **named: Any) -> Finding:
    with pytest.raises(Refused) as caught:
        call(*words, **named)
    (finding,) = caught.value.findings
    assert finding.hint
    assert finding.evidence
    return finding


def test_an_environment_of_ours_can_be_sealed_by_root_and_its_owner(
    made: Tree, make_record: Callable[..., Record]
) -> None:
    seal_refusals.refuse(made.system(), make_record(), os.getuid())


@pytest.mark.parametrize("changes", [{"direct": True}, {"system_site_packages": True}], ids=str)
def test_what_is_no_isolated_environment_is_refused(
    made: Tree, make_record: Callable[..., Record], changes: Any
) -> None:
    found = refusal(seal_refusals.refuse, made.system(), make_record(**changes), 0)
    assert found.code == "seal-not-offered"


def test_what_another_maker_made_is_refused(made: Tree, make_record: Callable[..., Record]) -> None:
    made.file(f"{DEST}/pyvenv.cfg", CONFIG.replace("virtualenv", "prompt"))
    assert refusal(seal_refusals.refuse, made.system(), make_record(), 0).code == "seal-not-offered"


def test_an_unfinished_sync_comes_first(made: Tree, make_record: Callable[..., Record]) -> None:
    made.directory(f"{DEST}/.venvboot-sync")
    assert refusal(seal_refusals.refuse, made.system(), make_record(), 0).code == "sync-unfinished"


def test_another_user_than_root_and_the_owner_is_refused(
    made: Tree, make_record: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("venvboot.system.System.uid", 1001)
    assert refusal(seal_refusals.refuse, made.system(), make_record(), 0).code == "not-owner"
    seal_refusals.refuse(made.system(), make_record(), 1001)
    theirs = Entry(f"{DEST}/six.py", 1002, 0, 0o664, directory=False)
    assert refusal(seal_refusals.refuse_others, made.system(), [theirs]).subject == theirs.path
    denied = FileState("/etc/zsh/zshenv", exists=True, sha256=None, writable=False)
    found = refusal(seal_refusals.refuse_unwritable, made.system(), [denied], wrappers_too=False)
    assert found.subject == "/etc/zsh/zshenv"


def test_half_an_undoing_can_only_be_undone(made: Tree, make_record: Callable[..., Record]) -> None:
    record = make_record(seal=Seal.UNFINISHED, group=os.getegid())
    seal_refusals.refuse_half_undone(made.system(), record)
    made.file(f"{DEST}/pyvenv.cfg", "")
    found = refusal(seal_refusals.refuse_half_undone, made.system(), record)
    assert (found.code, found.hint) == ("seal-unfinished", f"`venvboot seal --undo --venv {DEST}` makes it again")
    assert targets.environment(_recorded(made, record).system(), DEST) == record


def _recorded(tree: Tree, record: Record) -> Tree:
    tree.file(f"{DEST}/{record_file.NAME}", record_file.dump(record))
    return tree


@pytest.mark.parametrize("path", [DEST, f"{DEST}/lib"])
@pytest.mark.parametrize(("state", "code"), [(Seal.SEALED, "sealed"), (Seal.UNFINISHED, "seal-unfinished")])
def test_nothing_in_a_sealed_environment_is_repaired(
    made: Tree, make_record: Callable[..., Record], path: str, state: Seal, code: str
) -> None:
    _recorded(made, make_record(seal=state, group=os.getegid()))
    made.directory(f"{DEST}/lib")
    assert refusal(fix._refuse_sealed, made.system(), path).code == code
    fix._refuse_sealed(made.system(), "/opt")
