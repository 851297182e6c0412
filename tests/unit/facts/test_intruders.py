"""What stands before the distro's packages: whose it is, what it can hide, and what every start executes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import Tree
from venvboot.facts import intruders
from venvboot.model import IncomingDistribution

LOCAL = "/usr/local/lib/python3.11/dist-packages"


def found(tree: Tree) -> dict[str, IncomingDistribution]:
    return {one.name: one for one in intruders.standing(tree.system(), LOCAL)}


def test_a_folder_that_is_missing_or_empty_has_nobody(tree: Tree) -> None:
    assert found(tree) == {}
    tree.directory(LOCAL)
    assert found(tree) == {}


def test_a_distribution_is_told_with_the_roots_and_hooks_that_it_recorded(tree: Tree) -> None:
    tree.file(f"{LOCAL}/yaml/__init__.py")
    tree.file(f"{LOCAL}/_yaml.cpython-311.so")
    tree.file(f"{LOCAL}/yaml.pth")
    tree.file(
        f"{LOCAL}/PyYAML-6.0.dist-info/RECORD",
        "yaml/__init__.py,,\n_yaml.cpython-311.so,,\nyaml.pth,,\nPyYAML-6.0.dist-info/RECORD,,\n",
    )
    (one,) = found(tree).values()
    assert (one.name, one.version) == ("pyyaml", "6.0")
    assert (one.import_roots, one.startup_files) == (("_yaml", "yaml"), ("yaml.pth",))


def test_what_no_distribution_accounts_for_stands_under_its_own_name(tree: Tree) -> None:
    tree.file(f"{LOCAL}/loose.py")
    tree.file(f"{LOCAL}/google/protobuf/__init__.py")
    tree.file(f"{LOCAL}/evil.pth")
    tree.file(f"{LOCAL}/sitecustomize.py")
    assert found(tree) == {
        "google/protobuf": IncomingDistribution("google/protobuf", "", True, ("google/protobuf",)),
        "loose": IncomingDistribution("loose", "", True, ("loose",)),
        "sitecustomize": IncomingDistribution("sitecustomize", "", True, ("sitecustomize",)),
        "sitecustomize.py": IncomingDistribution("sitecustomize.py", "", True, (), (), ("sitecustomize.py",)),
        "evil.pth": IncomingDistribution("evil.pth", "", True, (), (), ("evil.pth",)),
    }


def test_an_egg_info_has_the_module_of_its_name(tree: Tree) -> None:
    tree.file(f"{LOCAL}/old_thing-1.0.egg-info/PKG-INFO")
    tree.file(f"{LOCAL}/old_thing.py")
    (one,) = found(tree).values()
    assert (one.name, one.import_roots) == ("old-thing", ("old_thing",))


def test_what_a_record_lists_and_is_not_there_hides_nothing(tree: Tree) -> None:
    tree.file(f"{LOCAL}/a-1.dist-info/RECORD", "a/__init__.py,,\n")
    assert found(tree)["a"].import_roots == ()


@pytest.mark.parametrize("record", ['"', "a\0b,,\n", "../../etc/passwd,,\n", ",,,,\n", "\n\n"])
def test_a_hostile_record_is_read_without_a_fault(tree: Tree, record: str) -> None:
    tree.file(f"{LOCAL}/a-1.dist-info/RECORD", record)
    assert set(found(tree)) == {"a"}


@given(st.text())
def test_any_record_is_read_without_a_fault(tree: Tree, record: str) -> None:
    tree.file(f"{LOCAL}/a-1.dist-info/RECORD", record.encode("utf-8", "surrogatepass"))
    assert "a" in found(tree)
