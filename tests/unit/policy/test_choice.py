"""Which interpreter becomes the base, and why none does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.errors import Unsupported
from venvboot.model import Distro, Finding, Interpreter, Probe, Severity, Strategy, VenvConfig
from venvboot.policy import choice
from venvboot.policy.usable import Targets
from venvboot.policy.wish import parse

Make = Callable[[str], List[Interpreter]]

MARKS = "*-!"
MAIN = Targets()


@pytest.fixture(scope="session")
def image(make_verdict: Callable[..., Interpreter], make_probe: Callable[..., Probe]) -> Make:
    """Interpreters in one line: ``3.11* pypy3.12 venv:0 3.12! 3.13- 3.15a1 broken``.

    ``*`` is first on PATH, ``!`` direct, ``-`` refused, ``a1`` a pre-release; ``venv:0`` an environment of the first
    of the line.
    """

    def one(number: int, word: str) -> Interpreter:
        text = word.strip(MARKS)
        path = f"/{number}/{'python' if text[0].isdigit() else ''}{text}"
        facts: Dict[str, Any] = {"first_on_path": "*" in word}
        if text.startswith("venv:"):
            environment = VenvConfig("/opt/venv", "/usr/bin", system_site_packages=False)
            base = f"/{text[5:]}/real"
            return make_verdict(path, base, kind="venv", strategy=Strategy.AS_IS, venv=environment, **facts)
        refused = Finding(f"refused-{text}", Severity.ERROR, path, f"{path} is refused")
        if text == "broken":
            return make_verdict(path, strategy=Strategy.REFUSE, starts=False, refusal=refused, **facts)
        version = text.lstrip("abcdefghijklmnopqrstuvwxyz")
        numbers, alpha, _ = version.partition("a1")
        probe = make_probe(
            version=(*map(int, numbers.split(".")), 0, 0)[:3],
            implementation=text[: -len(version)] or "cpython",
            prerelease=alpha,
        )
        if "-" in word:
            return make_verdict(path, probe=probe, strategy=Strategy.REFUSE, refusal=refused, **facts)
        strategy = Strategy.DIRECT if "!" in word else Strategy.VENV
        return make_verdict(path, f"/{number}/real", probe=probe, strategy=strategy, **facts)

    return lambda line: [one(number, word) for number, word in enumerate(line.split())]


@pytest.mark.parametrize(
    ("line", "chosen", "why"),
    [
        ("3.11* 3.13", 0, "it is the first python3 on PATH"),
        ("3.13 3.11*", 1, "it is the first python3 on PATH"),
        ("3.13 3.11!*", 1, "it is the first python3 on PATH"),
        ("3.13 pypy3.11*", 1, "it is the first python3 on PATH"),
        ("3.9 3.10", 1, "it is the newest that can carry an environment"),
        ("3.9! 3.10!", 1, "it is the newest that can carry an environment"),
        ("3.12 3.12", 0, "it is the newest that can carry an environment"),
        ("3.12.9 3.12.10", 1, "it is the newest that can carry an environment"),
        ("3.10", 0, "it is the only one that can carry an environment"),
        ("3.8-* 3.10", 1, "it is the only one that can carry an environment; /0/python3.8, the first on PATH, can't"),
        (
            "broken* 3.9 3.10",
            2,
            "it is the newest that can carry an environment; /0/broken, the first on PATH, can't",
        ),
        ("pypy3.13 graalpy3.14 3.9", 2, "it is the only CPython that can carry an environment"),
        ("pypy3.13 3.10 3.9", 1, "it is the newest CPython that can carry an environment"),
        # A pre-release only where there is nothing else.
        ("3.15a1 3.13 3.11", 1, "it is the newest that can carry an environment"),
        ("3.15a1 pypy3.11", 1, "it is the only one that can carry an environment"),
        (
            "3.15a1* 3.13",
            1,
            "it is the only one that can carry an environment; /0/python3.15a1, the first on PATH, is a pre-release",
        ),
        ("3.15a1 3.8-", 0, "it is the only one that can carry an environment"),
        ("3.15a1* 3.16a1", 0, "it is the first python3 on PATH"),
        ("pypy3.13 graalpy3.14", 1, "it is the newest that can carry an environment"),
        # An environment stands for its base, where that is known.
        ("3.11 3.13 venv:0*", 0, "it is the base of /2/venv:0, the first python3 on PATH"),
        (
            "3.11- 3.9 3.13 venv:0*",
            2,
            "it is the newest that can carry an environment; /3/venv:0, the first on PATH, can't",
        ),
        (
            "3.11 3.13 venv:9*",
            1,
            "it is the newest that can carry an environment; /2/venv:9, the first on PATH, can't",
        ),
        ("3.11 venv:0", 0, "it is the only one that can carry an environment"),
    ],
)
def test_without_a_wish_the_first_on_path_is_the_base_if_it_can_be_else_the_newest(
    image: Make, line: str, chosen: int, why: str
) -> None:
    interpreters = image(line)
    found, told = choice.choose(interpreters, parse(""), Distro(), MAIN)
    assert (interpreters.index(found), told) == (chosen, why)


@pytest.mark.parametrize(
    ("line", "wish", "chosen", "why"),
    [
        ("3.11* 3.13", "3", 0, "it is the first python3 on PATH, and it fits 3"),
        ("3.11* 3.13", "3.13", 1, "it is the only one that fits 3.13"),
        ("3.11* 3.13", "python3.13", 1, "it is the only one that fits python3.13"),
        ("3.11* 3.13 3.13.1", "3.13", 2, "it is the newest that fits 3.13"),
        ("3.10* 3.11 3.12 3.13", ">=3.11,<3.13", 2, "it is the newest that fits >=3.11,<3.13"),
        ("3.12* 3.12.4", "3.12.4", 1, "it is the only one that fits 3.12.4"),
        ("pypy3.12 3.11", ">=3.10", 1, "it is the only CPython that fits >=3.10"),
        ("pypy3.12 3.11", "3.12", 0, "it is the only one that fits 3.12"),
        ("pypy3.10 pypy3.11 3.13*", "pypy", 1, "it is the newest that fits pypy"),
        ("pypy3.10* pypy3.11 3.13", "pypy", 0, "it is the first python3 on PATH, and it fits pypy"),
        ("pypy3.11* 3.11", "cpython3.11", 1, "it is the only one that fits cpython3.11"),
        ("3.12 3.12-* 3.12.1-", "3.12", 0, "it is the only one that fits 3.12"),
        ("3.15a1* 3.14", ">=3.12", 1, "it is the only one that fits >=3.12"),
        ("3.15a1 3.14*", "3.15", 0, "it is the only one that fits 3.15"),
        ("3.15a1* 3.15.1", "3.15", 1, "it is the only one that fits 3.15"),
        ("3.11 3.12 venv:0*", "3.12", 1, "it is the only one that fits 3.12"),
        ("3.11 3.12 venv:0*", "3.11", 0, "it is the base of /2/venv:0, the first python3 on PATH"),
    ],
)
def test_with_a_wish_it_is_the_first_on_path_if_it_fits_else_the_newest_that_does(
    image: Make, line: str, wish: str, chosen: int, why: str
) -> None:
    interpreters = image(line)
    found, told = choice.choose(interpreters, parse(wish), Distro(), MAIN)
    assert (interpreters.index(found), told) == (chosen, why)


def test_a_copied_environment_stands_for_its_base_as_well(image: Make) -> None:
    older, newer, venv = image("3.11 3.13 venv:7*")
    candidate = replace(venv.facts.candidate, real_path="/opt/venv/bin/python", base=older.real_path)
    venv = replace(venv, facts=replace(venv.facts, candidate=candidate))
    assert choice.choose([newer, older, venv], parse(""), Distro(), MAIN)[0] is older


@pytest.mark.parametrize(
    ("line", "wish", "codes"),
    [
        ("", "", ["no-interpreter"]),
        ("3.8-* broken", "", ["no-interpreter", "refused-3.8", "refused-broken"]),
        ("3.11*", "3.12", ["no-interpreter"]),
        ("3.12- 3.11", "3.12", ["no-interpreter", "refused-3.12"]),
        ("3.12- 3.11- 3.13", "3.12", ["no-interpreter", "refused-3.12"]),
        ("broken 3.11-", "3.12", ["no-interpreter", "refused-broken"]),
        ("pypy3.11- 3.11", "pypy", ["no-interpreter", "refused-pypy3.11"]),
        ("venv:0*", "", ["no-interpreter"]),
    ],
)
def test_where_none_is_left_the_reasons_of_all_that_may_fit_are_told(
    image: Make, line: str, wish: str, codes: List[str]
) -> None:
    with pytest.raises(Unsupported) as caught:
        choice.choose(image(line), parse(wish), Distro(), MAIN)
    assert [finding.code for finding in caught.value.findings] == codes


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ("", "there is no Python that can carry an environment"),
        ("3.12", "there is no Python that fits 3.12 and can carry an environment"),
    ],
)
def test_what_was_looked_at_is_named_with_its_version(image: Make, wish: str, message: str) -> None:
    with pytest.raises(Unsupported) as caught:
        choice.choose(image("3.8- broken venv:0"), parse(wish), Distro(), MAIN)
    assert caught.value.findings[0].message == message
    assert caught.value.findings[0].evidence == (
        "interpreters looked at: /0/python3.8 (3.8.0), /1/broken (version unknown); "
        "environments, which are never a base: /2/venv:0"
    )


def test_the_way_out_is_told(image: Make) -> None:
    with pytest.raises(Unsupported) as caught:
        choice.choose(image("3.11"), parse("3.12"), Distro(("debian",), "debian-12"), MAIN)
    assert caught.value.findings[0].hint == "FROM python:3.12-slim, or name another one with --python"


WORDS = ["3.8-", "3.9", "3.11!", "3.13", "pypy3.12", "broken", "venv:0", "3.10-"]


@given(
    st.lists(st.sampled_from(WORDS), max_size=6),
    st.integers(0, 9),
    st.sampled_from(["", "3", "3.11", "<3.12", "pypy"]),
)
def test_a_base_can_always_carry_an_environment_and_is_none_itself(
    image: Make, words: List[str], first: int, wish: str
) -> None:
    words = [word + "*" * (number == first) for number, word in enumerate(words)]
    interpreters, wished = image(" ".join(words)), parse(wish)
    good = [one for one, word in zip(interpreters, words) if word.strip("*") in ("3.9", "3.11!", "3.13", "pypy3.12")]
    fitting = [one for one in good if wished.matches(one)]
    try:
        found, _ = choice.choose(interpreters, wished, Distro(), MAIN)
    except Unsupported:
        assert fitting == []
    else:
        assert found in fitting
        assert not found.refusal
