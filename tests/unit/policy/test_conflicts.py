"""What speaks against a distribution: each kind in each target, as the taxonomy has it."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, List, Optional, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.model import (
    Conflict,
    Distribution,
    Finding,
    IncomingDistribution,
    InstallTarget,
    Isolation,
    OwnedPython,
    Severity,
    SystemPackage,
)
from venvboot.policy import conflicts
from venvboot.policy.conflicts import ISOLATED, SYSTEM, SYSTEM_SITE

DIST = "/usr/lib/python3/dist-packages"
LOCAL = "/usr/local/lib/python3.11/dist-packages"
ROOTS = st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=3).map("/".join)
PACKAGE = SystemPackage("dpkg", "python3-x", "1.0-1")
R, W = Severity.ERROR, Severity.WARNING


def package(name: str) -> SystemPackage:
    return SystemPackage("dpkg", name, "1.0-1")


def owned(names: Dict[str, str], roots: Dict[str, str], commands: Optional[Dict[str, str]] = None) -> OwnedPython:
    """All mappings lead to the name of a package."""
    return OwnedPython(
        {
            name: (Distribution(name, "1.0", f"{DIST}/{name}-1.0.egg-info"), package(owner))
            for name, owner in names.items()
        },
        {root: (f"{DIST}/{root}", package(owner)) for root, owner in roots.items()},
        {name: (f"/usr/bin/{name}", package(owner)) for name, owner in (commands or {}).items()},
        essential=frozenset({"coreutils"}),
    )


def target(isolation: Isolation = SYSTEM, **changes: object) -> InstallTarget:
    made = InstallTarget(
        isolation,
        "/usr/bin/python3",
        "/opt/venv",
        "3.11.2",
        LOCAL if isolation is SYSTEM else "/opt/venv/lib/python3.11/site-packages",
        frozenset({"enum", "wsgiref", "dataclasses", "concurrent"}),
        "/usr/lib/python3.11",
        package("python3.11-minimal"),
        "a package of Debian",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def judged(item: IncomingDistribution, where: InstallTarget, there: OwnedPython) -> Dict[str, Conflict]:
    found = {one.kind: one for one in conflicts.conflicts([item], where, there)}
    assert all((one.name, one.version) == (item.name, item.version) for one in found.values())
    return found


def arriving(name: str = "x", **changes: object) -> IncomingDistribution:
    made = IncomingDistribution(name, "2.0", requested=True, import_roots=())
    return replace(made, **changes)  # type: ignore[arg-type]


NOTHING = owned({}, {})
# Kind -> what brings it about: the distribution, what the distro has, and what else is so of the target.
CAUSES: Dict[str, Tuple[IncomingDistribution, OwnedPython, Dict[str, object]]] = {
    "system-target": (arriving(), NOTHING, {}),
    "shadow-dist": (arriving(), owned({"x": "python3-x"}, {}), {}),
    "shadow-module": (arriving(import_roots=("cv2",)), owned({}, {"cv2": "python3-opencv"}), {}),
    "shadow-stdlib": (arriving(import_roots=("enum",)), NOTHING, {}),
    "startup-hook": (arriving(startup_files=("x.pth",)), NOTHING, {}),
    "hide-command": (arriving(commands=("chardetect",)), owned({}, {}, {"chardetect": "python3-chardet"}), {}),
    "remove-owned": (arriving(), owned({"x": "python3-x"}, {}), {"removable": frozenset({"x"})}),
    "needs-build": (arriving(built=True), NOTHING, {}),
    "owned-file": (
        arriving(data_files=("share/x",)),
        NOTHING,
        {"occupied": {"/usr/local/share/x": PACKAGE, "/opt/venv/share/x": PACKAGE}},
    ),
    "locked-changed": (arriving(), NOTHING, {"locked": {"x": ("1.0", "/app/requirements.txt")}}),
    "environment-file": (arriving(data_files=("pyvenv.cfg",)), NOTHING, {}),
}
TAXONOMY = [
    ("system-target", R, None, None),
    ("shadow-dist", R, None, R),
    ("shadow-module", R, None, R),
    ("shadow-stdlib", R, R, R),
    ("startup-hook", R, W, W),
    ("owned-file", R, R, R),
    ("environment-file", None, R, R),
    ("hide-command", R, W, W),
    ("remove-owned", R, None, None),
    ("needs-build", R, None, W),
    ("locked-changed", None, R, R),
]


def test_every_kind_has_a_cause_here_and_a_line_in_the_table() -> None:
    assert set(CAUSES) == set(conflicts.WEIGHTS) == {line[0] for line in TAXONOMY}


@pytest.mark.parametrize(("kind", "system", "isolated", "system_site"), TAXONOMY)
def test_a_kind_weighs_as_the_target_is_set_apart(
    kind: str, system: Optional[Severity], isolated: Optional[Severity], system_site: Optional[Severity]
) -> None:
    item, there, more = CAUSES[kind]
    for isolation, severity in ((SYSTEM, system), (ISOLATED, isolated), (SYSTEM_SITE, system_site)):
        found = judged(item, target(isolation, **more), there)
        assert (found[kind].finding.severity if kind in found else None) is severity, (kind, isolation)
        assert set(found) - {kind} <= {"system-target", "shadow-dist"}


@pytest.mark.parametrize(
    ("brings", "path"),
    [
        ({"data_files": ("venvboot.json",)}, "venvboot.json"),
        ({"data_files": (".venvboot-sync/committing",)}, ".venvboot-sync/committing"),
        ({"data_files": (".venvboot.json.venvboot.part/x",)}, ".venvboot.json.venvboot.part/x"),
        ({"data_files": ("bin/python3.11",)}, "bin/python3.11"),
        ({"data_files": ("lib64",)}, "lib64"),
        ({"commands": ("python3",)}, "bin/python3"),
        ({"commands": ("activate",)}, "bin/activate"),
        ({"commands": ("activate_this.py",)}, "bin/activate_this.py"),
        ({"commands": ("venvboot-entrypoint",)}, "bin/venvboot-entrypoint"),
        ({"commands": ("pip3",)}, "bin/pip3"),
        ({"files": ("pip/__init__.py",)}, "lib/python3.11/site-packages/pip/__init__.py"),
        ({"files": ("pip/_vendor/x.pem",)}, "lib/python3.11/site-packages/pip/_vendor/x.pem"),
        ({"import_roots": ("_venvboot_pip",)}, "lib/python3.11/site-packages/_venvboot_pip.py"),
        ({"startup_files": ("venvboot_pip.pth",)}, "lib/python3.11/site-packages/venvboot_pip.pth"),
    ],
)
def test_what_makes_an_environment_is_overwritten_by_nothing(brings: Dict[str, object], path: str) -> None:
    found = judged(arriving("x", **brings), target(ISOLATED), NOTHING)["environment-file"].finding
    assert found.message == f"x 2.0 would overwrite /opt/venv/{path}"


def test_pip_brings_its_own_programs_and_nobody_else_does() -> None:
    brings: Dict[str, object] = {"commands": ("pip", "pip3.11"), "files": ("pip/__init__.py",)}
    assert judged(arriving("pip", **brings), target(ISOLATED), NOTHING) == {}
    assert "environment-file" in judged(arriving("piper", **brings), target(ISOLATED), NOTHING)
    there = owned({}, {}, {"pip": "python3-pip"})
    assert "hide-command" in judged(arriving("piper", **brings), target(SYSTEM), there)


def test_headers_of_a_package_are_not_overwritten() -> None:
    path = "/usr/include/python3.11/cpython/object.h"
    found = judged(arriving("cpython", headers=("object.h",)), target(SYSTEM, occupied={path: PACKAGE}), NOTHING)
    assert found["owned-file"].finding.message == f"cpython 2.0 would overwrite {path}"


@pytest.mark.parametrize("name", ["activate-global-python-argcomplete", "python-argcomplete", "2to3", "pipx"])
def test_programs_of_other_names_are_no_part_of_an_environment(name: str) -> None:
    assert "environment-file" not in judged(arriving(commands=(name,)), target(ISOLATED), NOTHING)


@pytest.mark.parametrize("kind", conflicts.WEIGHTS)
def test_every_finding_says_what_why_and_the_way_out(kind: str) -> None:
    item, there, more = CAUSES[kind]
    found: List[Finding] = [
        one.finding
        for isolation in Isolation
        for one in conflicts.conflicts([item], target(isolation, **more), there)
        if one.kind == kind
    ]
    assert found
    assert all(one.message and one.evidence and one.hint and one.subject == "x" for one in found)


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
        # two modules are one conflict, which one exception lets in
        ("a", ("b", "c"), {}, {"b": "python3-x", "c": "python3-x"}, ["shadow-module"]),
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
@pytest.mark.parametrize("isolation", [SYSTEM, SYSTEM_SITE])
def test_names_and_import_roots_decide(
    isolation: Isolation,
    name: str,
    roots: Optional[Tuple[str, ...]],
    names: Dict[str, str],
    owned_roots: Dict[str, str],
    told: List[str],
) -> None:
    found = judged(arriving(name, import_roots=roots), target(isolation), owned(names, owned_roots))
    assert sorted(set(found) - {"system-target"}) == told


def test_a_hidden_distribution_is_told_with_both_versions_and_both_folders_in_order() -> None:
    found = judged(arriving("jinja2"), target(), owned({"jinja2": "python3-jinja2"}, {}))["shadow-dist"].finding
    assert found.message == "jinja2 2.0 would hide jinja2 1.0 of the package python3-jinja2"
    assert (
        found.evidence == f"{LOCAL} comes before {DIST}/jinja2-1.0.egg-info, which python3-jinja2 1.0-1 (dpkg) owns"
    )
    assert found.hint.endswith("jinja2==1.0")


def test_a_hidden_module_is_told_as_it_is_imported() -> None:
    there = owned({}, {"google/protobuf": "python3-protobuf"})
    found = judged(arriving(import_roots=("google/protobuf",)), target(), there)["shadow-module"].finding
    assert found.message == "x 2.0 would hide the module google.protobuf of the package python3-protobuf"
    assert f"{DIST}/google/protobuf, which" in found.evidence


def test_what_stands_there_already_hides_now() -> None:
    there = owned({"x": "python3-x"}, {})
    found = judged(arriving(), target(there=True), there)["shadow-dist"].finding
    assert found.message == "x 2.0 hides x 1.0 of the package python3-x"


def test_a_dependency_is_told_with_what_needs_it() -> None:
    item = arriving("jinja2", requested=False, needed_by="ansible-core")
    found = judged(item, target(SYSTEM_SITE), owned({"jinja2": "python3-jinja2"}, {}))["shadow-dist"].finding
    assert found.evidence.endswith("; needed by ansible-core")


@given(ROOTS, ROOTS)
def test_roots_collide_when_one_is_the_other_or_lies_below_it(brought: str, present: str) -> None:
    one, other = brought.split("/"), present.split("/")
    shared = min(len(one), len(other))
    found = judged(arriving(import_roots=(brought,)), target(), owned({}, {present: "p"}))
    assert ("shadow-module" in found) is (one[:shared] == other[:shared])


def test_the_version_may_be_unknown() -> None:
    found = judged(arriving("six", version=""), target(), owned({"six": "python3-six"}, {}))
    assert found["shadow-dist"].finding.message.startswith("six would hide six 1.0")


@pytest.mark.parametrize(
    ("requested", "isolation", "severity"),
    [(True, ISOLATED, R), (False, ISOLATED, W), (False, SYSTEM_SITE, W), (True, SYSTEM_SITE, R), (False, SYSTEM, R)],
)
def test_a_dependency_that_brings_what_the_library_has_is_let_into_an_environment(
    requested: bool, isolation: Isolation, severity: Severity
) -> None:
    item = arriving("enum34", import_roots=("enum",), requested=requested, needed_by="old")
    assert judged(item, target(isolation), NOTHING)["shadow-stdlib"].finding.severity is severity


@pytest.mark.parametrize(
    ("name", "roots"),
    [
        ("configparser", ("backports/configparser",)),  # the name is the library's, the module is not
        ("standard-imghdr", ("imghdr",)),  # removed from it in 3.13: this target's library doesn't have it
        ("asyncio", ()),
        ("x", ("enum/y",)),  # a folder without an __init__: the library's own is read
    ],
)
def test_names_of_the_standard_library_alone_are_no_reason(name: str, roots: Tuple[str, ...]) -> None:
    assert not judged(arriving(name, import_roots=roots), target(ISOLATED), NOTHING)


def test_the_line_to_remove_is_named() -> None:
    item = arriving("wsgiref", import_roots=("wsgiref",), needed_by="-r requirements.txt (line 7)")
    found = judged(item, target(ISOLATED), NOTHING)["shadow-stdlib"].finding
    assert found.message == "wsgiref 2.0 brings wsgiref, which is in the standard library of Python 3.11.2"
    assert "requirements.txt (line 7)" in found.hint


@pytest.mark.parametrize(
    ("name", "files", "editable", "told"),
    [
        ("setuptools", ("distutils-precedence.pth",), False, False),
        ("other", ("distutils-precedence.pth",), False, True),
        ("setuptools", ("distutils-precedence.pth", "more.pth"), False, True),
        ("own", ("__editable__.own-1.pth",), True, False),
        ("own", ("sitecustomize.py",), False, True),
    ],
)
def test_start_up_files_are_told_but_for_known_and_editable_ones(
    name: str, files: Tuple[str, ...], editable: bool, told: bool
) -> None:
    found = judged(arriving(name, startup_files=files, editable=editable), target(ISOLATED), NOTHING)
    assert bool(found) is told


@pytest.mark.parametrize(
    ("command", "owner", "severity"),
    [
        ("chardetect", "python3-chardet", W),
        ("ls", "coreutils", R),
        ("apt", "apt", R),
        ("apt-get", "apt", R),
        ("dpkg-query", "dpkg", R),
        ("rpmbuild", "rpm-build", W),
        ("rpm", "rpm", R),
        ("dnf", "dnf", R),
        ("dnf-3", "python3-dnf", R),
        ("python3", "python3-minimal", R),
        ("python3.11", "python3.11-minimal", R),
        ("aptly", "aptly", W),
        ("pip", "python3-pip", None),
        ("pip3.11", "python3-pip", None),
        ("pipenv", "pipenv", W),
    ],
)
def test_commands_that_the_system_needs_are_refused(command: str, owner: str, severity: Optional[Severity]) -> None:
    item = arriving("pip" if command.startswith("pip") else "x", commands=(command,))
    found = judged(item, target(ISOLATED), owned({}, {}, {command: owner}))
    assert (found["hide-command"].finding.severity if found else None) is severity


def test_the_command_that_weighs_most_is_named_first() -> None:
    there = owned({}, {}, {"aaa": "aaa", "ls": "coreutils"})
    found = judged(arriving(commands=("aaa", "ls")), target(ISOLATED), there)["hide-command"].finding
    assert "/usr/bin/ls of the package coreutils" in found.message
    assert found.severity is R


def test_long_lists_are_cut() -> None:
    names = [f"m{number}" for number in range(9)]
    found = judged(arriving(import_roots=tuple(names)), target(), owned({}, dict.fromkeys(names, "p")))
    assert "m0, m1, m2 and 6 more" in found["shadow-module"].finding.message


def test_planned_paths_lie_below_the_environment() -> None:
    item = arriving(commands=("run",), data_files=("etc/x.conf",), import_roots=("a",))
    assert set(conflicts.planned_paths(item, target(ISOLATED))) == {
        "/opt/venv/bin/run",
        "/opt/venv/etc/x.conf",
        "/opt/venv/lib/python3.11/site-packages/a.py",
        "/opt/venv/lib/python3.11/site-packages/a/__init__.py",
    }


def test_every_file_is_planned_where_the_pip_of_that_system_puts_it() -> None:
    item = arriving(files=("x/data.pem",), data_files=("share/x",), import_roots=("x",))
    assert conflicts.planned_paths(item, target(SYSTEM)) == ("/usr/local/share/x", f"{LOCAL}/x/data.pem")
    alpine = target(SYSTEM, owner=SystemPackage("apk", "python3", "3.12"))
    assert conflicts.planned_paths(item, alpine)[0] == "/usr/share/x"
