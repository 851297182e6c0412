"""Which interpreter becomes the base, and why none does."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, Optional, Tuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.errors import Unsupported, UsageError
from venvboot.model import Interpreter, Probe, VenvConfig
from venvboot.policy import choice

Make = Callable[[str], List[Interpreter]]


@pytest.fixture(scope="session")
def image(make_interpreter: Callable[..., Interpreter], make_probe: Callable[..., Probe]) -> Make:
    """Interpreters in one line: ``3.11* 3.12 venv:3.12 broken 3.12-``; a star is first on PATH, ``-`` incomplete."""

    def one(number: int, word: str) -> Interpreter:
        text = word.strip("*-").replace("venv:", "")
        facts: Dict[str, Any] = {"first_on_path": "*" in word, "starts": text != "broken"}
        if facts["starts"]:
            major, minor, *micro = map(int, text.split("."))
            missing = ("json",) if "-" in word else ()
            facts["probe"] = make_probe(version=(major, minor, micro[0] if micro else 0), missing_modules=missing)
        if word.startswith("venv:"):
            facts["venv"] = VenvConfig("/opt/venv", "/usr/bin", system_site_packages=False)
        return make_interpreter(f"/{number}/python{text}", f"/{number}/python{text}", **facts)

    return lambda line: [one(number, word) for number, word in enumerate(line.split())]


@pytest.mark.parametrize(
    ("line", "wish", "chosen", "why"),
    [
        ("3.11* 3.13", "", 0, "it is the first python3 on PATH"),
        ("3.13 3.11*", "", 1, "it is the first python3 on PATH"),
        ("3.11* 3.13", "3.13", 1, "it is the only Python 3.13"),
        ("3.11* 3.13", "python3.13", 1, "it is the only Python python3.13"),
        ("3.11* 3.13 3.13.1", "3.13", 2, "it is the newest that fits"),
        ("3.9 3.10", "", 1, "it is the newest that fits"),
        ("3.12 3.12", "", 0, "it is the newest that fits"),
        ("3.8* 3.10", "", 1, "it is the newest that fits"),
        ("3.11-* 3.10", "", 1, "it is the newest that fits"),
        ("broken* 3.10", "", 1, "it is the newest that fits"),
        ("venv:3.12* 3.11", "", 1, "it is the newest that fits"),
        ("venv:3.12* 3.11 3.12", "3.12", 2, "it is the only Python 3.12"),
    ],
)
def test_the_first_on_path_is_the_base_if_it_can_be_else_the_newest(
    image: Make, line: str, wish: str, chosen: int, why: str
) -> None:
    interpreters = image(line)
    found, told = choice.choose(interpreters, wish, ["debian"])
    assert (interpreters.index(found), told) == (chosen, why)


@pytest.mark.parametrize(
    ("line", "wish", "codes"),
    [
        ("", "", ["no-interpreter"]),
        ("3.8* broken", "", ["no-interpreter", "interpreter-too-old", "interpreter-not-startable"]),
        ("3.11*", "3.12", ["no-interpreter"]),
        ("3.12-* 3.11", "3.12", ["no-interpreter", "interpreter-incomplete"]),
        ("venv:3.12*", "", ["no-interpreter"]),
        ("venv:3.8* 3.8", "", ["no-interpreter", "interpreter-too-old"]),
        ("broken", "3.12", ["no-interpreter"]),
    ],
)
def test_where_none_is_left_each_one_s_reason_is_told(image: Make, line: str, wish: str, codes: List[str]) -> None:
    with pytest.raises(Unsupported) as caught:
        choice.choose(image(line), wish, ["debian"])
    assert [finding.code for finding in caught.value.findings] == codes


@pytest.mark.parametrize(
    ("distro", "hint"),
    [
        (["debian"], "apt-get install"),
        (["ubuntu", "debian"], "apt-get install"),
        (["rocky", "rhel", "centos", "fedora"], "dnf install -y python3.12"),
        (["fedora"], "dnf install -y python3"),
        (["alpine"], "apk add"),
        (["void"], "install Python 3.9 or later"),
        ([""], "install Python 3.9 or later"),
    ],
)
def test_the_hint_is_the_one_of_the_distro(distro: List[str], hint: str) -> None:
    with pytest.raises(Unsupported) as caught:
        choice.choose([], "", distro)
    assert hint in caught.value.findings[0].hint


def test_the_interpreters_that_were_looked_at_are_named(image: Make) -> None:
    with pytest.raises(Unsupported) as caught:
        choice.choose(image("3.8 broken"), "", [])
    assert caught.value.findings[0].evidence == "interpreters looked at: /0/python3.8, /1/pythonbroken"


@pytest.mark.parametrize(
    ("wish", "version"), [("", None), ("3.12", (3, 12)), ("python3.9", (3, 9)), ("3.14", (3, 14)), ("2.7", (2, 7))]
)
def test_a_wish_is_a_version(wish: str, version: Optional[Tuple[int, int]]) -> None:
    assert choice.wished_version(wish) == version


@given(st.text(min_size=1).filter(lambda text: not re.match(r"(?:python)?\d+\.\d+\Z", text)))
@example("3")
@example("3.12.1")
@example("3.12\n")
@example("python")
@example("./python3.12")
@example(" 3.12")
@example("-3.12")
def test_any_other_wish_is_a_usage_error_that_shows_it(wish: str) -> None:
    with pytest.raises(UsageError) as caught:
        choice.wished_version(wish)
    assert wish in caught.value.findings[0].message


@given(st.integers(0, 99), st.integers(0, 999), st.sampled_from(["", "python"]))
def test_every_version_is_read_back(major: int, minor: int, prefix: str) -> None:
    assert choice.wished_version(f"{prefix}{major}.{minor}") == (major, minor)


@given(
    st.lists(st.tuples(st.sampled_from(["3.8", "3.9", "3.11", "3.13", "broken", "venv:3.12", "3.10-"])), max_size=5)
)
def test_a_base_can_always_carry_an_environment_and_is_none_itself(image: Make, words: List[Tuple[str]]) -> None:
    interpreters = image(" ".join(word for (word,) in words))
    try:
        found, _ = choice.choose(interpreters, "", [])
    except Unsupported:
        assert not {"3.9", "3.11", "3.13"} & {word for (word,) in words}
    else:
        assert found.refusal is None
        assert found.origin.kind != "venv"
