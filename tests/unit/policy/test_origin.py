"""Where an interpreter came from: hard facts first, and "managed" wherever it isn't known."""

from __future__ import annotations

from typing import Any, Callable, Dict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.model import Interpreter, Probe, Strategy, SystemPackage, VenvConfig, Weight

PACKAGE = SystemPackage("dpkg", "python3.11-minimal", "3.11.2-6")
VENV = VenvConfig("/opt/venv", "/usr/bin", system_site_packages=False)
LOCAL = {"base_prefix": "/usr/local", "build_prefix": "/usr/local", "config_args": "'--enable-shared'"}
PYENV = "/opt/pyenv/versions/3.12.1"
MARKER = "/usr/lib/python3.11/EXTERNALLY-MANAGED"
Make = Callable[..., Interpreter]


@pytest.fixture(scope="session")
def judged(make_interpreter: Make, make_probe: Callable[..., Probe]) -> Make:
    """Judge an interpreter with ``probe`` changed and any other fact given."""

    def judge(probe: Dict[str, Any], **facts: Any) -> Interpreter:
        return make_interpreter(probe=make_probe(**probe), **facts)

    return judge


@pytest.mark.parametrize(
    ("probe", "facts", "kind", "managed"),
    [
        ({}, {"owner": PACKAGE}, "distro", True),
        ({}, {"owner": PACKAGE, "altered": True}, "distro", True),
        ({}, {"owner": PACKAGE, "marks": ("/usr/BUILD",)}, "distro", True),
        ({}, {"owner": PACKAGE, "venv": VENV}, "venv", False),
        (LOCAL, {"owner": PACKAGE}, "distro", True),
        ({"base_prefix": PYENV}, {"pyenv_root": PYENV, "owner": PACKAGE}, "distro", True),
        ({"base_prefix": PYENV}, {"pyenv_root": PYENV}, "pyenv", False),
        ({"base_prefix": PYENV}, {"pyenv_root": PYENV, "marks": ("/x/conda-meta",)}, "unknown", True),
        ({"base_prefix": "/elsewhere"}, {"pyenv_root": PYENV}, "unknown", True),
        (LOCAL, {}, "source", False),
        (LOCAL, {"marker": MARKER}, "unknown", True),
        (LOCAL, {"marks": ("/usr/local/BUILD",)}, "unknown", True),
        ({**LOCAL, "config_args": ""}, {}, "unknown", True),
        ({**LOCAL, "build_prefix": "/install"}, {}, "unknown", True),
        ({}, {}, "unknown", True),
        ({"base_prefix": "/opt/vendor"}, {}, "unknown", True),
        ({"base_prefix": "/opt/vendor"}, {"marker": MARKER}, "unknown", True),
        ({}, {"foreign_databases": ("rpm (/var/lib/rpm/Packages)",)}, "unknown", True),
    ],
)
def test_the_first_rule_that_matches_names_the_origin(
    judged: Make, probe: Dict[str, Any], facts: Dict[str, Any], kind: str, *, managed: bool
) -> None:
    found = judged(probe, **facts).origin
    assert (found.kind, found.managed) == (kind, managed)
    assert found.owner == (PACKAGE if kind == "distro" else None)


@pytest.mark.parametrize(
    ("probe", "facts", "label"),
    [
        ({}, {"owner": PACKAGE}, "python3.11-minimal 3.11.2-6"),
        ({}, {"owner": PACKAGE, "altered": True}, "python3.11-minimal 3.11.2-6, altered since"),
        ({}, {"venv": VENV}, "virtual environment of /usr/bin"),
        ({}, {}, "managed, unknown (its prefix is the distro's)"),
        ({"base_prefix": "/opt/x"}, {}, "managed, unknown (no rule for /opt/x)"),
        ({"base_prefix": "/opt/x"}, {"marker": MARKER}, "managed, unknown (it is marked as externally managed)"),
        ({}, {"foreign_databases": ("rpm (/var/lib/rpm)",)}, "managed, unknown (rpm can't be read)"),
        ({}, {"marks": ("/opt/conda/conda-meta",)}, "managed, unknown (/opt/conda/conda-meta)"),
    ],
)
def test_the_label_says_why(judged: Make, probe: Dict[str, Any], facts: Dict[str, Any], label: str) -> None:
    assert judged(probe, **facts).origin.label == label


def test_one_that_does_not_start_is_managed_and_refused_with_its_reason(make_interpreter: Make) -> None:
    found = make_interpreter(starts=False)
    assert (found.origin.kind, found.origin.managed, found.strategy) == ("unknown", True, Strategy.REFUSE)
    assert found.refusal is not None
    assert (found.refusal.code, found.refusal.evidence) == (
        "interpreter-not-startable",
        "exit status 127: no such file or directory",
    )


