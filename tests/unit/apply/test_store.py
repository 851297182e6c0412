"""What syncs keep: found again for the same question, believed as far as digests go, and written at the end alone."""

from __future__ import annotations

import hashlib
import io
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot import system
from venvboot.apply.store import Store
from venvboot.model import Pin, Wheel
from venvboot.report import Reporter
from venvboot.system import System

CONTENT = b"the content of a wheel"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
OTHER = "ab" * 32
PIN = Pin("pkg", "1.0", (OTHER, SHA256))
FILE = "pkg-1.0-py3-none-any.whl"

numbers = iter(range(1 << 30))


def store(tmp_path: Path, cache: Optional[Path], said: Any = None, **environ: str) -> Store:
    """Return the store of a new run."""
    own = tmp_path / f"run{next(numbers)}"
    own.mkdir()
    system = System(environ=environ)
    return Store(system, Reporter(0, said or io.StringIO()), str(cache) if cache else None, str(own / "new"))


def fetched(tmp_path: Path, content: bytes = CONTENT) -> str:
    path = tmp_path / f"fetched{next(numbers)}" / FILE
    path.parent.mkdir()
    path.write_bytes(content)
    return str(path)


def filled(tmp_path: Path, pin: Pin = PIN) -> Path:
    """Return a cache in which there is the wheel for a pin."""
    cache = tmp_path / "cache"
    one = store(tmp_path, cache)
    one.take(pin, "tags", "options", fetched(tmp_path))
    one.keep()
    return cache


def choice(cache: Path) -> Path:
    (path,) = (cache / "sync/choices").iterdir()
    return path


def states(folder: Path) -> Dict[str, Tuple[int, ...]]:
    found: Dict[str, Tuple[int, ...]] = {}
    for path in (folder, *folder.rglob("*")):
        info = path.lstat()
        found[str(path)] = (info.st_mode, info.st_size, info.st_mtime_ns, info.st_ctime_ns)
    return found


def test_what_was_taken_is_found_by_the_next_run(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    one = store(tmp_path, cache)
    assert one.find(PIN, "tags", "options") is None
    path = fetched(tmp_path)
    taken = one.take(PIN, "tags", "options", path)
    assert not Path(path).exists()
    assert Path(taken.path).read_bytes() == CONTENT
    assert not cache.exists()
    one.keep()
    there = str(cache / "sync/wheels" / SHA256 / FILE)
    assert replace(taken, path=there) == Wheel("pkg", "1.0", there, SHA256, len(CONTENT))
    assert store(tmp_path, cache).find(PIN, "tags", "options") == replace(taken, path=there)
    assert Path(there).read_bytes() == CONTENT


def test_a_wheel_may_be_larger_than_what_is_read_of_an_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "DIGEST_LIMIT", len(CONTENT) - 1)
    assert System().digest(fetched(tmp_path)) is None
    assert store(tmp_path, None).take(PIN, "tags", "options", fetched(tmp_path)).sha256 == SHA256


def test_it_is_the_answer_to_that_question_alone(tmp_path: Path) -> None:
    cache = filled(tmp_path)
    others = [
        store(tmp_path, cache).find(replace(PIN, name="other"), "tags", "options"),
        store(tmp_path, cache).find(replace(PIN, version="2.0"), "tags", "options"),
        store(tmp_path, cache).find(replace(PIN, hashes=(SHA256,)), "tags", "options"),
        store(tmp_path, cache).find(PIN, "others", "options"),
        store(tmp_path, cache).find(PIN, "tags", "--only-binary x"),
    ]
    assert others == [None] * len(others)
    assert store(tmp_path, cache, PIP_INDEX_URL="x").find(replace(PIN, place="elsewhere"), "tags", "options")


def test_what_was_built_has_a_digest_that_no_lock_knows(tmp_path: Path) -> None:
    cache = filled(tmp_path, replace(PIN, hashes=(OTHER,)))
    found = store(tmp_path, cache).find(replace(PIN, hashes=(OTHER,)), "tags", "options")
    assert found
    assert (found.built, found.sha256) == (True, SHA256)
    choice(cache).write_text(json.dumps({"sha256": SHA256, "file": FILE, "built": False}))
    assert store(tmp_path, cache).find(replace(PIN, hashes=(OTHER,)), "tags", "options") is None


