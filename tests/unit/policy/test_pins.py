"""What a lock pins, and which of its lines hold a secret."""

from __future__ import annotations

import pytest

from venvboot.policy.pins import pins, with_credentials, with_paths

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
