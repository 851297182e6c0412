"""A run from pins to files: what the cache has is used if it is whole, and nothing changes before all is there."""

from __future__ import annotations

import io
import os
import re
import shutil
import stat
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

import pytest

from tests.unit.apply import real
from venvboot.apply import bytecode, filling, laid_out
from venvboot.apply.examined import foreseen
from venvboot.apply.kept import Kept, opened
from venvboot.errors import Refused, ToolFailed, WheelNotValid
from venvboot.facts.distributions import present
from venvboot.model import Bytecode, LockFile, Pin, Wheel
from venvboot.policy.amounts import amount
from venvboot.report import Reporter
from venvboot.system import System

EPOCH = 1_500_000_000
Run = Tuple[filling.Filling, Kept]


@dataclass
class Place:
    """An environment, a folder of wheels to fetch from, a cache, and what was said."""

    home: real.Environment
    source: Path
    cache: Path
    said: io.StringIO = field(default_factory=io.StringIO)
    pins: Dict[str, Pin] = field(default_factory=dict)

    @property
    def system(self) -> System:
        environ = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.source), "SOURCE_DATE_EPOCH": str(EPOCH)}
        return System(environ={"PATH": os.environ["PATH"], **environ})

    def wheel(self, name: str, files: Mapping[str, str] = real.NOTHING) -> Wheel:
        """Make a wheel that can be fetched, and pin it."""
        made = real.wheel(self.source, files or {f"{name}.py": f"VALUE = {name!r}\n"}, name=name)
        self.pins[name] = Pin(name, "1.0", (made.sha256,), f"lock, line {len(self.pins)}")
        return made

    def keep(self, *found: Wheel) -> None:
        """Put wheels into the cache, as an earlier run did."""
        with self.run() as (_, own):
            for one in found:
                copy = shutil.copy(one.path, own.folder)
                own.store.take(self.pins[one.name], self.home.python.tags, "", copy)
            own.store.keep()

    @contextmanager
    def run(self, *names: str, cached: bool = True, **more: Any) -> Iterator[Run]:
        lock = self.source.parent / "lock.txt"
        pins = tuple(self.pins[name] for name in names)
        lock.write_text("".join(f"{pin.name}=={pin.version} --hash=sha256:{pin.hashes[0]}\n" for pin in pins))
        request = filling.Request(pins, self.home.python, ("-r", str(lock)), "", **more)
        report = Reporter(0, self.said)
        with opened(self.system, report, self.home.record, str(self.cache) if cached else None) as own:
            yield filling.Filling(self.system, report, self.home.record, request, own), own

    def bring(self, *names: str, going: Sequence[str] = (), **more: Any) -> None:
        with self.run(*names, **more) as (run, own):
            run.gather()
            run.write(going, self.present())
            own.store.keep()

    def present(self) -> Dict[str, str]:
        return present(System(), self.home.record)

    def lines(self) -> List[str]:
        """Return what was said since it was asked last, without how long it took."""
        text = self.said.getvalue()
        self.said.seek(0)
        self.said.truncate()
        return re.sub(r"in \d+\.\d s", "in T s", text).splitlines()

    def kept(self, kind: str) -> List[Path]:
        return sorted(path for path in (self.cache / "sync" / kind).rglob("*") if path.is_file())


@pytest.fixture
def filled(place: real.Environment, tmp_path: Path) -> Place:
    (tmp_path / "source").mkdir()
    return Place(place, tmp_path / "source", tmp_path / "cache")


def files(folder: Path) -> Dict[str, Tuple[int, int]]:
    """Return time and size of all files."""
    found = ((path, path.lstat()) for path in folder.rglob("*") if not path.is_dir())
    return {str(path): (info.st_mtime_ns, info.st_size) for path, info in found}


