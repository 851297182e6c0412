"""``sync`` by wheels: what goes this way at all, and what pip's failures come to."""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import tarfile
from pathlib import Path
from typing import Any, Callable, Optional, Tuple

import pytest

from tests.unit.apply import real
from venvboot.apply import kept, lock
from venvboot.commands import Context, filled, filling_options, targets
from venvboot.commands.front_door import FrontDoor
from venvboot.errors import Refused, ToolFailed
from venvboot.model import Changes, InstallTarget, Isolation, LockFile, OwnedPython, Pin, Record
from venvboot.render import text
from venvboot.report import Reporter
from venvboot.system import System

NO_OWNED = OwnedPython({}, {}, {})
PIN = Pin("a", "1.0", ("ab" * 32,))


def given(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    filling_options.configure(parser)
    return parser.parse_args(words)


def environment(record: Record) -> targets.Environment:
    target = InstallTarget(Isolation.ISOLATED, record.python, record.dest, record.base_version, record.site_packages)
    return targets.Environment(record, target, ())


def difference(pins: Optional[Tuple[Pin, ...]], python: Any = None) -> lock.Difference:
    return lock.Difference((), Changes(add={pin.name: pin.version for pin in pins or ()}), pins, python)


def failed(output: str) -> ToolFailed:
    return ToolFailed("pip-failed", "wheel", "pip wheel", 1, output, "")


@pytest.mark.parametrize(
    ("pins", "hashes", "direct", "possible"),
    [
        ((PIN,), True, False, True),
        ((PIN,), False, False, False),
        ((PIN,), True, True, False),
        ((), True, False, True),
        ((), False, False, True),
        ((), True, True, False),
        (None, True, False, False),
        (None, False, False, False),
    ],
)
def test_what_is_pinned_with_hashes_goes_this_way_into_an_environment(
    make_record: Callable[..., Record], pins: Any, *, hashes: bool, direct: bool, possible: bool
) -> None:
    place = environment(make_record(direct=direct))
    assert filled.is_possible(place, difference(pins), hashes=hashes) is possible


# -- what pip fails with -------------------------------------------------------------------------------------


def test_a_needed_build_is_refused_with_the_word_that_allows_it(
    golden: Callable[[str, str], None], make_record: Callable[..., Record]
) -> None:
    place = environment(make_record())
    address = "https://files.example.org/Foo_Bar-1.0.tar.gz"
    told = []
    for name in ("Foo_Bar", "-"):
        error = failed(f"Collecting {name}\nERROR: needs a build: {name} {address}\n")
        found = filled.told(System(), error, place, [], "/usr/lib/python3.11")
        assert isinstance(found, Refused)
        (finding,) = found.findings
        assert (finding.code, finding.subject) == ("needs-build", "foo-bar" if name == "Foo_Bar" else address)
        told.append(text.finding(finding))
    golden("needs_build.txt", "".join(told))


@pytest.mark.parametrize("output", ["", "ERROR: no such option", "it needs a build of some kind", "needs a build: x"])
def test_any_other_failure_is_told_as_it_is(output: str, make_record: Callable[..., Record]) -> None:
    error = failed(output)
    assert filled.told(System(), error, environment(make_record()), [], "/usr/lib/python3.11") is error


def test_of_many_wheels_that_are_fetched_one_that_is_none_is_refused(
    tmp_path: Path, make_record: Callable[..., Record]
) -> None:
    """By a real pip, in several processes, and nothing of what needs it is run or written."""
    home = real.environment(tmp_path / "venv", make_record())
    source = tmp_path / "source"
    source.mkdir()
    pins = [Pin(f"p{number}", "1.0", (real.wheel(source, name=f"p{number}").sha256,)) for number in range(7)]
    archive = source / "p7-1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        setup = f"open({str(tmp_path / 'run')!r}, 'w')\n".encode()
        member = tarfile.TarInfo("p7-1.0/setup.py")
        member.size = len(setup)
        file.addfile(member, io.BytesIO(setup))
    pins.append(Pin("p7", "1.0", (hashlib.sha256(archive.read_bytes()).hexdigest(),)))
    path = tmp_path / "lock.txt"
    path.write_text("".join(f"{pin.name}==1.0 --hash=sha256:{pin.hashes[0]}\n" for pin in pins))
    system = System(environ={"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(source)})
    place, report = environment(home.record), Reporter(-1, io.StringIO())
    door, found = FrontDoor(system, place.target, NO_OWNED), difference(tuple(pins), home.python)
    before, cache = home.tree(), tmp_path / "cache"
    with kept.opened(system, report, home.record, str(cache)) as own, pytest.raises(Refused) as caught:
        filled.fill(Context(system, report), place, [LockFile(str(path), str(path))], found, door, given(), own)
    assert [(one.code, one.subject) for one in caught.value.findings] == [("needs-build", "p7")]
    assert home.tree() == before
    assert not cache.exists()
    assert not (tmp_path / "run").exists()


# -- what is read for it -------------------------------------------------------------------------------------


def test_what_has_a_record_is_removed_by_it(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    home = real.environment(tmp_path / "venv", make_record())
    one, _ = home.installed("One_x", "one.py"), home.installed("other", "other.py")
    (home.installed("bare", "bare.py") / "RECORD").unlink()
    (home.site / "egg.egg-info").mkdir()
    two = home.installed("one.x", "two.py", version="0.9")
    found = filled._metadata(System(), home.record, ["one-x", "bare", "egg", "none"])
    assert found == ((str(one), str(two)), ("bare", "egg", "none"))
