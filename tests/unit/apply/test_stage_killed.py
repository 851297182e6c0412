"""A sync that is killed at whatever moment leaves each distribution whole or not at all, once it was swept."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

from tests.unit.apply import real
from venvboot.apply import stage
from venvboot.facts import installed_files, stages
from venvboot.system import System

KILLED = 9
BEFORE = ["gone-1.0", "kept-1.0", "other-1.0"]
ALL = ["added-1.0", "kept-1.0", "new-1.0", "other-2.0"]

# What changes a file system
CALLS = ("mkdir", "open", "rename", "rmdir", "unlink")

Changes = Callable[[], None]


def put(place: real.Environment, number: str, name: str, *rows: str, version: str = "1.0") -> str:
    """Put a distribution into the stage, and return the place that it has there."""
    info = f"{name}-{version}.dist-info"
    own = [f"{info}/{file}" for file in ("METADATA", "RECORD")]
    content = dict.fromkeys(rows, f"of {name} {version}\n")
    content[own[0]] = f"Name: {name}\nVersion: {version}\n"
    content[own[1]] = real.table([(path, "", "") for path in (*rows, *own)])
    site = place.site.relative_to(place.dest)
    for path, text in content.items():
        part = stage.METADATA if path in own else stage.FILES
        file = place.dest / stages.NAME / number / part / os.path.normpath(site / path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return number


def prepared(place: real.Environment) -> None:
    place.installed("kept", "same/kept.py", "same/both.py")
    place.installed("gone", "gone.py", "same/gone.py", "same/both.py")
    place.installed("other", "other/__init__.py", "other/old/x.py", "../../../bin/other")
    place.file(str(place.site / f"other/__pycache__/__init__.{real.TAG}.pyc"))
    place.file(str(place.site / "other/mine.txt"))


def commit(place: real.Environment, changes: Optional[Changes] = None) -> None:
    """Bring ``added``, another version of ``other`` and all of ``new``; remove ``gone``."""
    with stage.opened(System(), place.record) as staged:
        places = [
            put(place, "0000", "other", "other/__init__.py", "other/new/x.py", "../../../bin/other", version="2.0"),
            put(place, "0001", "new", "new/x.py", "../../../share/new.txt"),
            put(place, "0002", "added", "same/added.py"),
        ]
        present = installed_files.metadata_of(System(), str(place.site))
        going = [info for info in present if "gone-" in info or "other-1" in info]
        if changes:
            changes()
        staged.commit(going, places)


def killed_in(work: Callable[[], object]) -> bool:
    """Do something in a process of its own; tell whether it was ended as by ``end_at``."""
    process = os.fork()
    if process == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == KILLED


def killed_at(place: real.Environment, moment: int) -> bool:
    """Commit in a process that ends before the change of that number; tell whether it came so far."""
    return killed_in(lambda: commit(place, lambda: end_at(moment)))


def end_at(moment: int) -> None:
    """Let this process end in place of one of its changes to the file system."""
    left = [moment]

    def counted(call: Any, path: Any, *words: Any, **more: Any) -> Any:
        flags = words[0] if words and call.__name__ == "open" else os.O_CREAT
        if flags & os.O_CREAT:
            if left[0] == 0:
                os._exit(KILLED)
            left[0] -= 1
        return call(path, *words, **more)

    for name in CALLS:
        call = getattr(os, name)
        setattr(os, name, lambda *words, call=call, **more: counted(call, *words, **more))


def distributions(place: real.Environment) -> Dict[str, List[str]]:
    """Return the files of the distributions that are there, by name and version, as their RECORD has them."""
    return {
        info.name[: -len(".dist-info")]: [os.path.normpath(info.parent / path) for path in real.record(info)]
        for info in sorted(place.site.glob("*.dist-info"))
        if (info / "RECORD").exists()
    }


def assert_whole(place: real.Environment) -> List[str]:
    """Assert that what is there are all files of some distributions, and nothing else; return their names."""
    found = distributions(place)
    there = {f"{place.dest}/{path}" for path in place.tree() if path not in ("bin/python", "include")}
    code = {path for path in there if path.endswith(".pyc")}
    assert len(code) == ("other-1.0" in found)
    mine = {f"{place.site}/other/mine.txt"}
    assert there - code == {path for paths in found.values() for path in paths} | mine
    return sorted(found)


def test_a_commit_brings_what_it_should(place: real.Environment) -> None:
    prepared(place)
    commit(place)
    assert assert_whole(place) == ALL
    assert not stages.is_unfinished(System(), str(place.dest))
    assert (place.site / "other/__init__.py").read_text() == "of other 2.0\n"


def test_whenever_it_is_killed_the_next_run_goes_on_from_what_is_whole(
    room: Path, make_record: Callable[..., Any]
) -> None:
    seen = set()
    moment = 0
    while True:
        place = real.environment(room / f"venv{moment}", make_record())
        prepared(place)
        if not killed_at(place, moment):
            break
        assert stages.is_unfinished(System(), str(place.dest)), moment
        stage.sweep(System(), place.record)
        may_be_missed = stages.is_unfinished(System(), str(place.dest))
        stage.finish(System(), place.record)
        found = assert_whole(place)
        assert "kept-1.0" in found, moment
        assert may_be_missed or found in (BEFORE, ALL), moment
        seen.add(tuple(found))
        commit(place)
        assert assert_whole(place) == ALL, moment
        moment += 5 if found == ALL else 1  # what is left to do then is to clear up
    assert moment > 40
    assert ("gone-1.0", "kept-1.0", "other-1.0") in seen
    assert tuple(ALL) in seen
    assert len(seen) > 3


def test_a_sweep_that_is_killed_is_gone_on_with(room: Path, make_record: Callable[..., Any]) -> None:
    def swept(place: real.Environment, moment: int) -> None:
        end_at(moment)
        stage.sweep(System(), place.record)

    moment, is_killed = 0, True
    while is_killed:
        place = real.environment(room / f"venv{moment}", make_record())
        prepared(place)
        assert killed_at(place, 60)
        is_killed = killed_in(partial(swept, place, moment))
        if is_killed:
            stage.sweep(System(), place.record)
        assert not (place.dest / stages.NAME).exists(), moment
        assert stages.is_unfinished(System(), str(place.dest)), moment  # until a sync brings what is missed
        stage.finish(System(), place.record)
        assert not stages.is_unfinished(System(), str(place.dest)), moment
        assert assert_whole(place) == ["kept-1.0"], moment
        moment += 2
    assert moment > 20
