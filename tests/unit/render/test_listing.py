"""The list of interpreters: every form of it against its golden file, and what holds for any image."""

from __future__ import annotations

from typing import Callable, List, Optional, Tuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.model import (
    Evidence,
    Finding,
    Interpreter,
    Probe,
    Severity,
    Strategy,
    SystemPackage,
    VenvConfig,
    Weight,
)
from venvboot.render import columns, listing

Golden = Callable[[str, str], None]
Make = Callable[..., Interpreter]

# Letters that a file's name may have and a log should not: wide ones, bytes that are no UTF-8, controls, a direction.
HOSTILE = st.text(
    st.one_of(st.sampled_from("a/ -日\udcff\x1b\n\u202e\u0301é"), st.characters()), min_size=1, max_size=130
)


def finding(code: str, message: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code, severity, "", message, "the evidence for it", "RUN the way out")


@pytest.fixture(scope="session")
def few(make_verdict: Make, make_probe: Callable[..., Probe]) -> Tuple[Interpreter, ...]:
    """What an ordinary image has: the distro's, one of its own, and an environment of it."""
    return (
        make_verdict(
            "/opt/venv/bin/python",
            kind="venv",
            label="virtual environment of /usr/bin",
            strategy=Strategy.AS_IS,
            venv=VenvConfig("/opt/venv", "/usr/bin", system_site_packages=False),
            first_on_path=True,
            evidence=(Evidence("pyvenv.cfg", "/opt/venv has home = /usr/bin", Weight.HARD),),
        ),
        make_verdict(
            kind="distro",
            label="python3.11-minimal 3.11.2-6",
            owner=SystemPackage("dpkg", "python3.11-minimal", "3.11.2-6"),
            evidence=(
                Evidence("dpkg", "/usr/bin/python3.11 belongs to python3.11-minimal 3.11.2-6 (dpkg)", Weight.HARD),
                Evidence("marker", "/usr/lib/python3.11/EXTERNALLY-MANAGED is there (PEP 668)", Weight.STRONG),
                Evidence("environment", "PYENV_ROOT is set", Weight.WEAK),
            ),
            base_path="/usr/bin/python3.11",
        ),
        make_verdict(
            "/usr/local/bin/python3",
            "/usr/local/bin/python3.13",
            kind="docker-library",
            label="built as the official python images are",
            strategy=Strategy.DIRECT,
            probe=make_probe(version=(3, 13, 1)),
            direct=True,
        ),
    )


@pytest.fixture(scope="session")
def many(make_verdict: Make, make_probe: Callable[..., Probe]) -> Tuple[Interpreter, ...]:
    """One of every kind that looks different on paper: long, refused, warned of, of other makers, unknown."""
    return (
        make_verdict(
            "/usr/bin/python3",
            kind="altered",
            label="python3.11-minimal 3.11.2-6+deb12u6, altered since",
            owner=SystemPackage("dpkg", "python3.11-minimal", "3.11.2-6+deb12u6"),
            first_on_path=True,
            warnings=(finding("interpreter-altered", "/usr/bin/python3.11 was altered", Severity.WARNING),),
        ),
        make_verdict(
            "/opt/pyenv/shims/python3",
            "/opt/pyenv/versions/3.12.1/bin/python3.12",
            kind="pyenv",
            label="pyenv in /opt/pyenv/versions/3.12.1",
            strategy=Strategy.DIRECT,
            probe=make_probe(version=(3, 12, 1)),
            direct=True,
        ),
        make_verdict(
            "/nix/store/0c7qkfr8m0xbsw3r9pjvjxh2ab5cyi0n-python3-3.12.4/bin/python3.12",
            "/nix/store/0c7qkfr8m0xbsw3r9pjvjxh2ab5cyi0n-python3-3.12.4/bin/python3.12",
            kind="nix",
            label="Nix in /nix/store/0c7qkfr8m0xbsw3r9pjvjxh2ab5cyi0n-python3-3.12.4",
            probe=make_probe(version=(3, 12, 4)),
            base_path="/root/.nix-profile/bin/python3.12",
            warnings=(
                finding(
                    "store-path", "an environment made from it dies " + "with it, " * 12 + "at last", Severity.WARNING
                ),
                finding("other", "another warning", Severity.WARNING),
            ),
        ),
        make_verdict(
            "/opt/pypy/bin/pypy3",
            kind="pypy",
            label="PyPy's own archive in /opt/pypy",
            probe=make_probe(version=(3, 11, 13), implementation="pypy"),
        ),
        make_verdict(
            "/opt/graalpy/bin/graalpy", kind="graalpy", probe=make_probe(version=(3, 12, 8), implementation="graalpy")
        ),
        make_verdict("/opt/jython/bin/python", probe=make_probe(version=(3, 2, 0), implementation="jython")),
        make_verdict(
            "/usr/local/python/3.12.1/bin/python3",
            kind="devcontainers",
            probe=make_probe(version=(3, 12, 1)),
            direct=True,
        ),
        make_verdict(
            "/usr/bin/python2",
            kind="distro",
            strategy=Strategy.REFUSE,
            owner=SystemPackage("rpm", "python2", "2.7.18-17.module+el8.10.0+20822+a15ec22d.1"),
            probe=make_probe(version=(2, 7, 18)),
            refusal=finding(
                "interpreter-too-old", "/usr/bin/python2 is Python 2.7.18, and " + "so on " * 20 + "refused"
            ),
            warnings=(finding("no-security-fixes", "Python 2.7 gets no security fixes", Severity.WARNING),),
        ),
        make_verdict(
            "/srv/b\udcff\n日本/python3",
            "/srv/b\udcff\n日本/python3",
            kind="unknown",
            label="managed, unknown (does not start)",
            managed=True,
            strategy=Strategy.REFUSE,
            starts=False,
            refusal=finding("interpreter-not-startable", "/srv/b\udcff\n日本/python3 does not start"),
        ),
        make_verdict(
            "/opt/vendor/a/very/long/way/down/to/the/folder/of/programs/bin/python3.13",
            "/opt/vendor/bin/python3.13",
            kind="unknown",
            label="managed, unknown (rpm can't be read)",
            managed=True,
            evidence=(
                Evidence("database", "rpm (/var/lib/rpm/Packages): no rpm; so ownership isn't known", Weight.STRONG),
            ),
        ),
    )


