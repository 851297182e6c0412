"""What is printed of compiled locks."""

from __future__ import annotations

from typing import Callable

from venvboot.model import Changes, CompiledLock
from venvboot.render import locks

MANY = Changes({"six": "1.17.0"}, {"flask": "2.0"}, {"requests": ("2.31.0", "2.32.3")})
ONE = CompiledLock("a.txt", MANY, differs=True)
SAME_PINS = CompiledLock("b.txt", Changes(), differs=True)
UNCHANGED = CompiledLock("c.txt", Changes(), differs=False)


def test_a_dry_run(golden: Callable[[str, str], None]) -> None:
    golden("locks_one.txt", locks.changes([ONE]))
    golden("locks_several.txt", locks.changes([ONE, SAME_PINS, UNCHANGED]))


def test_the_line_of_the_log() -> None:
    assert locks.summary(ONE) == "a.txt: 1 added, 1 changed, 1 removed"
    assert locks.summary(UNCHANGED) == "c.txt: unchanged"


def test_the_text_is_told_of_a_lock_for_stdout_alone() -> None:
    assert locks.as_json(ONE)["text"] is None
    assert locks.as_json(CompiledLock("-", MANY, differs=True, text="six==1\n"))["text"] == "six==1\n"
