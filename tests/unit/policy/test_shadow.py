"""What an install would hide of the distro's, by name and by import root, and what it would not."""

from __future__ import annotations

from typing import Callable, Dict, List, Optional, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.model import (
    Distribution,
    Finding,
    IncomingDistribution,
    Interpreter,
    OwnedPython,
    Severity,
    SystemPackage,
)
from venvboot.policy import shadow

DIST = "/usr/lib/python3/dist-packages"
Judge = Callable[..., Tuple[Finding, ...]]
ROOTS = st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=3).map("/".join)


def owned(names: Dict[str, str], roots: Dict[str, str]) -> OwnedPython:
    """Both mappings lead to the name of a package."""
    return OwnedPython(
        {
            name: (Distribution(name, "1.0", f"{DIST}/{name}-1.0.egg-info"), SystemPackage("dpkg", package, "1.0-1"))
            for name, package in names.items()
        },
        {root: (f"{DIST}/{root}", SystemPackage("dpkg", package, "1.0-1")) for root, package in roots.items()},
    )


@pytest.fixture(scope="session")
def base(make_interpreter: Callable[..., Interpreter], debian_package: SystemPackage) -> Interpreter:
    return make_interpreter(owner=debian_package)


@pytest.fixture(scope="session")
def judge(base: Interpreter) -> Judge:
    def findings(
        name: str, roots: Optional[Tuple[str, ...]], names: Dict[str, str], owned_roots: Dict[str, str]
    ) -> Tuple[Finding, ...]:
        incoming = IncomingDistribution(name, "2.0", requested=True, import_roots=roots)
        return shadow.shadows([incoming], owned(names, owned_roots), base)

    return findings


@pytest.mark.parametrize(
    ("name", "roots", "names", "owned_roots", "told"),
    [
        # the same distribution: told once, by its name
        ("jinja2", ("jinja2",), {"jinja2": "python3-jinja2"}, {"jinja2": "python3-jinja2"}, ["shadow-dist"]),
        ("jinja2", None, {"jinja2": "python3-jinja2"}, {"jinja2": "python3-jinja2"}, ["shadow-dist"]),
        # no metadata, or another name: told by the module
        ("opencv-python", ("cv2",), {}, {"cv2": "python3-opencv"}, ["shadow-module"]),
        ("pillow-simd", ("PIL",), {"pillow": "python3-pil"}, {"PIL": "python3-pil"}, ["shadow-module"]),
        # the same name, and a module of yet another package
        ("a", ("a", "b"), {"a": "python3-a"}, {"a": "python3-a", "b": "python3-b"}, ["shadow-dist", "shadow-module"]),
        # two modules of one package
        ("a", ("b", "c"), {}, {"b": "python3-x", "c": "python3-x"}, ["shadow-module", "shadow-module"]),
        # a namespace is shared and hides nothing
        ("google-auth", ("google/auth",), {}, {"google/protobuf": "python3-protobuf"}, []),
        ("jaraco-text", ("jaraco/text",), {"jaraco-functools": "x"}, {"jaraco/functools": "x"}, []),
        ("ruamel-yaml", ("ruamel/yaml",), {}, {"ruamel/yaml/clib": "x"}, ["shadow-module"]),
        # a regular package called google hides all that lies below it
        ("google", ("google",), {}, {"google/protobuf": "python3-protobuf"}, ["shadow-module"]),
        ("protobuf-x", ("google/protobuf",), {}, {"google": "python3-google"}, ["shadow-module"]),
        ("protobuf", ("google/protobuf",), {}, {"google/protobuf": "python3-protobuf"}, ["shadow-module"]),
        # names that only begin alike
        ("yamllint", ("yamllint",), {"yaml": "x"}, {"yaml": "x"}, []),
        ("yaml", ("yaml",), {}, {"yamllint": "x"}, []),
        ("six", ("six",), {}, {}, []),
        ("six", (), {}, {"six": "python3-six"}, []),
        ("six", None, {}, {"six": "python3-six"}, []),
    ],
)
def test_names_and_import_roots_decide(
    judge: Judge,
    name: str,
    roots: Optional[Tuple[str, ...]],
    names: Dict[str, str],
    owned_roots: Dict[str, str],
    told: List[str],
) -> None:
    found = judge(name, roots, names, owned_roots)
    assert [finding.code for finding in found] == told
    assert all(finding.severity is Severity.ERROR and finding.subject == name for finding in found)


def test_a_hidden_distribution_is_told_with_both_versions_and_its_package(judge: Judge) -> None:
    (found,) = judge("jinja2", None, {"jinja2": "python3-jinja2"}, {})
    assert found.message == "jinja2 2.0 would hide jinja2 1.0 of the package python3-jinja2"
    assert (
        found.evidence
        == f"python3-jinja2 1.0-1 (dpkg) owns {DIST}/jinja2-1.0.egg-info, on the path of /usr/bin/python3"
    )
    assert found.hint.endswith("jinja2==1.0")


def test_a_hidden_module_is_told_as_it_is_imported(judge: Judge) -> None:
    (found,) = judge("x", ("google/protobuf",), {}, {"google/protobuf": "python3-protobuf"})
    assert found.message == "x 2.0 would hide the module google.protobuf of the package python3-protobuf"
    assert f"owns {DIST}/google/protobuf," in found.evidence


@given(ROOTS, ROOTS)
def test_roots_collide_when_one_is_the_other_or_lies_below_it(judge: Judge, brought: str, present: str) -> None:
    one, other = brought.split("/"), present.split("/")
    shared = min(len(one), len(other))
    assert bool(judge("x", (brought,), {}, {present: "p"})) is (one[:shared] == other[:shared])


def test_the_version_may_be_unknown(base: Interpreter) -> None:
    incoming = [IncomingDistribution("six", "", requested=True)]
    (found,) = shadow.shadows(incoming, owned({"six": "python3-six"}, {}), base)
    assert found.message.startswith("six would hide six 1.0")


def test_a_system_target_is_refused_by_the_owner_s_name(base: Interpreter) -> None:
    found = shadow.system_target(base, ["six", "jinja2==3"], "/opt/venv")
    assert (found.code, found.subject) == ("system-target", "/usr/bin/python3")
    assert "six, jinja2==3 would be installed into /usr/bin/python3" in found.message
    assert found.evidence == "/usr/bin/python3.11 belongs to python3.11-minimal 3.11.2-6 (dpkg)"
    assert found.hint == "RUN venvboot init /opt/venv && venvboot install --venv /opt/venv six jinja2==3"


def test_an_unowned_target_is_refused_with_its_origin(make_interpreter: Callable[..., Interpreter]) -> None:
    found = shadow.system_target(make_interpreter(), [], "/opt/venv")
    assert found.evidence == "its origin: no package's, in /usr"
    assert found.message.startswith("this would be installed")
    assert found.hint.endswith("--venv /opt/venv")
