"""What --python asks for, held against the specifiers of the packaging library where both know a form."""

from __future__ import annotations

import re
from typing import Any, Callable, Tuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from venvboot.errors import UsageError
from venvboot.model import Interpreter, Probe
from venvboot.policy.wish import FORMS, Clause, Wish, parse

Make = Callable[..., Interpreter]

VERSIONS = st.tuples(st.sampled_from([2, 3, 4]), st.integers(0, 15), st.integers(0, 20))
RELEASES = st.lists(st.integers(0, 15), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))
CLAUSES = st.one_of(
    st.tuples(st.sampled_from(["==", "!=", "<=", ">=", "<", ">"]), RELEASES).map("".join),
    st.tuples(st.sampled_from(["==", "!="]), RELEASES, st.just(".*")).map("".join),
    st.tuples(st.just("~="), RELEASES.filter(lambda release: "." in release)).map("".join),
    # Near the versions above, where a clause decides.
    st.tuples(st.sampled_from(["==", "!=", "<=", ">=", "<", ">", "~="]), st.just("3."), RELEASES).map(
        lambda parts: ".".join("".join(parts).split(".")[:3])
    ),
)


@pytest.fixture(scope="session")
def python(make_interpreter: Make, make_probe: Callable[..., Probe]) -> Make:
    def make(version: str = "3.11.2", implementation: str = "cpython", **facts: Any) -> Interpreter:
        numbers = tuple(map(int, version.split(".")))
        return make_interpreter(probe=make_probe(version=numbers, implementation=implementation), **facts)

    return make


@pytest.mark.parametrize(
    ("wish", "fits", "fits_not"),
    [
        ("3", "3.0.0 3.99.1", "2.7.18 4.0.0"),
        ("3.1", "3.1.0 3.1.9", "3.10.0 3.12.1"),
        ("3.12", "3.12.0 3.12.11", "3.11.12 3.13.12 2.12.0"),
        ("3.12.4", "3.12.4", "3.12.3 3.12.40"),
        ("python3.12", "3.12.4", "3.11.4"),
        ("python3", "3.12.4", "2.7.18"),
        ("python", "3.12.4 2.7.18", ""),
        (">=3.11,<3.13", "3.11.0 3.12.99", "3.10.9 3.13.0"),
        (">= 3.11, < 3.13", "3.11.0 3.12.99", "3.10.9 3.13.0"),
        ("python>=3.11", "3.11.0 3.12.99", "3.10.9"),
        ("~=3.11", "3.11.0 3.99.0", "3.10.9 4.0.0"),
        ("~=3.11.2", "3.11.2 3.11.99", "3.11.1 3.12.0"),
        ("==3.12.*", "3.12.0 3.12.9", "3.13.0"),
        ("==3.12", "3.12.0", "3.12.1"),
        ("!=3.12.1", "3.12.0 3.11.1", "3.12.1"),
        ("!=3.12.*,>=3.11", "3.11.0 3.13.0", "3.12.1 3.10.0"),
        (">3.12", "3.12.1 3.13.0", "3.12.0 3.11.9"),
        ("<=3.12", "3.12.0 3.11.9", "3.12.1"),
    ],
)
def test_versions(python: Make, wish: str, fits: str, fits_not: str) -> None:
    wished = parse(wish)
    assert [one for one in fits.split() if not wished.matches(python(one))] == []
    assert [one for one in fits_not.split() if wished.matches(python(one))] == []
    assert wished.text == wish


@pytest.mark.parametrize(
    ("wish", "implementation", "fits"),
    [
        ("pypy", "pypy", True),
        ("pypy", "cpython", False),
        ("pypy3.11", "pypy", True),
        ("pypy3.10", "pypy", False),
        ("pypy>=3.10", "pypy", True),
        ("pypy >=3.10", "pypy", True),
        ("PyPy3.11", "pypy", True),
        ("cpython3.11", "cpython", True),
        ("CPython", "pypy", False),
        ("graalpy", "graalpy", True),
        ("graalpy3", "pypy", False),
        ("python3.11", "pypy", True),
        ("3.11", "graalpy", True),
    ],
)
def test_implementations(python: Make, wish: str, implementation: str, *, fits: bool) -> None:
    assert parse(wish).matches(python("3.11.2", implementation)) is fits


@pytest.mark.parametrize(("wish", "fits"), [("", True), ("python", True), ("3", False), ("cpython", False)])
def test_one_that_does_not_start_meets_only_a_wish_for_anything(
    make_interpreter: Make, wish: str, *, fits: bool
) -> None:
    assert parse(wish).matches(make_interpreter(starts=False)) is fits


@pytest.mark.parametrize(
    ("wish", "minor"),
    [
        ("3.12", "3.12"),
        ("3.12.4", "3.12"),
        ("==3.12.*", "3.12"),
        ("pypy3.11", "3.11"),
        ("3", ""),
        ("", ""),
        (">=3.12", ""),
        ("!=3.12.*", ""),
        ("==3.12.*,!=3.12.1", ""),
    ],
)
def test_the_minor_version_is_told_where_there_is_only_one(wish: str, minor: str) -> None:
    assert parse(wish).minor == minor


