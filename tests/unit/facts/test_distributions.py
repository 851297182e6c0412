"""Names of distributions and the import roots of their files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, List, Optional, Tuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.facts import distributions
from venvboot.model import Distribution, canonical

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

NAMES = st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,8}[A-Za-z0-9])?", fullmatch=True)
WHEEL_NAMES = NAMES.map(lambda name: re.sub(r"[-_.]+", "_", name))
VERSIONS = st.from_regex(
    r"[0-9]{1,3}(?:\.[0-9]{1,2}){0,2}(?:(?:a|b|rc|\.dev|\.post|\+deb)[0-9]{1,2})?", fullmatch=True
)
FOLDERS = st.sampled_from(["google", "auth", "cv2", "__pycache__", "a-1.dist-info"])
FILES = st.sampled_from(["__init__.py", "a.py", "google.py", "x.so", "data.txt"])
PATHS = st.lists(
    st.builds(lambda above, name: "/".join([*above, name]), st.lists(FOLDERS, max_size=3), FILES), max_size=6
)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("jinja2-3.1.4.dist-info", ("jinja2", "3.1.4")),
        ("Jinja2-3.1.2.egg-info", ("jinja2", "3.1.2")),
        ("foo-1.0-py3.11.egg-info", ("foo", "1.0")),
        ("foo-1.0-py3.egg-info", ("foo", "1.0")),
        ("zope.interface-5.4.0.dist-info", ("zope-interface", "5.4.0")),
        ("ruamel_yaml-0.17.dist-info", ("ruamel-yaml", "0.17")),
        ("python-dateutil-2.8.2.egg-info", ("python-dateutil", "2.8.2")),
        ("setuptools-66.1.1+deb12u1.dist-info", ("setuptools", "66.1.1+deb12u1")),
        ("foo.egg-info", None),
        ("foo-1.0.data", None),
        ("foo-1.0.dist-info.bak", None),
        ("-1.0.dist-info", None),
        ("foo", None),
        ("", None),
    ],
)
def test_a_metadata_folder_is_told_by_its_name(name: str, told: Optional[Tuple[str, str]]) -> None:
    path = f"/site/{name}"
    assert distributions.parse(path) == (Distribution(*told, location=path) if told else None)


@given(WHEEL_NAMES, VERSIONS, st.sampled_from([".dist-info", ".egg-info", "-py3.11.egg-info", "-py3.9.egg-info"]))
def test_what_an_installer_writes_is_read_back(name: str, version: str, suffix: str) -> None:
    found = distributions.parse(f"{name}-{version}{suffix}")
    assert found is not None
    assert (found.name, found.version) == (canonical(name), version)


@given(st.text(max_size=30))
@example("-" * 200 + ".dist-info")
@example("1-" * 200 + "x.dist-info")
def test_any_name_is_read_without_a_fault(name: str) -> None:
    found = distributions.parse(name)
    assert found is None or (found.name == canonical(found.name) and found.version[0].isdigit())


@given(NAMES)
def test_a_canonical_name_is_the_same_for_every_spelling(name: str) -> None:
    found = canonical(name)
    assert re.match(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z", found)
    spellings = (found.upper(), found.replace("-", "_"), found.replace("-", "."), found.replace("-", "-_."))
    assert {canonical(other) for other in spellings} == {found}


@pytest.mark.parametrize(
    ("paths", "roots"),
    [
        (["six.py"], ("six",)),
        (["cv2.cpython-311-x86_64-linux-gnu.so"], ("cv2",)),
        (["cv2/__init__.py", "cv2/data/__init__.py", "cv2/x.so"], ("cv2",)),
        (["google/protobuf/__init__.py", "google/protobuf/any.py"], ("google/protobuf",)),
        (["google/auth/__init__.py", "google/oauth2/__init__.py"], ("google/auth", "google/oauth2")),
        (["jaraco/functools.py", "jaraco/text/__init__.py"], ("jaraco/functools", "jaraco/text")),
        (["google/__init__.py", "google/protobuf/__init__.py"], ("google",)),
        (["pkg/__init__.cpython-311.so", "pkg/inner/a.py"], ("pkg",)),
        (["old/__init__.pyc", "old/a.pyc"], ("old",)),
        (["pkg/__init__.py", "pkg/locale/de.mo"], ("pkg",)),
        (["a-1.0.dist-info/RECORD", "a-1.0.dist-info/x.py", "A-1.0.egg-info/a.py"], ()),
        (["__pycache__/six.cpython-311.pyc", "pkg/__pycache__/a.pyc"], ()),
        (["distutils-precedence.pth", "py.typed", "share/doc/README"], ()),
        ([], ()),
    ],
)
def test_import_roots_end_at_the_first_package_or_module(paths: List[str], roots: Tuple[str, ...]) -> None:
    assert distributions.import_roots(paths) == roots


@given(PATHS)
def test_every_module_is_covered_by_a_root_and_every_root_by_a_module(paths: List[str]) -> None:
    roots = distributions.import_roots(paths)
    assert list(roots) == sorted(set(roots))
    modules = [path[: -len(".py")] for path in paths if path.endswith((".py", ".so")) and "-info/" not in path]
    names = [path.replace("/__init__", "") for path in modules if "__pycache__" not in path]
    for name in names:
        assert any(name == root or name.startswith(root + "/") for root in roots), name
    for root in roots:
        assert any(path.startswith((root + "/", root + ".")) for path in paths), root


@given(PATHS)
def test_the_order_of_the_files_decides_nothing(paths: List[str]) -> None:
    assert distributions.import_roots(reversed(paths)) == distributions.import_roots(paths)


def test_the_first_folder_on_the_path_wins(tree: Tree) -> None:
    first = tree.directory("/venv/lib/site-packages/six-1.16.0.dist-info")
    tree.directory("/usr/lib/python3/dist-packages/six-1.17.0.dist-info")
    tree.file("/usr/lib/python3/dist-packages/PyYAML-6.0.egg-info")
    folders = ["/none", "/venv/lib/site-packages", "/usr/lib/python3/dist-packages"]
    found = distributions.installed(tree.system(), folders)
    assert {name: one.version for name, one in found.items()} == {"six": "1.16.0", "pyyaml": "6.0"}
    assert found["six"].location == first