@pytest.mark.parametrize(
    "told",
    [
        {"file": f"../{SHA256}/{FILE}"},
        {"file": f"/etc/{FILE}"},
        {"file": f"./{FILE}"},
        {"file": "other.whl"},
        {"file": "pkg.txt"},
        {"file": ""},
        {"file": ".."},
        {"file": "a\0.whl"},
        {"file": "\ud800.whl"},
        {"file": 7},
        {"file": None},
        {"sha256": f"../wheels/{SHA256}"},
        {"sha256": "../../../outside"},
        {"sha256": SHA256.upper()},
        {"sha256": SHA256[1:]},
        {"sha256": f"{SHA256}\n"},
        {"sha256": OTHER},
        {"sha256": ""},
        {"sha256": [SHA256]},
    ],
)
def test_a_choice_leads_to_a_wheel_of_the_cache_or_nowhere(tmp_path: Path, told: Dict[str, Any]) -> None:
    cache = filled(tmp_path)
    for outside in ("outside", f"cache/outside/{SHA256}", "etc"):
        (tmp_path / outside).mkdir(parents=True)
        (tmp_path / outside / FILE).write_bytes(CONTENT)
    for digest in (SHA256.upper(), SHA256[1:], f"{SHA256}\n"):
        (cache / "sync/wheels" / digest).mkdir()
        (cache / "sync/wheels" / digest / FILE).write_bytes(CONTENT)
    for name in ("pkg.txt", "7"):
        (cache / "sync/wheels" / SHA256 / name).write_bytes(CONTENT)
    choice(cache).write_text(json.dumps({"sha256": SHA256, "file": FILE, "built": True, **told}))
    assert store(tmp_path, cache).find(PIN, "tags", "options") is None


GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from([SHA256, FILE, "../x.whl"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["sha256", "file", "built", "x"]), inner, max_size=4)
    ),
    max_leaves=6,
)


@given(content=st.binary(max_size=60) | GARBAGE.map(lambda told: json.dumps(told).encode()))
@example(content=b"[" * 3000)
@example(content=b'{"a":' * 3000)
@example(content=b"1" * 5000)
@example(content=b'"\\ud800"')
def test_whatever_a_choice_says_is_a_wheel_of_the_cache_or_none(tmp_path: Path, content: bytes) -> None:
    cache = tmp_path / "cache"
    if not cache.exists():
        filled(tmp_path)
    choice(cache).write_bytes(content)
    found = store(tmp_path, cache).find(PIN, "tags", "options")
    assert found is None or found.path == str(cache / "sync/wheels" / SHA256 / FILE)


def test_a_choice_of_another_kind_is_none(tmp_path: Path) -> None:
    cache = filled(tmp_path)
    path = choice(cache)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b" " * (1 << 16) + content[-1:])
    assert store(tmp_path, cache).find(PIN, "tags", "options") is None
    path.unlink()
    os.mkfifo(path)
    assert store(tmp_path, cache).find(PIN, "tags", "options") is None
    path.unlink()
    path.mkdir()
    assert store(tmp_path, cache).find(PIN, "tags", "options") is None


def test_without_a_cache_all_is_of_the_run(tmp_path: Path) -> None:
    one = store(tmp_path, None)
    assert one.shared is None
    taken = one.take(PIN, "tags", "options", fetched(tmp_path))
    assert Path(taken.path).is_relative_to(tmp_path)
    assert one.find(PIN, "tags", "options") is None
    before = states(tmp_path)
    one.keep()
    assert states(tmp_path) == before
    assert (list(one.entries()), one.tools("key"), one.bytecode("name")) == ([], (), None)


