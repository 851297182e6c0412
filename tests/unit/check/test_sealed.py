"""The promises on a sealed tree: what an open one must have, this one must not, and the other way about."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Callable, List, Sequence

import pytest

from venvboot import check
from venvboot.check import activation, environment, sharing
from venvboot.model import Finding, Promise, Record, Seal
from venvboot.policy import ways
from venvboot.policy.ways import WAYS, Start

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

DEST = "/opt/venv"
LIBRARY = f"{DEST}/lib/python3.11/site-packages"
ACTIVE = {"PATH": f"{DEST}/bin:/usr/bin", "VIRTUAL_ENV": DEST}


def codes(findings: Sequence[Finding] | None) -> List[str]:
    return [finding.code for finding in findings or () if finding.code != "seal-of-owner"]


@pytest.fixture
def record(make_record: Callable[..., Record]) -> Record:
    made: Record = make_record(
        activations=(), files=(), locks=(), group=os.getegid(), seal=Seal.SEALED, taken=("profile.d", "zshenv")
    )
    return made


@pytest.fixture
def kept(tree: Tree) -> Tree:
    tree.file(f"{DEST}/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n")
    for name in ("python", "python3"):
        tree.elf(f"{DEST}/bin/{name}")
    tree.elf("/usr/bin/pip")
    tree.file(f"{LIBRARY}/six.py")
    return tree


def test_a_sealed_tree_has_no_finding_and_needs_no_pip_on_path(kept: Tree, record: Record) -> None:
    system = kept.system(**ACTIVE)
    assert codes(activation.check(system, record)) == []
    assert codes(sharing.check(system, record)) == []
    told = codes(environment.check(system, record))
    assert told == ["environment-not-startable"]  # nothing is started of an unpacked image


@pytest.mark.parametrize(
    "path",
    [
        f"{DEST}/bin/pip3",
        f"{DEST}/bin/activate.fish",
        f"{LIBRARY}/pip/__init__.py",
        f"{LIBRARY}/pip-26.3.dist-info/METADATA",
        f"{LIBRARY}/venvboot_pip.pth",
    ],
)
def test_what_a_seal_takes_is_told_where_it_is_there_again(kept: Tree, record: Record, path: str) -> None:
    kept.file(path)
    assert "seal-broken" in codes(environment.check(kept.system(), record))
    assert "seal-broken" not in codes(environment.check(kept.system(), replace(record, seal=Seal.OPEN)))


@pytest.mark.parametrize(
    ("path", "mode", "told"),
    [
        (DEST, 0o2775, ["sealed-writable"]),
        (DEST, 0o777, ["sealed-writable"]),
        (f"{DEST}/pyvenv.cfg", 0o664, ["sealed-writable"]),
        (f"{DEST}/pyvenv.cfg", 0o646, ["sealed-writable"]),
        (f"{DEST}/pyvenv.cfg", 0o640, ["not-readable"]),
        (f"{LIBRARY}/six.py", 0o600, ["not-readable"]),
        (f"{DEST}/lib", 0o750, ["not-readable"]),
        (f"{DEST}/lib", 0o2755, []),
        (f"{DEST}/pyvenv.cfg", 0o444, []),
    ],
)
def test_modes_are_those_of_a_sealed_tree(kept: Tree, record: Record, path: str, mode: int, told: List[str]) -> None:
    kept.host(path).chmod(mode)
    found = sharing.check(kept.system(), record)
    assert codes(found) == told
    assert all(f"`venvboot seal --venv {DEST}`" in one.hint for one in found if one.code in told)
    kept.host(path).chmod(0o755)


def test_a_file_with_several_names_is_to_be_copied_since_no_seal_touches_it(kept: Tree, record: Record) -> None:
    path = f"{LIBRARY}/six.py"
    kept.host(path).chmod(0o664)
    os.link(kept.host(path), kept.host("/other.py"))
    (found,) = [one for one in sharing.check(kept.system(), record) if one.code == "sealed-writable"]
    assert found.hint.startswith(f"cp -p {path} {path}.copy && mv {path}.copy {path}, and ")


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_what_another_user_owns_that_user_can_write(kept: Tree, record: Record) -> None:
    os.chown(kept.host(f"{LIBRARY}/six.py"), 1001, -1)
    assert codes(sharing.check(kept.system(), record)) == ["sealed-writable"]
    os.chown(kept.host(DEST), 1001, -1)
    assert "seal-of-owner" in [one.code for one in sharing.check(kept.system(), record)]


def test_half_a_seal_is_one_finding_and_nothing_is_kept(kept: Tree, record: Record) -> None:
    found = check.verify(kept.system(), DEST, replace(record, seal=Seal.UNFINISHED), tuple(check.PROMISES))
    assert codes(found.findings) == ["seal-unfinished"]
    assert {name for name, state in found.states.items() if state is Promise.BROKEN} == {"environment"}
    assert Promise.KEPT not in found.states.values()


def test_a_way_that_the_seal_took_is_no_fault_and_the_table_says_what_leaves_it_there(record: Record) -> None:
    login = Start(next(way for way in WAYS if way.served_by == "profile.d"), prefix="/usr")
    assert ways.findings([login], record) == ()
    assert "`venvboot seal --activate profile.d`" in ways.mend(login, record)
    never = replace(record, taken=())
    assert codes(ways.findings([login], never)) == ["start-missed"]
