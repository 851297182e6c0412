"""What the distro provides to one interpreter: distributions and import roots with their packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from venvboot.facts import owned_python

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

DIST = "/usr/lib/python3/dist-packages"
LOCAL = "/usr/local/lib/python3.11/dist-packages"


def test_distributions_and_roots_carry_their_package(tree: Tree) -> None:
    tree.package("python3-jinja2", "3.1.2-1", f"{DIST}/jinja2/__init__.py", f"{DIST}/Jinja2-3.1.2.egg-info/PKG-INFO")
    found = owned_python.read(tree.system(), [LOCAL, DIST])
    distribution, package = found.distributions["jinja2"]
    assert (distribution.version, distribution.location, package.package) == (
        "3.1.2",
        f"{DIST}/Jinja2-3.1.2.egg-info",
        "python3-jinja2",
    )
    assert found.import_roots["jinja2"] == (f"{DIST}/jinja2", package)


def test_a_package_without_metadata_is_known_by_its_module(tree: Tree) -> None:
    tree.package("python3-opencv", "4.6", f"{DIST}/cv2.cpython-311-x86_64-linux-gnu.so")
    found = owned_python.read(tree.system(), [DIST])
    assert found.distributions == {}
    assert found.import_roots["cv2"][1].package == "python3-opencv"


def test_packages_that_share_a_namespace_own_what_lies_below_it(tree: Tree) -> None:
    tree.package("python3-google-auth", "2", f"{DIST}/google/auth/__init__.py")
    tree.package("python3-protobuf", "3", f"{DIST}/google/protobuf/__init__.py")
    roots = owned_python.read(tree.system(), [DIST]).import_roots
    assert {root: package.package for root, (_, package) in roots.items()} == {
        "google/auth": "python3-google-auth",
        "google/protobuf": "python3-protobuf",
    }


def test_files_of_another_interpreter_are_left_out(tree: Tree) -> None:
    tree.package("pypy3-yaml", "6", "/usr/lib/pypy3/dist-packages/yaml/__init__.py", f"{DIST}-other/six.py")
    found = owned_python.read(tree.system(), [DIST, LOCAL])
    assert (found.distributions, found.import_roots) == ({}, {})


def test_the_first_package_that_brings_a_root_is_named(tree: Tree) -> None:
    tree.package("a-six", "1", f"{DIST}/six.py")
    tree.package("b-six", "2", f"{DIST}/six/__init__.py")
    found = owned_python.read(tree.system(), [DIST])
    assert set(found.import_roots) == {"six"}
    assert found.import_roots["six"][1].package == "a-six"