def test_what_the_cache_has_is_brought_without_an_index(filled: Place) -> None:
    filled.keep(filled.wheel("one"), filled.wheel("two", {"two/__init__.py": "", "two/x.txt": "x"}))
    shutil.rmtree(filled.source)
    here, there = files(filled.home.dest), files(filled.cache)
    with filled.run("two", "one") as (run, own):
        incoming = run.gather()
        assert [(item.name, item.requested, item.needed_by, item.built) for item in incoming] == [
            ("one", True, "lock, line 0", False),
            ("two", True, "lock, line 1", False),
        ]
        assert files(filled.home.dest) == here
        run.write([], filled.present())
        assert files(filled.cache) == there
        own.store.keep()
    new = {path: info for path, info in files(filled.home.dest).items() if path not in here}
    assert {time for time, _ in new.values()} == {EPOCH * 10**9}
    assert filled.lines() == [
        "fetched 0 wheels, 0 bytes in T s; 2 more from the cache",
        "compiled 2 modules of 2 wheels in T s; 0 more from the cache",
        f"wrote {len(new)} files, {amount(sum(size for _, size in new.values()))} in T s",
    ]
    assert (filled.home.site / f"two/__pycache__/__init__.{real.TAG}.pyc").exists()
    assert len(filled.kept("bytecode")) == 2


def test_the_next_run_compiles_nothing(filled: Place, tmp_path: Path) -> None:
    filled.keep(filled.wheel("one"))
    filled.bring("one")
    first = {path[len(str(filled.home.dest)) :]: info for path, info in files(filled.home.dest).items()}
    moved = tmp_path / "moved"
    filled.home.dest.rename(moved)
    real.environment(filled.home.dest, filled.home.record)
    filled.lines()
    kept = [path for kind in ("bytecode", "laid-out", "wheels", "choices") for path in filled.kept(kind)]
    for path in kept:
        os.utime(path, (1, 1))
    filled.bring("one")
    assert [path.stat().st_mtime > 1 for path in kept] == [True] * 4
    lines = filled.lines()
    assert lines[:2] == [
        "fetched 0 wheels, 0 bytes in T s; 1 more from the cache",
        "compiled 0 modules of 0 wheels in T s; 1 more from the cache",
    ]
    assert lines[2].endswith("; 1 wheel copied as laid out before")
    second = {path[len(str(filled.home.dest)) :]: info for path, info in files(filled.home.dest).items()}
    assert {path: info for path, info in second.items() if path != "/bin/python"} == {
        path: info for path, info in first.items() if path != "/bin/python"
    }


def test_what_was_looked_into_already_is_taken_as_it_was_found(filled: Place) -> None:
    wheel = filled.wheel("one")
    filled.keep(wheel)
    with filled.run("one") as (run, own):
        kept = own.store.find(filled.pins["one"], filled.home.python.tags, "")
        assert kept
        lock = str(filled.source.parent / "lock.txt")
        own.examined.update(foreseen(filled.system, own.store, [LockFile(lock, lock)], {}))
        assert list(own.examined) == [kept.path]
        own.examined[kept.path] = replace(own.examined[kept.path], commands=("known",))
        assert [item.commands for item in run.gather()] == [("known",)]


def test_damaged_code_is_made_again(filled: Place) -> None:
    filled.keep(filled.wheel("one"))
    filled.bring("one")
    (code,) = filled.kept("bytecode")
    whole = code.read_bytes()
    code.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    shutil.rmtree(filled.home.site)
    filled.home.site.mkdir()
    filled.lines()
    filled.bring("one")
    assert filled.lines()[1:4] == [
        "compiled 0 modules of 0 wheels in T s; 1 more from the cache",
        "the compiled code of one in the cache is damaged, and is made again",
        "compiled 1 module of 1 wheel in T s; 0 more from the cache",
    ]
    assert stat.S_IMODE(code.stat().st_mode) == 0o644
    assert code.read_bytes() == whole
    assert (filled.home.site / f"__pycache__/one.{real.TAG}.pyc").exists()


