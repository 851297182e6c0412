"""What of an environment only installing needs is told by names, and who needs it by metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

import pytest

from venvboot.facts import sealing
from venvboot.model import Record

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

DEST = "/opt/venv"
LIBRARY = f"{DEST}/lib/python3.11/site-packages"


@pytest.fixture
def environment(tree: Tree) -> Tree:
    tree.link(f"{DEST}/bin/python", "/usr/bin/python3.11")
    for name in ("pip", "pip3", "pip3.11", "pip-3.11", "pip-compile", "pipx", "app"):
        tree.file(f"{DEST}/bin/{name}", "", 0o775)
    for name in ("activate", "activate.csh", "Activate.ps1", "activate_this.py", "deactivate.csh", "activated"):
        tree.file(f"{DEST}/bin/{name}")
    for name in ("venvboot_pip.pth", "_venvboot_pip.py", "_virtualenv.pth", "other.pth"):
        tree.file(f"{LIBRARY}/{name}")
    for name in ("_venvboot_pip.cpython-311.pyc", "_venvboot_pip.cpython-311.opt-1.pyc", "six.cpython-311.pyc"):
        tree.file(f"{LIBRARY}/__pycache__/{name}")
    tree.file(f"{LIBRARY}/pip/__init__.py")
    tree.file(f"{LIBRARY}/pip-26.3.virtualenv")
    tree.file(f"{LIBRARY}/pip-26.3.dist-info/RECORD", "pip/__init__.py,,\n")
    tree.file(f"{LIBRARY}/app-1.0.dist-info/METADATA", "Name: app\n\nRequires-Dist: setuptools\n")
    return tree


def test_what_only_installing_needs_is_found_and_nothing_else(
    environment: Tree, make_record: Callable[..., Record]
) -> None:
    found = sealing.read(environment.system(), make_record())
    assert {path[len(f"{DEST}/bin/") :] for path in found.activators} == {
        "activate",
        "activate.csh",
        "Activate.ps1",
        "activate_this.py",
        "deactivate.csh",
    }
    assert {path.rpartition("/")[2] for path in found.hooks} == {
        "venvboot_pip.pth",
        "_venvboot_pip.py",
        "_virtualenv.pth",
        "_venvboot_pip.cpython-311.pyc",
        "_venvboot_pip.cpython-311.opt-1.pyc",
    }
    assert {path[len(DEST) + 1 :] for path in found.pip} == {
        "bin/pip",
        "bin/pip3",
        "bin/pip3.11",
        "bin/pip-3.11",
        "lib/python3.11/site-packages/pip",
        "lib/python3.11/site-packages/pip-26.3.virtualenv",
    }
    assert [(one.name, one.version) for one in found.installers] == [("pip", "26.3")]
    assert (found.needed_by, found.without_record, found.signs) == ({}, (), ())
    assert f"{LIBRARY}/pip-26.3.dist-info" in found.left


def test_what_has_nothing_of_it_has_nothing_left(tree: Tree, make_record: Callable[..., Record]) -> None:
    tree.file(f"{LIBRARY}/six.py")
    assert sealing.read(tree.system(), make_record()).left == ()


@pytest.mark.parametrize(
    ("line", "needs"),
    [
        ("Requires-Dist: setuptools", {"setuptools"}),
        ("requires-dist:Setuptools (>=40.8) ; python_version < '3'", {"setuptools"}),
        ("Requires-Dist: wheel[test]; extra == 'dev'", {"wheel"}),
        ("Requires-Dist: pip>=20", {"pip"}),
        ("Requires-Dist: pip; extra == 'dev'", set()),
        ("Requires-Dist: setuptools-scm", set()),
        ("Requires: setuptools", set()),
    ],
)
def test_who_needs_an_installer_is_told_by_metadata(
    environment: Tree, make_record: Callable[..., Record], line: str, needs: set[str]
) -> None:
    environment.file(f"{LIBRARY}/needy-1.0.dist-info/METADATA", f"Name: needy\n{line}\n\ntext\n")
    found = sealing.read(environment.system(), make_record())
    assert dict(found.needed_by) == dict.fromkeys(needs, ("needy",))


def test_what_installers_require_of_each_other_counts_for_nothing(
    environment: Tree, make_record: Callable[..., Record]
) -> None:
    wanted = "Name: setuptools\nRequires-Dist: wheel>=0.43; extra == 'test'\nRequires-Dist: pip>=19\n\n"
    environment.file(f"{LIBRARY}/setuptools-75.0.dist-info/METADATA", wanted)
    assert sealing.read(environment.system(), make_record()).needed_by == {}


def test_bytecode_beside_a_hook_goes_with_it(environment: Tree, make_record: Callable[..., Record]) -> None:
    beside = environment.file(f"{LIBRARY}/_venvboot_pip.pyc")
    assert beside in sealing.read(environment.system(), make_record()).hooks


def test_what_setuptools_installed_by_itself_tells_it_in_another_file(
    environment: Tree, make_record: Callable[..., Record]
) -> None:
    environment.file(f"{LIBRARY}/old-1.0-py3.11.egg-info/requires.txt", "setuptools>=1\n\n[dev]\nsix\n")
    assert sealing.read(environment.system(), make_record()).needed_by == {"setuptools": ("old",)}


def test_uv_s_lock_and_what_a_killed_run_began_are_told_and_a_filled_lock_is_not(
    environment: Tree, make_record: Callable[..., Record]
) -> None:
    environment.file(f"{DEST}/.lock")
    environment.file(f"{DEST}/CACHEDIR.TAG", "Signature")
    part = environment.file(f"{LIBRARY}/.venvboot_pip.pth.venvboot.part")
    found = sealing.read(environment.system(), make_record())
    assert found.signs == (f"{DEST}/.lock", f"{DEST}/CACHEDIR.TAG", part)
    environment.file(f"{DEST}/.lock", "somebody's")
    assert f"{DEST}/.lock" not in sealing.read(environment.system(), make_record()).signs