def test_an_ordinary_image(golden: Golden, few: Tuple[Interpreter, ...]) -> None:
    golden("interpreters.txt", listing.interpreters(few, verbose=False))


def test_an_ordinary_image_with_evidence(golden: Golden, few: Tuple[Interpreter, ...]) -> None:
    golden("interpreters_verbose.txt", listing.interpreters(few, verbose=True))


def test_all_that_looks_different(golden: Golden, many: Tuple[Interpreter, ...]) -> None:
    golden("interpreters_many.txt", listing.interpreters(many, verbose=False))


def test_all_that_looks_different_with_evidence(golden: Golden, many: Tuple[Interpreter, ...]) -> None:
    golden("interpreters_many_verbose.txt", listing.interpreters(many, verbose=True))


def test_no_interpreter_is_no_line() -> None:
    assert listing.interpreters((), verbose=False) == ""


def test_one_line_per_interpreter_that_can_be_used(few: Tuple[Interpreter, ...]) -> None:
    assert len(listing.interpreters(few, verbose=False).splitlines()) == len(few)


def test_a_star_marks_python3_on_path_and_nothing_else(few: Tuple[Interpreter, ...]) -> None:
    lines = listing.interpreters(few, verbose=False).splitlines()
    assert [line.split()[1] for line in lines if line.startswith("*")] == ["/opt/venv/bin/python"]


def test_nothing_that_is_known_is_lost_with_evidence(many: Tuple[Interpreter, ...]) -> None:
    """Lines are broken between words, so without their breaks every text stands there whole."""
    told = " ".join(listing.interpreters(many, verbose=True).split())
    for one in many:
        texts: List[Optional[str]] = [
            one.path,
            one.origin.label,
            str(one.origin.owner or ""),
            *one.facts.candidate.names,
        ]
        texts += [one.base_path, *(f"{item.source}: {item.fact}" for item in one.evidence)]
        for found in (*one.warnings, *filter(None, [one.refusal])):
            texts += [f"{found.severity.value}: {found.message} [{found.code}]", found.evidence, found.hint]
        readable = ["".join(c if c.isprintable() else "?" for c in text) for text in texts if text]
        assert [text for text in readable if text not in told] == []


@given(
    st.lists(st.tuples(HOSTILE, HOSTILE, HOSTILE, HOSTILE, st.sampled_from(Strategy), st.booleans()), max_size=5),
    st.tuples(*[st.integers(0, 10**30)] * 3),
)
@example([("x" * 4000, "p" * 4000, "v" * 4000, "i" * 4000, Strategy.REFUSE, True)], (10**300, 0, 0))
@example([("日本/" * 300, "日" * 300, "本" * 300, "日" * 300, Strategy.VENV, True)], (3, 0, 0))
def test_no_line_is_wider_than_a_hundred_columns_whatever_the_names(
    make_verdict: Make,
    make_probe: Callable[..., Probe],
    names: List[Tuple[str, str, str, str, Strategy, bool]],
    version: Tuple[int, int, int],
) -> None:
    found = [
        make_verdict(
            f"/{path}",
            kind="unknown" if remarked else kind,
            label=package,
            owner=None if remarked else SystemPackage("dpkg", package, release),
            strategy=strategy,
            probe=make_probe(version=version, implementation=release),
            refusal=finding("code", path) if strategy is Strategy.REFUSE else None,
            warnings=(finding("code", package, Severity.WARNING),) if remarked else (),
        )
        for path, package, release, kind, strategy, remarked in names
    ]
    told = listing.interpreters(found, verbose=False)
    lines = told.split("\n")[:-1]
    assert [line for line in lines if columns.width(line) > listing.WIDTH] == []
    assert all(line.isprintable() for line in lines)
    assert told.encode("utf-8").decode("utf-8") == told
    assert len([line for line in lines if not line.startswith(listing.INDENT)]) == len(found)


@given(st.lists(st.tuples(HOSTILE, HOSTILE), min_size=1, max_size=5))
def test_the_columns_stand_under_each_other(make_verdict: Make, names: List[Tuple[str, str]]) -> None:
    found = [
        make_verdict(f"/{path}", kind="pyenv", owner=SystemPackage("dpkg", package, "1")) for path, package in names
    ]
    rows = listing.interpreters(found, verbose=False).split("\n")[:-1]
    assert len({columns.width(row) for row in rows}) == 1
    assert {row[-6:] for row in rows} == {"  venv"}


@given(HOSTILE)
def test_no_line_of_the_evidence_is_forged(make_verdict: Make, text: str) -> None:
    one = make_verdict(text, text, label=text, base_path=text, evidence=(Evidence("x", text, Weight.HARD),))
    lines = listing.interpreters([one], verbose=True).split("\n")[:-1]
    assert all(line.isprintable() for line in lines)
    assert [line for line in lines[1:] if not line.startswith(listing.INDENT)] == []
