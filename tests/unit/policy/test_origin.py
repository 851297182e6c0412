"""Where an interpreter came from: hard facts first, and "managed" wherever it isn't known."""

from __future__ import annotations

from typing import Any, Callable, Dict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.model import Interpreter, Mark, Ownership, Probe, SystemPackage, VenvConfig, Weight
from venvboot.policy.kinds import KINDS

PACKAGE = SystemPackage("dpkg", "python3.11-minimal", "3.11.2-6")
VENV = VenvConfig("/opt/venv", "/usr/bin", system_site_packages=False)
LOCAL = {"base_prefix": "/usr/local", "build_prefix": "/usr/local", "config_args": "'--enable-shared'"}
OFFICIAL = (
    "'--build=x86_64-linux-gnu' '--enable-loadable-sqlite-extensions' '--enable-option-checking=fatal' "
    "'--enable-shared' '--with-ensurepip'"
)
PYENV = "/opt/pyenv/versions/3.12.1"
MARKER = "/usr/lib/python3.11/EXTERNALLY-MANAGED"
DOUBT = "rpm (/var/lib/rpm/Packages): BerkeleyDB, and there is no rpm program"
LIBEXEC = "/usr/libexec/platform-python3.6"
Make = Callable[..., Interpreter]


def hard(kind: str, root: str = "/x") -> Mark:
    return Mark(kind, root, f"{root}/sign stands there", Weight.HARD)


def strong(kind: str, root: str = "/x") -> Mark:
    return Mark(kind, root, f"it lies in {root}", Weight.STRONG)


@pytest.fixture(scope="session")
def judged(make_interpreter: Make, make_probe: Callable[..., Probe]) -> Make:
    """Judge an interpreter with ``probe`` changed and any other fact given."""

    def judge(probe: Dict[str, Any], **facts: Any) -> Interpreter:
        return make_interpreter(probe=make_probe(**probe), **facts)

    return judge


