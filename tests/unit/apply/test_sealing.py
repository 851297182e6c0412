"""A tree is closed by open directories, its distributions are taken out, and nothing outside of it is touched."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Callable

import pytest

from venvboot import record as record_file
from venvboot.actions import CloseTree, RemoveDistribution, RemovePaths, ShareTree
from venvboot.apply import sealing
from venvboot.apply.repair import close
from venvboot.errors import NotWritten, VenvbootError
from venvboot.facts import access
from venvboot.model import Record
from venvboot.system import System

ME = os.getuid()


@pytest.fixture
def venv(tmp_path: Path, make_record: Callable[..., Record]) -> Path:
    root = tmp_path / "v"
    library = root / "lib/python3.11/site-packages"
    (library / "pip" / "__pycache__").mkdir(parents=True)
    (library / "pip" / "__init__.py").write_text("")
    (library / "pip" / "__pycache__" / "__init__.cpython-311.opt-1.pyc").write_text("")
    (library / "shared.py").write_text("")
    records = {"pip-26.3": "pip/__init__.py,,\nshared.py,,\n../../../bin/pip,,\n", "other-1": "shared.py,,\n"}
    for name, rows in records.items():
        (library / f"{name}.dist-info").mkdir()
        (library / f"{name}.dist-info" / "RECORD").write_text(rows)
    (root / "bin").mkdir()
    (root / "bin" / "pip").write_text("#!python\n")
    (root / "bin" / "pip").chmod(0o775)
    (root / ".lock").touch(0o666)
    record = make_record(dest=str(root), group=os.getgid())
    (root / record_file.NAME).write_text(record_file.dump(record))
    for path in (root, *(path for path in root.rglob("*") if path.is_dir())):
        path.chmod(0o2775)
    return root


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_closed_everything_is_the_owner_s_and_uv_s_lock_too(venv: Path) -> None:
    os.chmod(venv / ".lock", 0o666)
    done = close(str(venv), ME, ME)
    assert done.not_owned == []
    assert {mode(path) for path in (venv, *venv.rglob("*")) if path.is_dir()} == {0o755}
    assert {mode(path) for path in venv.rglob("*") if path.is_file()} == {0o644, 0o755}
    assert access.read_sealed(System(), str(venv), ME).wrong == ()
    before = [path.lstat().st_ctime_ns for path in sorted(venv.rglob("*"))]
    again = close(str(venv), ME, ME)
    assert (again.directories, again.files) == (0, 0)
    assert [path.lstat().st_ctime_ns for path in sorted(venv.rglob("*"))] == before


def test_no_link_is_followed_and_no_second_name_changed(venv: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("")
    outside.chmod(0o666)
    (venv / "link").symlink_to(outside)
    os.link(outside, venv / "second")
    close(str(venv), ME, ME)
    assert mode(outside) == 0o666
    (tmp_path / "way").symlink_to(venv)
    with pytest.raises(NotWritten):
        close(str(tmp_path / "way"), ME, ME)


@pytest.mark.skipif(ME != 0, reason="only root gives files away")
def test_root_gives_what_others_made_to_the_owner_and_another_user_only_lists_it(venv: Path) -> None:
    theirs = venv / "bin" / "pip"
    os.chown(theirs, 1001, -1)
    assert close(str(venv), 0, 1002).not_owned != []
    assert close(str(venv), 0, 0).not_owned == []
    assert (theirs.lstat().st_uid, mode(theirs)) == (0, 0o755)


def test_files_of_others_end_a_seal_as_a_failure_that_names_them(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(System, "uid", ME + 1)
    with pytest.raises(VenvbootError) as caught:
        sealing.carry_out(System(), CloseTree(str(venv), ME, 0, 0, 0))
    assert caught.value.findings[0].code == "not-owner"


def test_a_distribution_goes_by_its_record_and_what_another_owns_stays(venv: Path) -> None:
    library = venv / "lib/python3.11/site-packages"
    info = library / "pip-26.3.dist-info"
    sealing.carry_out(System(), RemoveDistribution(str(venv), "pip", "26.3", str(info)))
    assert not info.exists()
    assert not (venv / "bin" / "pip").exists()
    assert (library / "shared.py").exists()
    assert (library / "pip").exists()  # bytecode that no RECORD tells of
    sealing.carry_out(System(), RemoveDistribution(str(venv), "pip", "26.3", str(info)))  # once more is no fault


def test_paths_go_with_all_in_them_and_an_empty_folder_of_bytecode_too(venv: Path, tmp_path: Path) -> None:
    library = venv / "lib/python3.11/site-packages"
    (library / "__pycache__").mkdir()
    hook = library / "__pycache__" / "hook.pyc"
    hook.write_text("")
    kept = tmp_path / "kept"
    kept.mkdir()
    (library / "pip" / "link").symlink_to(kept)
    paths = tuple(map(str, (library / "pip", hook, venv / "gone")))
    sealing.carry_out(System(), RemovePaths(str(venv), paths, "test"))
    assert not (library / "pip").exists()
    assert not (library / "__pycache__").exists()
    assert kept.is_dir()
    sealing.carry_out(System(), RemovePaths(str(venv), paths, "test"))


def test_nothing_is_removed_through_a_link(venv: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "activate").write_text("")
    (venv / "bin" / "pip").unlink()
    (venv / "bin").rmdir()
    (venv / "bin").symlink_to(elsewhere)
    with pytest.raises(NotWritten):
        sealing.carry_out(System(), RemovePaths(str(venv), (str(venv / "bin" / "activate"),), "test"))
    assert (elsewhere / "activate").exists()


def test_the_group_gets_it_back(venv: Path) -> None:
    close(str(venv), ME, ME)
    sealing.carry_out(System(), ShareTree(str(venv), os.getgid()))
    assert access.read(System(), str(venv), os.getgid()).wrong == ()