def test_code_of_this_run_that_can_not_be_read_is_left_out(filled: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.keep(filled.wheel("one"))
    monkeypatch.setattr(bytecode, "LIMIT", 10)
    filled.bring("one")
    assert [line.partition(" in T s")[0] for line in filled.lines()[1:]] == [
        "compiled 1 module of 1 wheel",
        "wrote 6 files, 518 bytes",
    ]
    assert (filled.home.site / "one.py").exists()
    assert not (filled.home.site / "__pycache__").exists()


def test_what_a_wheel_became_is_made_again_where_it_is_damaged(filled: Place) -> None:
    filled.keep(filled.wheel("one", {"one.py": "VALUE = 'one'\n"}))
    filled.bring("one")
    (kept,) = filled.kept("laid-out")
    whole = kept.read_bytes()
    assert b"'one'" in whole
    kept.write_bytes(whole.replace(b"'one'", b"'two'"))
    shutil.rmtree(filled.home.site)
    filled.home.site.mkdir()
    filled.lines()
    filled.bring("one")
    lines = filled.lines()
    assert lines[2] == "what one became is damaged in the cache, and is laid out again"
    assert "copied" not in lines[3]
    assert kept.read_bytes() == whole
    assert (filled.home.site / "one.py").read_text() == "VALUE = 'one'\n"


def test_it_is_copied_for_any_form_of_bytecode(filled: Place) -> None:
    filled.keep(filled.wheel("one"))
    filled.bring("one", bytecode=Bytecode.NONE)
    shutil.rmtree(filled.home.site)
    filled.home.site.mkdir()
    filled.lines()
    filled.bring("one", bytecode=Bytecode.CHECKED_HASH)
    assert filled.lines()[-1].endswith("; 1 wheel copied as laid out before")
    pyc = f"__pycache__/one.{real.TAG}.pyc"
    assert (filled.home.site / pyc).read_bytes()[4:8] == b"\x03\0\0\0"
    assert real.record(filled.home.site / "one-1.0.dist-info")[pyc] == ("", "")


def test_without_a_cache_nothing_is_kept(filled: Place) -> None:
    filled.wheel("one")
    with filled.run("one", cached=False) as (run, own):
        run.gather()
        run.write([], filled.present())
        assert not Path(own.folder, "new/laid-out").exists()
    assert (filled.home.site / "one.py").exists()


@pytest.mark.parametrize("much", ["more than there is room for", "one too large"])
def test_of_wheels_that_become_much_nothing_is_kept(filled: Place, much: str) -> None:
    filled.keep(filled.wheel("one"), filled.wheel("two"))
    with filled.run("one", "two") as (run, own):
        run.gather()
        size = own.store.room() if much.startswith("more") else laid_out.LARGEST + 1
        run._arrived = {**run._arrived, "one": replace(run._arrived["one"], size=size)}
        run.write([], filled.present())
        own.store.keep()
    assert (filled.home.site / "one.py").exists()
    assert (len(filled.kept("laid-out")), len(filled.kept("bytecode"))) == (0 if much.startswith("more") else 1, 2)


def test_two_with_one_file_are_as_pip_leaves_them(filled: Place) -> None:
    """The first in the alphabet has what others bring as well."""
    for name in ("b", "a", "c"):
        filled.keep(filled.wheel(name, {"same.py": f"VALUE = {name!r}\n"}))
    filled.bring("b", "a", "c", bytecode=Bytecode.NONE)
    assert (filled.home.site / "same.py").read_text() == "VALUE = 'a'\n"
    assert len(list(filled.home.site.glob("*.dist-info"))) == 3


def test_without_pins_it_only_removes(filled: Place) -> None:
    filled.home.file(f"{real.site(filled.home)}/mine.py")
    before = filled.home.tree()
    info = filled.home.installed("gone", "gone.py")
    with filled.run() as (run, _):
        assert run.gather() == ()
        run.write([str(info)], filled.present())
    assert filled.home.tree() == before
    assert filled.lines() == []


def test_a_failure_leaves_all_as_it_was(filled: Place) -> None:
    """A wheel of the cache that isn't what its RECORD says passes every digest but those."""
    good = filled.wheel("good")
    bad = real.wheel(filled.source, {"bad.py": "1\n"}, name="bad", rows={"bad.py": real.row("bad.py", "2\n")})
    filled.pins["bad"] = Pin("bad", "1.0", (bad.sha256,))
    filled.keep(good, bad)
    info = filled.home.installed("kept", "kept.py")
    here, there = filled.home.tree(), files(filled.cache)
    with filled.run("good", "bad") as (run, _):
        run.gather()
        with pytest.raises(WheelNotValid):
            run.write([str(info)], filled.present())
    assert filled.home.tree() == here
    assert files(filled.cache) == there


def test_what_something_else_has_installed_meanwhile_is_not_mixed_with(filled: Place) -> None:
    filled.keep(filled.wheel("one"))
    before = filled.present()
    filled.home.installed("one", "one.py", version="2.0")
    here = filled.home.tree()
    with filled.run("one") as (run, _):
        run.gather()
        with pytest.raises(Refused) as caught:
            run.write([], before)
    assert [one.code for one in caught.value.findings] == ["sync-running"]
    assert filled.home.tree() == here


def test_what_was_built_for_the_cache_is_not_brought_unasked(filled: Place) -> None:
    wheel = filled.wheel("one")
    filled.pins["one"] = replace(filled.pins["one"], hashes=("ab" * 32,))
    filled.keep(wheel)
    found = {}
    for builds in ((), ("other",), ("one",), None):
        with filled.run("one", builds=builds) as (run, _):
            found[builds] = [one.built for one in run._stored()]
    assert found == {(): [], ("other",): [], ("one",): [True], None: [True]}


# -- fetching by a real pip ----------------------------------------------------------------------------------


def test_what_the_cache_lacks_is_fetched_and_kept_at_the_end(filled: Place) -> None:
    damaged = filled.wheel("damaged")
    filled.keep(damaged)
    (path,) = filled.kept("wheels")
    path.write_bytes(path.read_bytes() + b"!")
    new = filled.wheel("new")
    there = files(filled.cache)
    with filled.run("damaged", "new") as (run, own):
        assert [item.name for item in run.gather()] == ["damaged", "new"]
        run.write([], filled.present())
        assert files(filled.cache) == there
        own.store.keep()
    size = amount(damaged.size + new.size)
    assert [line for line in filled.lines() if "wrote" not in line] == [
        "the wheel of damaged in the cache is damaged, and is fetched again",
        f"fetched 2 wheels, {size} in T s; 0 more from the cache",
        "compiled 2 modules of 2 wheels in T s; 0 more from the cache",
    ]
    assert sorted(real.sha256(path) for path in filled.kept("wheels")) == sorted([damaged.sha256, new.sha256])
    assert (filled.home.site / "damaged.py").exists()
    assert (filled.home.site / "new.py").exists()


def test_many_are_fetched_by_several_processes_and_a_failure_of_one_is_pip_s(filled: Place) -> None:
    names = [f"p{number}" for number in range(2 * filling.PINS_EACH)]
    for name in names:
        filled.wheel(name)
    filled.pins[names[-1]] = replace(filled.pins[names[-1]], hashes=("ab" * 32,))
    with filled.run(*names, cached=False) as (run, _), pytest.raises(ToolFailed) as caught:
        run.gather()
    (finding,) = caught.value.findings
    assert finding.code == "pip-failed"
    assert "p7" in caught.value.output
    assert "hash" in caught.value.output.lower()


@pytest.mark.parametrize(
    ("told", "moment"),
    [("0", 0), ("1500000000", EPOCH), ("", None), ("-1", None), ("1.5", None), ("soon", None), ("\u00b2", None)],
)
def test_the_time_of_all_files_is_told_or_almost_now(told: str, moment: int | None) -> None:
    found = filling.moment({"SOURCE_DATE_EPOCH": told} if told else {})
    assert found == moment if moment is not None else time.time() - 3 < found <= time.time() - 1
