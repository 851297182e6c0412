"""The table of the ways of starting, and the same as JSON."""

from __future__ import annotations

import json
from typing import Callable, Tuple

import pytest

from venvboot.model import Record
from venvboot.policy.ways import WAYS, Start
from venvboot.render import starts as printer

BY_NAME = {way.name: way for way in WAYS}


@pytest.fixture
def starts() -> Tuple[Start, ...]:
    return (
        Start(BY_NAME["exec form"], "/opt/venv"),
        Start(BY_NAME["sh -c"], "/usr"),
        Start(BY_NAME["bash -lc"], failure="bash: python3: not found"),
        Start(BY_NAME["sudo"], failure="there is no sudo", tried=False),
        Start(BY_NAME["cron, its own PATH"], "/usr"),
    )


def test_the_table_is_the_golden_one(
    starts: Tuple[Start, ...], make_record: Callable[..., Record], golden: Callable[[str, str], None]
) -> None:
    golden("starts.txt", printer.table(starts, make_record()))
    golden("starts.json", json.dumps(printer.as_json(starts, make_record()), indent=1) + "\n")


def test_no_prefix_forges_a_line(make_record: Callable[..., Record]) -> None:
    told = printer.table([Start(BY_NAME["sh -c"], "/x\nsh -c  /opt/venv\x1b[2J")], make_record())
    assert len(told.splitlines()) == 2
    assert "\x1b" not in told
