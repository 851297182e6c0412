"""What a lock pins, and which of its lines hold a secret."""

from __future__ import annotations

from typing import Dict, Set

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.policy.pins import digests, pins, with_credentials, with_paths

LOCK = """\
# comment==1.0
--index-url https://host/simple
Foo_Bar[x]==1.0 ; python_version < "3.10" \\
    --hash=sha256:00
    # via baz==2
baz===2.0+local \\
    --hash=sha256:00
direct @ https://host/direct.whl \\
    --hash=sha256:00
-e ./mine
"""


def test_each_pin_is_told_by_its_canonical_name() -> None:
    assert pins(LOCK) == {"foo-bar": "1.0", "baz": "2.0+local", "direct": "https://host/direct.whl"}
    assert pins("") == {}


A, B, C = "a" * 64, "b" * 64, "c" * 64
HASHED = f"""\
Foo_Bar[x]==1.0 ; python_version < "3.10" \\
    --hash=sha256:{A} \\
    --hash=sha256:{B}
    # via baz==2
baz===2.0+local --hash=sha256:{C} --hash=sha512:{A}
"""


@pytest.mark.parametrize(
    ("present", "found"),
    [
        ({}, {A, B, C}),
        ({"foo-bar": "1.0"}, {C}),
        ({"foo-bar": "1.0.0", "baz": "2.0+local"}, {A, B}),
        ({"foo-bar": "1.0", "baz": "2.0+local"}, set()),
    ],
)
def test_digests_are_those_of_pins_that_are_not_there(present: Dict[str, str], found: Set[str]) -> None:
    assert digests(HASHED, present) == found


@given(st.text())
def test_no_text_has_digests_of_another_form(text: str) -> None:
    found = digests(f"{text}\n{HASHED}", {})
    assert found >= {A, B, C}
    assert all(len(one) == 64 and set(one) <= set("0123456789abcdef") for one in found)


def test_what_is_pinned_by_a_place_of_the_machine_is_told() -> None:
    assert with_paths(f"{LOCK}mine @ file:///home/me/mine.whl\n    # file:///x\n") == ("mine",)
    assert with_paths(LOCK) == ()


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("pkg @ https://user:secret@host/x.whl", "pkg"),
        ("pkg @ git+https://token@host/x", "pkg"),
        ("pkg @ git+ssh://git:secret@host/x", "pkg"),
        ("https://user:s@cret@host/x.whl", "https"),
    ],
)
def test_a_password_or_a_token_is_found_and_not_told(line: str, place: str) -> None:
    assert with_credentials(f"a==1\n{line}\n") == (place,)


@pytest.mark.parametrize(
    "line", ["pkg @ git+ssh://git@host/x", "pkg @ https://host/a@b", "pkg @ git+https://host/x@v1"]
)
def test_an_address_without_one_is_none(line: str) -> None:
    assert with_credentials(line) == ()