@pytest.mark.parametrize(
    ("wish", "exact"),
    [
        ("3.12.4", "3.12.4"),
        ("==3.11", "3.11.0"),
        ("==3.12.4.*", "3.12.4"),
        ("3.12", ""),
        ("==3.12.*", ""),
        ("3", ""),
        (">=3.12.4", ""),
    ],
)
def test_the_one_release_is_told_where_there_is_only_one(wish: str, exact: str) -> None:
    assert parse(wish).exact == exact


@pytest.mark.parametrize(
    "wish",
    [
        *(
            "x",
            "3.x",
            "3.",
            ".3",
            "3.12.",
            "3.12.4.1",
            "3.12rc1",
            "3.12.0a1",
            "v3.12",
            "1!3.12",
            "3.12+local",
            "3,12",
        ),
        *("python-3.12", "python 3.12", "pypy3.11-v7", "jython", "pythonpypy", "3.12\n", " 3.12", "3.12 ", "٣"),
        *(
            "=3.12",
            "===3.12",
            "=>3.12",
            "~3.12",
            "~=3",
            "^3.12",
            ">=3.12.*",
            "~=3.12.*",
            "==*",
            "==3.*.1",
            "== ",
            ">=",
        ),
        *(",", ">=3.11,", ",>=3.11", ">=3.11,,<3.13", ">=3.11 <3.13", ">=3.11;<3.13", "3.11,<3.13", ">=\t3.11"),
        *("-3.12", "--", "*", "3.12*", "3.*", "\udcff", "\0", "1" * 10, "3.12" * 25_000, ">=3.11," * 14_000 + "<4"),
    ],
)
def test_nonsense_is_a_usage_error_that_names_the_forms(wish: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(wish)
    (finding,) = caught.value.findings
    assert finding.message.startswith(wish[:60])
    assert len(finding.message) < 120
    assert finding.hint == FORMS


def test_every_form_that_is_named_is_one() -> None:
    words = re.findall(r"[\w.~=<>!*,]+", re.sub(r"\(/usr\S+\)", "", FORMS))
    wishes = [word.strip(",.") for word in words if re.search(r"\d", word)]
    assert len(wishes) == 8
    for wish in wishes:
        assert parse(wish).text == wish


@given(
    st.one_of(st.text(), st.text("0123456789.,=<>!~* pyton", max_size=30), st.from_regex(r"[a-z]{0,7}[0-9.]{0,9}"))
)
@example("3.12" * 25_000)
@example("9" * 5_000)
def test_whatever_is_written_is_a_wish_or_a_usage_error(text: str) -> None:
    try:
        wish = parse(text)
    except UsageError:
        return
    assert wish.text == text
    assert parse(text) == wish


@given(st.lists(CLAUSES, min_size=1, max_size=4), VERSIONS, st.sampled_from(["", "a1", "rc2"]))
@example(["~=3.0"], (3, 0, 0), "")
@example(["==3"], (3, 0, 0), "")
@example(["!=3.1.0.*"[:-2]], (3, 1, 0), "")
@example([">=3.15"], (3, 15, 0), "a1")
@example(["<3.15"], (3, 15, 0), "a1")
@example(["<3.15.1"], (3, 15, 0), "rc1")
def test_specifiers_mean_what_they_mean_to_pip(
    clauses: list[str], version: Tuple[int, int, int], prerelease: str
) -> None:
    text = ",".join(clauses)
    expected = SpecifierSet(text).contains("{}.{}.{}".format(*version) + prerelease, prereleases=True)
    assert all(clause.admits(version, final=not prerelease) for clause in parse(text).clauses) is expected


@pytest.mark.parametrize(
    ("wish", "fits"),
    [("3.15", True), ("3", True), ("", True), (">=3.14", True), ("==3.15.*", True)]
    + [(wish, False) for wish in (">=3.15", "3.15.0", "==3.15", "~=3.15", "<3.15", ">3.14.0,<3.15", "3.14")],
)
def test_a_prerelease_is_one_of_its_minor_version_and_before_its_release(
    make_interpreter: Make, make_probe: Callable[..., Probe], wish: str, *, fits: bool
) -> None:
    probe = make_probe(version=(3, 15, 0), prerelease="a1")
    assert parse(wish).matches(make_interpreter(probe=probe)) is fits


@given(RELEASES, VERSIONS)
def test_a_bare_version_means_what_begins_with_it(release: str, version: Tuple[int, int, int]) -> None:
    wish = parse(release)
    numbers = tuple(map(int, release.split(".")))
    assert wish.clauses[0].admits(version) is (version[: len(numbers)] == numbers)
    assert wish.clauses == parse(f"python{release}").clauses == parse(f"pypy{release}").clauses


def test_nothing_wished_and_how_it_was_written_make_no_difference() -> None:
    assert parse("") == Wish() == parse("python")
    assert (
        parse("3.12") == parse("python3.12") == parse("==3.12.*") == Wish("", (Clause("==", (3, 12), prefix=True),))
    )
