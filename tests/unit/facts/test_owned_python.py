"""What the distro provides to one interpreter: distributions and import roots with their packages."""

from __future__ import annotations

import json
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


def test_commands_carry_their_path_and_package(tree: Tree) -> None:
    tree.package("tar", "1", "/bin/tar", "/usr/bin/deeper/tar", "/usr/local/bin/other")
    tree.package("passwd", "1", "/usr/sbin/useradd", "/opt/conda/bin/x")
    found = owned_python.read(tree.system(), [DIST], "/opt/conda")
    assert {name: (path, package.package) for name, (path, package) in found.commands.items()} == {
        "tar": ("/bin/tar", "tar"),
        "useradd": ("/usr/sbin/useradd", "passwd"),
    }
    assert (found.doubts, found.no_database) == ((), False)


def test_essential_packages_and_doubts_are_told(tree: Tree) -> None:
    tree.file("/var/lib/dpkg/status", "Package: tar\nEssential: yes\nStatus: install ok installed\n\n")
    found = owned_python.read(tree.system(), [DIST])
    assert found.essential == {"tar"}
    assert found.doubts == ("dpkg (/var/lib/dpkg/info): no list of the files of 1 installed packages, the first tar",)


def test_an_image_without_a_database_says_so(tree: Tree) -> None:
    assert owned_python.read(tree.system(), [DIST], "/usr").no_database


def test_in_conda_s_prefix_its_packages_own_distributions_modules_and_commands(tree: Tree) -> None:
    site = "lib/python3.11/site-packages"
    files = ["bin/six", f"{site}/six.py", f"{site}/six-1.16.0.dist-info/METADATA"]
    told = {"name": "six", "version": "1.16.0", "files": files}
    tree.file("/opt/conda/conda-meta/six-1.16.0-0.json", json.dumps(told))
    found = owned_python.read(tree.system(), [f"/opt/conda/{site}"], "/opt/conda")
    assert str(found.distributions["six"][1]) == "six 1.16.0 (conda)"
    assert found.import_roots["six"][0] == f"/opt/conda/{site}/six"
    assert found.commands["six"][0] == "/opt/conda/bin/six"
    assert not found.no_database
    assert owned_python.read(tree.system(), [f"/opt/conda/{site}"], "/usr").no_database