@pytest.mark.parametrize(
    ("probe", "facts", "kind"),
    [
        # An environment and a maker's own store decide before a package database, and that before the rest.
        ({}, {"owner": PACKAGE, "venv": VENV}, "venv"),
        ({}, {"venv": VENV, "marks": (hard("s2i", "/opt/app-root"),)}, "s2i"),
        ({}, {"owner": PACKAGE, "marks": (hard("conda"),)}, "conda"),
        ({}, {"marks": (hard("pixi"), hard("conda"))}, "pixi"),
        ({}, {"marks": (hard("nix"),)}, "nix"),
        ({}, {"marks": (hard("scl"),), "owner": PACKAGE}, "scl"),
        ({}, {"owner": PACKAGE}, "distro"),
        ({}, {"owner": PACKAGE, "altered": True}, "altered"),
        ({}, {"owner": PACKAGE, "marks": (strong("bitnami"),)}, "distro"),
        ({}, {"owner": SystemPackage("distroless", "python3.11-minimal", "3.11.2-6")}, "distroless"),
        ({}, {"owner": SystemPackage("dpkg", "python3.12", "3.12.5-1+jammy1")}, "deadsnakes"),
        (LOCAL, {"owner": PACKAGE}, "distro"),
        ({"base_prefix": PYENV}, {"marks": (strong("pyenv", PYENV),), "owner": PACKAGE}, "distro"),
        # What it was compiled for beats where it was put.
        ({"base_prefix": "/opt/py", "build_prefix": "/install"}, {}, "standalone"),
        ({"base_prefix": "/opt/py", "config_args": "'--prefix=/install'"}, {}, "standalone"),
        ({"base_prefix": PYENV, "build_prefix": "/install"}, {"marks": (strong("pyenv", PYENV),)}, "standalone"),
        ({"base_prefix": "/opt/py", "standalone": True}, {}, "uv"),
        ({"base_prefix": "/opt/py"}, {"marks": (strong("uv"),)}, "uv"),
        ({"base_prefix": "/opt/py"}, {"marker": MARKER, "marker_text": "Python is managed by uv."}, "uv"),
        ({"base_prefix": "/opt/bitnami/python"}, {"marks": (strong("bitnami"),)}, "bitnami"),
        ({"base_prefix": "/opt/a", "banner": "3.6.6 (ActivePython 3.6.6.3606, ActiveState)"}, {}, "activestate"),
        ({"base_prefix": "/opt/pypy", "implementation": "pypy", "config_args": ""}, {}, "pypy"),
        ({"base_prefix": PYENV, "implementation": "graalpy"}, {"marks": (strong("pyenv", PYENV),)}, "graalpy"),
        ({"base_prefix": "/usr", "implementation": "pypy", "config_args": ""}, {}, "unknown"),
        ({"base_prefix": PYENV, "build_prefix": PYENV}, {"marks": (strong("pyenv", PYENV),)}, "pyenv"),
        ({"base_prefix": "/else", "config_args": ""}, {"marks": (strong("pyenv", PYENV),)}, "unknown"),
        # Source builds, by place
        (LOCAL, {}, "source"),
        ({**LOCAL, "config_args": OFFICIAL}, {}, "docker-library"),
        ({**LOCAL, "config_args": OFFICIAL + " '--prefix=/usr/local'"}, {}, "source"),
        ({"base_prefix": "/opt/x", "build_prefix": "/opt/x"}, {}, "source"),
        ({"base_prefix": "/opt/x", "build_prefix": "/usr/local"}, {}, "relocated"),
        ({"base_prefix": "/opt/x", "config_args": ""}, {}, "unknown"),
        ({}, {}, "source-in-usr"),
        # A marker, or a database that can't be read, makes the safe answer of every softer one.
        ({}, {"marker": MARKER}, "unknown"),
        (LOCAL, {"marker": MARKER}, "unknown"),
        ({"base_prefix": "/opt/bitnami/python"}, {"marks": (strong("bitnami"),), "marker": MARKER}, "unknown"),
        ({"base_prefix": "/opt/venv"}, {"venv": VENV, "marker": MARKER}, "venv"),
        ({}, {"doubts": (DOUBT,)}, "unknown"),
        # A distro's in an image that has lost its database, and one of nobody's where there never was any.
        ({}, {"no_database": True}, "unknown"),
        ({"schemes": ("rpm_prefix", "posix_prefix")}, {"no_database": True}, "unknown"),
        ({"schemes": ("posix_prefix",)}, {"no_database": True}, "source-in-usr"),
        (LOCAL, {"no_database": True}, "source"),
        (LOCAL, {"doubts": (DOUBT,)}, "unknown"),
        (LOCAL, {"doubts": (DOUBT,), "owner": PACKAGE}, "distro"),
        ({"base_prefix": "/opt/py", "build_prefix": "/install"}, {"doubts": (DOUBT,)}, "unknown"),
        ({"base_prefix": "/usr/lib64/pypy3.9", "implementation": "pypy"}, {"doubts": (DOUBT,)}, "unknown"),
        ({"base_prefix": "/opt/bitnami/python"}, {"marks": (strong("bitnami"),), "doubts": (DOUBT,)}, "unknown"),
        ({"base_prefix": "/opt/py"}, {"marks": (strong("uv"),), "doubts": (DOUBT,)}, "uv"),
        ({}, {"marks": (hard("conda"),), "doubts": (DOUBT,)}, "conda"),
        ({}, {"venv": VENV, "doubts": (DOUBT,)}, "venv"),
        ({}, {"venv": VENV, "marks": (hard("s2i", "/opt/app-root"),), "doubts": (DOUBT,)}, "s2i"),
        ({"base_prefix": "/opt/x", "build_prefix": "/opt/x"}, {"doubts": (DOUBT,)}, "unknown"),
        ({}, {"doubts": (DOUBT,), "owner": PACKAGE}, "distro"),
    ],
)
def test_the_first_rule_that_matches_names_the_origin(
    judged: Make, probe: Dict[str, Any], facts: Dict[str, Any], kind: str
) -> None:
    found = judged(probe, **facts).origin
    assert (found.kind, found.managed) == (kind, KINDS[kind].managed)
    owner = facts.get("owner")
    assert found.owner == (None if kind in ("venv", "s2i") else owner)


