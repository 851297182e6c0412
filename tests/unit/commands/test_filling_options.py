"""What may be built, how bytecode is made, and how large the cache may be."""

from __future__ import annotations

import argparse
from typing import List, Optional, Tuple

import pytest

from venvboot.commands import filling_options
from venvboot.errors import UsageError
from venvboot.model import Bytecode


def given(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    filling_options.configure(parser)
    return parser.parse_args(words)


def test_without_options_nothing_is_built_and_the_cache_has_no_limit() -> None:
    arguments = given()
    assert (filling_options.builds(arguments), filling_options.limit(arguments)) == ((), None)
    assert Bytecode(arguments.bytecode) is Bytecode.TIMESTAMP


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["Foo_Bar.baz"], ("foo-bar-baz",)),
        (["b", "a", "b"], ("a", "b", "b")),
        ([":all:"], None),
        (["a", ":all:"], None),
    ],
)
def test_what_may_be_built_is_named(words: List[str], names: Optional[Tuple[str, ...]]) -> None:
    assert filling_options.builds(given(*(part for word in words for part in ("--build", word)))) == names


@pytest.mark.parametrize("word", ["a b", "a\nb", "", "a==1.0", "-a", "$(a)"])
def test_what_is_no_name_can_t_be_built(word: str) -> None:
    with pytest.raises(UsageError) as caught:
        filling_options.builds(given("--build", "a", f"--build={word}"))
    assert "VENVBOOT_BUILD=NAME,NAME" in caught.value.findings[0].hint


@pytest.mark.parametrize(("told", "size"), [("2G", 2 * 10**9), ("500 MB", 5 * 10**8), ("0", 0), ("17", 17)])
def test_a_limit_is_a_size(told: str, size: int) -> None:
    assert filling_options.limit(given("--cache-limit", told)) == size


@pytest.mark.parametrize("told", ["much", "-1", "2 GiB", "1e9"])
def test_what_is_no_size_is_a_usage_error(told: str) -> None:
    with pytest.raises(UsageError) as caught:
        filling_options.limit(given(f"--cache-limit={told}"))
    assert caught.value.findings[0].message == f"--cache-limit {told} is no size"


def test_forms_of_bytecode_are_those_of_the_manual() -> None:
    for name in ("timestamp", "checked-hash", "unchecked-hash", "none"):
        assert Bytecode(given("--bytecode", name).bytecode).value == name
    with pytest.raises(SystemExit):
        given("--bytecode", "hash")