@pytest.mark.parametrize(
    ("version", "code"),
    [
        ((2, 7, 18), "interpreter-too-old"),
        ((3, 8, 20), "interpreter-too-old"),
        ((3, 9, 0), None),
        ((3, 10, 0), None),
        ((3, 14, 0), None),
        ((4, 0, 0), None),
    ],
)
def test_python_3_9_is_the_oldest_that_can_carry_an_environment(judged: Make, version: Any, code: Any) -> None:
    found = judged({"version": version}, owner=PACKAGE)
    assert (found.refusal and found.refusal.code) == code
    assert found.strategy is (Strategy.REFUSE if code else Strategy.VENV)
    assert found.origin.kind == "distro"


@pytest.mark.parametrize(
    ("package", "hint"),
    [
        ("python3.11-minimal", "--no-install-recommends python3.11"),
        ("libpython3.11-minimal", "--no-install-recommends python3.11"),
        ("python3-minimal", "--no-install-recommends python3"),
    ],
)
def test_an_incomplete_one_is_refused_with_the_package_that_completes_it(
    judged: Make, package: str, hint: str
) -> None:
    found = judged({"missing_modules": ("json", "zipfile")}, owner=SystemPackage("dpkg", package, "1"))
    assert found.refusal is not None
    assert (found.refusal.code, found.strategy) == ("interpreter-incomplete", Strategy.REFUSE)
    assert "json, zipfile" in found.refusal.evidence
    assert found.refusal.hint.endswith(hint)


def test_an_incomplete_one_of_another_maker_is_refused_without_apt(judged: Make) -> None:
    found = judged({"missing_modules": ("json",)})
    assert found.refusal is not None
    assert "apt-get" not in found.refusal.hint


@pytest.mark.parametrize(
    ("facts", "strategy"),
    [({"venv": VENV}, Strategy.AS_IS), ({"owner": PACKAGE}, Strategy.VENV), ({}, Strategy.VENV)],
)
def test_an_environment_is_used_as_it_is_and_everything_else_carries_one(
    make_interpreter: Make, facts: Dict[str, Any], strategy: Strategy
) -> None:
    assert make_interpreter(**facts).strategy is strategy


def test_a_broken_environment_is_refused(make_interpreter: Make) -> None:
    assert make_interpreter(venv=VENV, starts=False).strategy is Strategy.REFUSE


@pytest.mark.parametrize(
    ("facts", "source", "weight"),
    [
        ({"venv": VENV}, "pyvenv.cfg", Weight.HARD),
        ({"owner": PACKAGE}, "dpkg", Weight.HARD),
        ({"marks": ("/x/conda-meta",)}, "file", Weight.STRONG),
        ({"marker": MARKER}, "marker", Weight.STRONG),
        ({"pyenv_root": PYENV}, "path", Weight.STRONG),
        ({"foreign_databases": ("rpm (/x)",)}, "database", Weight.STRONG),
        ({}, "databases", Weight.MEDIUM),
    ],
)
def test_every_fact_is_told_as_evidence(
    make_interpreter: Make, facts: Dict[str, Any], source: str, weight: Weight
) -> None:
    found = {(item.source, item.weight) for item in make_interpreter(**facts).evidence}
    assert (source, weight) in found
    assert ("databases" in {name for name, _ in found}) is not bool({"owner", "venv"} & set(facts))


def test_altered_content_is_told(make_interpreter: Make) -> None:
    facts = [make_interpreter(owner=PACKAGE, altered=altered).evidence[0].fact for altered in (True, False)]
    assert "differs from the package's" in facts[0]
    assert "the package's own content" in facts[1]


def test_switches_of_the_build_and_debians_scheme_are_told(judged: Make) -> None:
    facts = [item.fact for item in judged({"config_args": "'--enable-shared' 'CC=gcc' '--prefix=/usr'"}).evidence]
    assert "has Debian's install scheme deb_system" in facts
    assert "configured with --enable-shared --prefix=/usr" in facts


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "owner": st.just(PACKAGE),
            "altered": st.booleans(),
            "venv": st.just(VENV),
            "marker": st.just(MARKER),
            "pyenv_root": st.just(PYENV),
            "marks": st.just(("/x/conda-meta",)),
            "foreign_databases": st.just(("rpm (/x)",)),
            "starts": st.booleans(),
        },
    ),
    st.sampled_from(["/usr", "/usr/local", PYENV, "/opt/x"]),
    st.sampled_from(["/usr", "/usr/local", "", "/build"]),
)
def test_only_what_is_proved_unmanaged_is_called_so(
    make_interpreter: Make, make_probe: Callable[..., Probe], facts: Dict[str, Any], prefix: str, build: str
) -> None:
    """The safe error: an owner, another maker's file, or a Python that gives no answer makes it managed."""
    found = make_interpreter(probe=make_probe(base_prefix=prefix, build_prefix=build), **facts)
    if not found.origin.managed and not facts.get("venv"):
        assert not {"owner", "marks"} & set(facts)
        assert facts.get("starts", True)
        assert prefix in ("/usr/local", PYENV)
    assert (found.refusal is None) is facts.get("starts", True)
    assert found.evidence