@pytest.mark.parametrize(
    ("probe", "facts", "label"),
    [
        ({}, {"owner": PACKAGE}, "python3.11-minimal 3.11.2-6"),
        ({}, {"owner": PACKAGE, "altered": True}, "python3.11-minimal 3.11.2-6, altered since"),
        ({}, {"venv": VENV}, "virtual environment of /usr/bin"),
        ({}, {"doubts": (DOUBT,)}, "managed, unknown (rpm can't be read)"),
        (LOCAL, {"doubts": (DOUBT,)}, "managed, unknown (rpm can't be read)"),
        ({}, {"marker": MARKER}, "managed, unknown (its prefix is the distro's)"),
        ({}, {"no_database": True}, "managed, unknown (a distro's, whose database is gone)"),
        ({}, {"no_database": True, "marker": MARKER}, "managed, unknown (a distro's, whose database is gone)"),
        ({"base_prefix": "/opt/x", "config_args": ""}, {}, "managed, unknown (no rule for /opt/x)"),
        (LOCAL, {"marker": MARKER}, f"managed, unknown ({MARKER} is there)"),
        ({}, {"marks": (hard("conda", "/opt/conda"),)}, "conda in /opt/conda"),
        ({"base_prefix": "/opt/x", "build_prefix": "/b"}, {}, "source build for /b, moved to /opt/x"),
    ],
)
def test_the_label_says_why(judged: Make, probe: Dict[str, Any], facts: Dict[str, Any], label: str) -> None:
    assert judged(probe, **facts).origin.label == label


def _linked(*names: str) -> Dict[str, Any]:
    package = SystemPackage("rpm", "python36", "3.6.8-2.module+el8")
    return {name: Ownership(package, name) for name in names}


@pytest.mark.parametrize("name", ["platform-python", LIBEXEC.rpartition("/")[2], "platform-python3.6m"])
@pytest.mark.parametrize(
    ("links", "kind", "base_path"),
    [
        ((), "platform-python", ""),
        (("/usr/libexec/platform-python", "/usr/libexec/platform-python3.6m"), "platform-python", ""),
        (("/usr/libexec/platform-python", "/usr/bin/python3.6"), "distro", "/usr/bin/python3.6"),
    ],
)
def test_rhel_8s_own_interpreter_is_told_from_the_users_by_a_packages_link(
    make_interpreter: Make, name: str, links: tuple[str, ...], kind: str, base_path: str
) -> None:
    owner = SystemPackage("rpm", "platform-python", "3.6.8-56.el8")
    real = f"/usr/libexec/{name}"
    found = make_interpreter("/usr/bin/python3.6", real, owner, owned_names=_linked(*links))
    assert (found.origin.kind, found.base_path) == (kind, base_path or real)
    assert found.origin.managed
    assert (found.refusal is not None and found.refusal.code == "platform-python") is (kind == "platform-python")


def test_one_that_does_not_start_is_managed(make_interpreter: Make) -> None:
    found = make_interpreter(starts=False)
    assert (found.origin.kind, found.origin.managed) == ("unknown", True)
    assert found.origin.label == "managed, unknown (does not start)"


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "owner": st.just(PACKAGE),
            "altered": st.booleans(),
            "venv": st.just(VENV),
            "marker": st.just(MARKER),
            "marks": st.lists(
                st.builds(
                    Mark,
                    st.sampled_from(sorted(set(KINDS) - {"s2i"})),
                    st.just(PYENV),
                    st.just("sign"),
                    st.sampled_from([Weight.HARD, Weight.STRONG]),
                ),
                max_size=3,
            ).map(tuple),
            "doubts": st.just((DOUBT,)),
            "starts": st.booleans(),
        },
    ),
    st.sampled_from(["/usr", "/usr/local", PYENV, "/opt/x", "/"]),
    st.sampled_from(["/usr", "/usr/local", "", "/build", "/install"]),
    st.sampled_from(["cpython", "pypy", "graalpy"]),
)
def test_only_what_is_proved_unmanaged_is_called_so(
    make_interpreter: Make,
    make_probe: Callable[..., Probe],
    facts: Dict[str, Any],
    prefix: str,
    build: str,
    implementation: str,
) -> None:
    """The safe error: an owner or none that can be known, a marker, the distro's prefix, no answer: managed."""
    probe = make_probe(base_prefix=prefix, build_prefix=build, implementation=implementation)
    found = make_interpreter(probe=probe, **facts)
    marks = facts.get("marks", ())
    if not found.origin.managed and not facts.get("venv"):
        unmanaged_store = any(mark.weight is Weight.HARD for mark in marks)
        assert "marker" not in facts
        assert "doubts" not in facts or "owner" in facts
        assert unmanaged_store or "owner" not in facts
        assert any(not KINDS[mark.kind].managed for mark in marks) or prefix not in ("/usr", "/")
        assert facts.get("starts", True) or marks
    assert found.origin.managed is KINDS[found.origin.kind].managed
    assert found.evidence