def test_compiled_code_is_that_of_the_run_or_of_the_cache(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    (cache / "sync/bytecode/folder").mkdir(parents=True)
    (cache / "sync/bytecode/name").touch()
    one = store(tmp_path, cache)
    assert one.bytecode("none") is None
    assert one.bytecode("folder") is None
    assert one.bytecode("name") == str(cache / "sync/bytecode/name")
    new = Path(one.new_bytecode("name"))
    new.parent.mkdir(parents=True)
    new.touch()
    assert one.bytecode("name") == str(new)


def test_archives_are_found_by_their_key(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    one = store(tmp_path, cache)
    for name in ("k1-aa.zip", "k1-bb.zip", "k2-aa.zip", "k1.txt"):
        Path(one.new_tools(name)).write_text(name)
    assert one.tools("k1") == ()
    one.keep()
    assert store(tmp_path, cache).tools("k1") == tuple(
        str(cache / f"sync/tools/k1-{name}.zip") for name in ("aa", "bb")
    )


def test_what_was_of_use_is_noted_and_nothing_else_touched(tmp_path: Path) -> None:
    cache = filled(tmp_path)
    wheel, chosen, old = cache / "sync/wheels" / SHA256 / FILE, choice(cache), cache / "sync/bytecode/old"
    code = cache / "sync/bytecode/code"
    outside, link = tmp_path / "outside", cache / "sync/bytecode/link"
    code.parent.mkdir()
    for path in (code, old, outside):
        path.touch()
    link.symlink_to(outside)
    for path in (wheel, chosen, code, old, outside):
        os.utime(path, (1, 1))
    one = store(tmp_path, cache)
    one.find(PIN, "tags", "options")
    one.used(str(code), str(cache / "sync/bytecode/none"), str(link))
    assert [path.stat().st_mtime for path in (wheel, chosen, code)] == [1, 1, 1]
    one.keep()
    assert [path.stat().st_mtime > 1 for path in (wheel, chosen, code)] == [True] * 3
    assert [path.stat().st_mtime for path in (old, outside)] == [1, 1]


def test_a_run_that_keeps_nothing_touches_nothing(tmp_path: Path) -> None:
    cache = filled(tmp_path)
    before = states(cache)
    one = store(tmp_path, cache)
    one.find(PIN, "tags", "options")
    one.take(replace(PIN, version="2.0"), "tags", "options", fetched(tmp_path, b"another"))
    one.new_bytecode("name")
    one.new_tools("key-x.zip")
    assert states(cache) == before


def test_files_are_told_and_folders_and_links_to_some_not(tmp_path: Path) -> None:
    cache = filled(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "theirs").touch()
    (cache / "sync/link").symlink_to(outside)
    (cache / "other").touch()
    found = [path for path, _ in store(tmp_path, cache).entries()]
    assert found == [str(choice(cache)), str(cache / "sync/wheels" / SHA256 / FILE)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("whose", [".", "sync"])
def test_to_root_another_user_s_store_is_none(tmp_path: Path, whose: str) -> None:
    cache = filled(tmp_path)
    os.chown(cache / whose, 1001, 1001)
    said = io.StringIO()
    one = store(tmp_path, cache, said)
    before = states(cache)
    assert one.find(PIN, "tags", "options") is None
    one.take(PIN, "tags", "options", fetched(tmp_path))
    one.keep()
    assert (one.shared, list(one.entries())) == (None, [])
    assert states(cache) == before
    assert "belongs to user 1001" in said.getvalue()


def test_what_a_wheel_became_is_that_of_the_cache(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    (cache / "sync/laid-out/folder").mkdir(parents=True)
    (cache / "sync/laid-out/name").touch()
    one = store(tmp_path, cache)
    assert one.laid_out("none") is None
    assert one.laid_out("folder") is None
    assert one.laid_out("name") == str(cache / "sync/laid-out/name")
    new = Path(str(one.new_laid_out("other")))
    new.parent.mkdir(parents=True)
    new.touch()
    one.keep()
    assert one.laid_out("other") == str(cache / "sync/laid-out/other")
    nothing = store(tmp_path, None)
    assert (nothing.laid_out("name"), nothing.new_laid_out("name")) == (None, None)


def test_there_is_as_much_room_as_the_smaller_has(tmp_path: Path, room: Path) -> None:
    """Of two file systems, where there are two."""
    free = {path: System().free(str(path)) for path in (tmp_path, room)}
    one = store(tmp_path, room / "cache/not/there")
    assert abs(one.room() - min(free.values())) < min(free.values()) // 10
    assert abs(store(tmp_path, None).room() - free[tmp_path]) < free[tmp_path] // 10


def test_what_became_of_a_wheel_counts_as_used_before_it(tmp_path: Path) -> None:
    """The oldest is removed first, and it is of no use without the wheel."""
    cache = tmp_path / "cache"
    paths = [cache / "sync" / part / "name" for part in ("wheels", "laid-out", "bytecode")]
    for path in paths:
        path.parent.mkdir(parents=True)
        path.touch()
    one = store(tmp_path, cache)
    one.used(*map(str, paths))
    one.keep()
    assert min(paths, key=lambda path: path.stat().st_mtime_ns).parent.name == "laid-out"
