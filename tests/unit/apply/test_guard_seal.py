"""Sealing a real directory and giving it back: modes, owners, interruptions, links, and what gets in between."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Callable, Dict, List, Tuple

import pytest

from venvboot.actions import SealDirectory, UnsealDirectory
from venvboot.apply import guard_seal
from venvboot.errors import NotWritten, VenvbootError
from venvboot.facts.guards import part_of
from venvboot.model import Remembered

TEXT = "# Written by venvboot\n"
State = Dict[str, Tuple[int, int, int, str]]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The directory to seal, in ``usr/local``; nothing is there yet."""
    (tmp_path / "usr/local/lib/python3.11").mkdir(parents=True)
    return tmp_path / "usr/local/lib/python3.11/dist-packages"


def trusted(place: Path) -> str:
    return str(place.parents[2])


def put_up(place: Path) -> None:
    guard_seal.seal(SealDirectory(str(place), trusted(place), TEXT))


def take_away(place: Path, before: Remembered) -> None:
    guard_seal.unseal(UnsealDirectory(str(place), trusted(place), before))


def state(place: Path) -> State:
    return {
        str(path): (info.st_mode, info.st_uid, info.st_gid, path.read_text() if path.is_file() else "")
        for path in sorted(Path(trusted(place)).rglob("*"))
        for info in [path.lstat()]
    }


def remembered(place: Path) -> Remembered:
    info = place.stat()
    return Remembered(stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid)


@pytest.mark.parametrize("mode", [0o755, 0o2775, 0o700])
def test_a_sealed_directory_comes_back_as_it_was(place: Path, mode: int) -> None:
    place.mkdir()
    place.chmod(mode)
    before, memory = state(place), remembered(place)
    put_up(place)
    assert (place.read_text(), stat.S_IMODE(place.stat().st_mode)) == (TEXT, 0o644)
    assert os.listdir(place.parent) == ["dist-packages"]
    take_away(place, memory)
    assert state(place) == before
    take_away(place, memory)
    assert state(place) == before


@pytest.mark.usefixtures("known_umask")
@pytest.mark.parametrize("made", [0, 1, 2])
def test_where_nothing_was_nothing_stays_and_parents_go_as_far_as_they_were_made(place: Path, made: int) -> None:
    os.umask(0o077)
    folder = place.parent
    for _ in range(made):
        folder.rmdir()
        folder = folder.parent
    before = state(place)
    put_up(place)
    assert place.read_text() == TEXT
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.parents[:made]} <= {0o755}
    take_away(place, Remembered(made=made))
    assert state(place) == before


def test_a_parent_that_was_filled_since_stays(place: Path) -> None:
    place.parent.rmdir()
    put_up(place)
    (place.parent / "site.py").write_text("")
    take_away(place, Remembered(made=1))
    assert os.listdir(place.parent) == ["site.py"]


def test_a_directory_that_was_filled_just_now_stays_as_it_is(place: Path) -> None:
    place.mkdir()
    (place / "six.py").write_text("six")
    before = state(place)
    with pytest.raises(VenvbootError) as caught:
        put_up(place)
    assert caught.value.findings[0].code == "not-sealed"
    assert state(place) == before


@pytest.mark.parametrize("call", ["unlink", "rmdir", "rename", "mkdir", "fchown", "fchmod"])
def test_killed_at_any_call_the_next_run_finishes_and_nothing_is_forgotten(
    place: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """What is known of the directory is in one whole text at every moment: in the seal or beside it."""
    place.mkdir()
    place.chmod(0o2775)
    before, memory = state(place), remembered(place)

    def killed(work: Callable[[], None], after: int) -> None:
        real = getattr(os, call)
        calls: List[object] = []

        def dying(*words: object, **named: object) -> object:
            if len(calls) == after:
                raise KeyboardInterrupt
            calls.append(words)
            return real(*words, **named)

        with monkeypatch.context() as patch:
            patch.setattr(os, call, dying)
            try:
                work()
            except KeyboardInterrupt:
                return

    for after in range(3):
        killed(lambda: put_up(place), after)
        texts = [found[3] for path, found in state(place).items() if path in (str(place), part_of(str(place)))]
        assert place.is_dir() or TEXT in texts
        if not place.is_file():
            put_up(place)
        assert place.read_text() == TEXT
        killed(lambda: take_away(place, memory), after)
        take_away(place, memory)
        assert state(place) == before


def test_no_link_is_followed(place: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "dist-packages").mkdir(parents=True)
    place.parent.rmdir()
    place.parent.symlink_to(outside)
    with pytest.raises(NotWritten):
        put_up(place)
    with pytest.raises(NotWritten):
        take_away(place, Remembered(0o755))
    assert (outside / "dist-packages").is_dir()
    assert os.listdir(outside) == ["dist-packages"]


def test_an_edited_seal_is_replaced(place: Path) -> None:
    place.write_text(TEXT + "edited\n")
    place.chmod(0o600)
    put_up(place)
    assert (place.read_text(), stat.S_IMODE(place.stat().st_mode)) == (TEXT, 0o644)
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_a_link_in_the_place_itself_is_no_directory(place: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    place.symlink_to(tmp_path / "outside")
    with pytest.raises(NotWritten):
        put_up(place)
    assert place.is_symlink()
    assert os.listdir(place.parent) == ["dist-packages"]


def test_what_somebody_laid_where_the_part_stands_is_not_written_through(place: Path, tmp_path: Path) -> None:
    place.mkdir()
    victim = tmp_path / "victim"
    victim.write_text("victim")
    Path(part_of(str(place))).symlink_to(victim)
    put_up(place)
    assert (place.read_text(), victim.read_text()) == (TEXT, "victim")
