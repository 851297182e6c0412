from __future__ import annotations

import threading

import pytest

from venvboot.meanwhile import meanwhile


def test_the_work_is_done_while_the_block_is() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work() -> int:
        begun.set()
        assert go_on.wait(10)
        return 7

    with meanwhile(work) as result:
        assert begun.wait(10)
        go_on.set()
        assert result() == 7
    assert result() == 7


def test_what_the_work_raised_is_raised_where_its_result_is_asked_for() -> None:
    def work() -> int:
        raise KeyError("gone")

    with meanwhile(work) as result:
        pass
    with pytest.raises(KeyError, match="gone"):
        result()


def test_the_block_is_not_left_before_the_work_has_ended_even_if_it_fails() -> None:
    ended = threading.Event()
    go_on = threading.Event()

    def work() -> None:
        assert go_on.wait(10)
        ended.set()

    def fail() -> None:
        with meanwhile(work):
            go_on.set()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert ended.is_set()
