"""What files tell of an interpreter that isn't started, compared with real ones; and trees that try to mislead."""

from __future__ import annotations

import ast
import os
import posixpath
import pprint
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Dict

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit import conftest
from venvboot.facts import unstarted
from venvboot.facts.probe import probe
from venvboot.model import Probe
from venvboot.system import System

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.conftest import Tree

# Told by the process alone, or about other systems than Linux.
ONLY_STARTED = {"banner", "started", "schemes"}


def read(tree: Tree, path: str, name: str = "python3") -> Probe | str:
    system = tree.system()
    return unstarted.read(system, system.realpath(path), name)


def told(tree: Tree, path: str, name: str = "python3") -> Probe:
    found = read(tree, path, name)
    assert isinstance(found, Probe), found
    return found


def library(tree: Tree, folder: str) -> None:
    for name in ("os.py", "sysconfig.py", "site.py", *(f"{name}/__init__.py" for name in unstarted.REQUIRED)):
        tree.file(f"{folder}/{name}")


def test_files_tell_what_each_python_of_this_machine_says_itself(pythons: Dict[str, str]) -> None:
    for minor, path in pythons.items():
        real = os.path.realpath(path)
        said, found = probe(System(), real), unstarted.read(System(), real, posixpath.basename(path))
        assert isinstance(said, Probe)
        assert isinstance(found, Probe), found
        differing = {name for name, value in asdict(said).items() if asdict(found)[name] != value}
        if minor == "2.7":
            differing -= {"site_packages"}  # it has lib/site-python as well
        assert differing <= ONLY_STARTED, minor
        assert not found.started
        assert {name for name in found.schemes if name not in said.schemes} == set()
        assert {"deb_system", "posix_local", "posix_prefix"} & {*found.schemes} == {
            "deb_system",
            "posix_local",
            "posix_prefix",
        } & {*said.schemes}


def test_the_modules_looked_for_are_those_of_the_probe(repository: Path) -> None:
    source = (repository / "venvboot" / "facts" / "probe_target.py").read_text(encoding="utf-8")
    names = [
        ast.literal_eval(node.value)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REQUIRED"
    ]
    assert names == [unstarted.REQUIRED]


def test_debian_s_patches_are_seen(tree: Tree) -> None:
    tree.elf("/usr/bin/python3.12")
    library(tree, "/usr/lib/python3.12")
    tree.file("/usr/lib/python3.12/site.py", "'dist-packages'")
    tree.file("/usr/lib/python3.12/sysconfig.py", "{'deb_system': {}, 'posix_local': {}, 'posix_prefix': {}}")
    tree.file("/usr/lib/python3.12/_sysconfigdata__x86_64-linux-gnu.py", "build_time_vars = {'prefix': '/usr'}\n")
    found = told(tree, "/usr/bin/python3.12")
    assert (found.version, found.prefix, found.build_prefix) == ((3, 12, 0), "/usr", "/usr")
    assert found.schemes == ("deb_system", "posix_local", "posix_prefix")
    assert found.site_packages[:2] == (
        "/usr/local/lib/python3.12/dist-packages",
        "/usr/lib/python3/dist-packages",
    )


def test_fedora_s_library_lies_in_lib64_and_its_packages_in_both(tree: Tree) -> None:
    tree.elf("/usr/bin/python3.12")
    library(tree, "/usr/lib64/python3.12")
    tree.directory("/usr/lib/python3.12/site-packages")
    tree.file("/usr/lib64/python3.12/sysconfig/__init__.py", "_INSTALL_SCHEMES['rpm_prefix'] = 'posix_prefix'")
    found = told(tree, "/usr/bin/python3.12")
    assert (found.stdlib, found.schemes) == ("/usr/lib64/python3.12", ("posix_prefix", "rpm_prefix"))
    assert found.site_packages == (
        "/usr/lib64/python3.12/site-packages",
        "/usr/lib/python3.12/site-packages",
    )


def test_a_minimal_package_lacks_modules(tree: Tree) -> None:
    tree.elf("/usr/bin/python3.11")
    tree.file("/usr/lib/python3.11/os.py")
    tree.file("/usr/lib/python3.11/logging/__init__.pyc")
    assert told(tree, "/usr/bin/python3.11").missing_modules == tuple(
        name for name in unstarted.REQUIRED if name != "logging"
    )


@pytest.mark.parametrize("flag", ["1", "True", "'1'"])
def test_uv_s_flag_and_the_prefix_of_the_build_are_read(tree: Tree, flag: str) -> None:
    root = "/root/.local/share/uv/python/cpython-3.12.3-linux-x86_64-gnu"
    tree.elf(f"{root}/bin/python3.12")
    library(tree, f"{root}/lib/python3.12")
    tree.file(
        f"{root}/lib/python3.12/_sysconfigdata__linux_x86_64-linux-gnu.py",
        "# system configuration generated and used by the sysconfig module\n"
        f'build_time_vars = {{\n    "CONFIG_ARGS": "\'--prefix=/install\'",\n    "PYTHON_BUILD_STANDALONE": {flag},\n'
        '    "prefix": "/install",\n    "EXT_SUFFIX": ".cpython-312-x86_64-linux-gnu.so",\n}\n',
    )
    found = told(tree, f"{root}/bin/python3.12")
    assert (found.standalone, found.build_prefix, found.config_args) == (True, "/install", "'--prefix=/install'")
    assert found.soabi == ".cpython-312-x86_64-linux-gnu.so"


def test_of_several_builds_files_the_interpreter_s_own_is_read(tree: Tree) -> None:
    tree.elf("/opt/x/bin/python3.13t")
    library(tree, "/opt/x/lib/python3.13t")
    for abi, value in (("", "one"), ("d", "two"), ("t", "own")):
        path = f"/opt/x/lib/python3.13t/_sysconfigdata_{abi}_linux_x86_64-linux-gnu.py"
        tree.file(path, f"build_time_vars = {{'prefix': '/{value}'}}")
    assert told(tree, "/opt/x/bin/python3.13t").build_prefix == "/own"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/opt/x/lib/python3.14/build-details.json", '{"language": {"version_info": {"minor": 14, "micro": 7}}}'),
        ("/opt/x/lib/python3.14/build-details..x86_64-linux-gnu.json", '{"micro" : 7}'),
        ("/opt/x/include/python3.14/patchlevel.h", '#define PY_VERSION      "3.14.7+"\n'),
        ("/opt/x/include/python3.14d/patchlevel.h", '#define PY_VERSION "3.14.7"\n'),
        ("/opt/x/lib/libpython3.14.so.1.0", b"\x7fELF\0python3.14\0003.14.7\0"),
        ("/opt/x/lib64/libpython3.14.so.1.0", b"\x7fELF\0003.14.7rc2+\0"),
        ("/opt/x/bin/python3.14", b"\x7fELF" + bytes(100) + b"3.14.7\0strict\0"),
    ],
)
def test_the_micro_version_is_found_in_one_file_or_another(tree: Tree, path: str, content: str | bytes) -> None:
    tree.elf("/opt/x/bin/python3.14")
    library(tree, "/opt/x/lib/python3.14")
    assert told(tree, "/opt/x/bin/python3.14").version == (3, 14, 0)
    tree.file(path, content, 0o755)
    assert told(tree, "/opt/x/bin/python3.14").version == (3, 14, 7)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (
            "/opt/x/lib/python3.15/build-details.json",
            '{"version_info": {"minor": 15, "micro": 0, "releaselevel": "alpha", "serial": 1}}',
        ),
        ("/opt/x/include/python3.15/patchlevel.h", '#define PY_VERSION      "3.15.0a1+"\n'),
        ("/opt/x/bin/python3.15", b"\x7fELF" + bytes(100) + b"3.15.0a1+\0strict\0"),
    ],
)
def test_a_prerelease_is_told_as_one(tree: Tree, path: str, content: str | bytes) -> None:
    tree.elf("/opt/x/bin/python3.15")
    library(tree, "/opt/x/lib/python3.15")
    tree.file(path, content, 0o755)
    found = told(tree, "/opt/x/bin/python3.15")
    assert (found.version, found.prerelease, found.version_text) == ((3, 15, 0), "a1", "3.15.0a1")


@pytest.mark.parametrize(("program", "implementation"), [("graalpy", "graalpy"), ("python3.11", "cpython")])
def test_graalpy_calls_its_standard_library_as_cpython_does(tree: Tree, program: str, implementation: str) -> None:
    tree.elf(f"/opt/x/bin/{program}")
    library(tree, "/opt/x/lib/python3.11")
    assert told(tree, f"/opt/x/bin/{program}").implementation == "cpython"
    tree.directory("/opt/x/lib/graalpy24.2/modules")
    found = told(tree, f"/opt/x/bin/{program}")
    assert (found.implementation, found.stdlib) == (implementation, "/opt/x/lib/python3.11")


@pytest.mark.parametrize("level", ['"releaselevel": "final", "serial": 0', '"releaselevel": "final"'])
def test_a_final_release_is_told_as_one(tree: Tree, level: str) -> None:
    tree.elf("/opt/x/bin/python3.15")
    library(tree, "/opt/x/lib/python3.15")
    tree.file("/opt/x/lib/python3.15/build-details.json", f'{{"version_info": {{"micro": 2, {level}}}}}')
    assert told(tree, "/opt/x/bin/python3.15").version_text == "3.15.2"


@pytest.mark.parametrize(
    ("program", "name", "stdlib"),
    [
        ("python3.11", "python3", "/opt/x/lib/python3.11"),
        ("python3.1", "python3", None),
        ("python", "python3.11", "/opt/x/lib/python3.11"),
        ("python3.13t", "python", "/opt/x/lib/python3.13t"),
        ("python3.13", "python", "/opt/x/lib/python3.13"),
        ("python3.12", "python", None),
        ("pypy3.10", "python3", "/opt/x/lib/pypy3.10"),
        ("pypy3", "python3", "/opt/x/lib/pypy3.10"),
        ("python2", "python", "/opt/x/lib/python2.7"),
        ("python", "python", None),
    ],
)
def test_the_library_is_that_of_the_name(tree: Tree, program: str, name: str, stdlib: str | None) -> None:
    tree.elf(f"/opt/x/bin/{program}")
    for folder in ("python2.7", "python3.11", "python3.13", "python3.13t", "pypy3.10"):
        library(tree, f"/opt/x/lib/{folder}")
    tree.directory("/opt/x/lib/python3.12")
    found = read(tree, f"/opt/x/bin/{program}", name)
    assert (found.stdlib if isinstance(found, Probe) else None) == stdlib
    if isinstance(found, Probe):
        assert found.implementation == ("pypy" if "pypy" in found.stdlib else "cpython")
        assert "{}.{}".format(*found.version) in found.stdlib


def test_the_only_library_is_taken_for_a_name_that_says_nothing(tree: Tree) -> None:
    tree.elf("/opt/x/bin/interpreter")
    library(tree, "/opt/x/lib/graalpy3.11")
    found = told(tree, "/opt/x/bin/interpreter", "interpreter")
    assert (found.version, found.implementation) == ((3, 11, 0), "graalpy")


def test_a_collection_s_needs_are_told_without_a_start(tree: Tree) -> None:
    root = "/opt/rh/rh-python38"
    tree.elf(f"{root}/root/usr/bin/python3.8")
    library(tree, f"{root}/root/usr/lib64/python3.8")
    tree.file(f"{root}/root/usr/lib64/libpython3.8.so.rh-python38-1.0")
    assert told(tree, f"{root}/root/usr/bin/python3.8").library_path == ""
    tree.file(f"{root}/enable")
    assert told(tree, f"{root}/root/usr/bin/python3.8").library_path == f"{root}/root/usr/lib64"


def test_a_copied_environment_is_read_as_its_base(tree: Tree) -> None:
    tree.elf("/usr/bin/python3.11")
    tree.link("/usr/bin/python3", "python3.11")
    library(tree, "/usr/lib/python3.11")
    tree.elf("/opt/venv/bin/python3")
    tree.file("/opt/venv/pyvenv.cfg", "home = /usr/bin\n")
    assert told(tree, "/opt/venv/bin/python3").executable == "/usr/bin/python3.11"


def test_copied_environments_whose_bases_are_each_other_are_not_read(tree: Tree) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        tree.elf(f"/opt/{name}/bin/python3")
        tree.file(f"/opt/{name}/pyvenv.cfg", f"home = /links/{other}\n")
        tree.link(f"/links/{name}/python3", f"/opt/{name}/bin/python3")
    assert read(tree, "/opt/one/bin/python3") == "there is no standard library for it below /opt/one"


def test_what_is_no_program_is_told_with_the_reason(tree: Tree) -> None:
    tree.elf("/usr/bin/python3")
    assert read(tree, "/usr/bin/python3") == "there is no standard library for it below /usr"
    tree.file("/usr/bin/python", "#!/bin/sh\n")
    assert read(tree, "/usr/bin/python") == "it is a script, and nothing of an unpacked image is started"
    assert read(tree, "/usr/bin/none") == "No such file or directory"
    os.mkfifo(tree.host("/usr/bin/pipe"))
    assert read(tree, "/usr/bin/pipe") == "not an ordinary file"


def test_pipes_loops_and_huge_files_in_the_library_are_survived(tree: Tree) -> None:
    tree.elf("/usr/bin/python3.11")
    folder = "/usr/lib/python3.11"
    tree.file(f"{folder}/os.py")
    os.mkfifo(tree.host(f"{folder}/site.py"))
    tree.link(f"{folder}/sysconfig.py", "sysconfig.py")
    tree.directory(f"{folder}/_sysconfigdata__one.py")
    tree.file(f"{folder}/_sysconfigdata__two.py", "build_time_vars = {'prefix': '/usr'}")
    tree.file(f"{folder}/_sysconfigdata__three.py", "build_time_vars = {'prefix': '/two'}")
    os.truncate(tree.host(f"{folder}/_sysconfigdata__three.py"), 1 << 40)
    tree.file("/usr/lib/libpython3.11.so.1.0")
    os.truncate(tree.host("/usr/lib/libpython3.11.so.1.0"), 1 << 40)
    found = told(tree, "/usr/bin/python3.11")
    assert (found.version, found.build_prefix, found.schemes) == ((3, 11, 0), "/usr", ())


VARIABLES = st.dictionaries(st.text(max_size=12), st.text() | st.integers(0, 10**9), max_size=5)


@given(VARIABLES)
@example({"CONFIG_ARGS": "'--prefix=/usr' 'CFLAGS=" + "-g -O2 " * 40 + "'"})
def test_the_variables_of_a_build_are_read_as_they_were_written(variables: Dict[str, Any]) -> None:
    """In the form that CPython's own build writes, which breaks long strings into several."""
    text = f"# system configuration\nbuild_time_vars = {pprint.pformat(variables)}\n"
    assert unstarted.parse_build_variables(text) == variables


@given(st.text() | st.text().map(lambda text: f"build_time_vars = {text}"))
@example("build_time_vars = [1]")
@example("build_time_vars = {'a': print(1)}")
@example("build_time_vars = {'prefix': 1" + "+1" * 500_000 + "}")
@example("build_time_vars = {}\nimport os\n")
def test_any_other_text_has_no_variables(text: str) -> None:
    assert unstarted.parse_build_variables(text) == {}


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_files_may_hold_anything(tmp_path_factory: pytest.TempPathFactory, one: bytes, two: bytes) -> None:
    tree = conftest.Tree(tmp_path_factory.mktemp("image"))
    tree.file("/opt/x/bin/python3.14", b"\x7fELF" + one)
    for name in ("os.py", "site.py", "sysconfig.py", "build-details.json"):
        tree.file(f"/opt/x/lib/python3.14/{name}", one)
    tree.file("/opt/x/lib/python3.14/_sysconfigdata__x.py", b"build_time_vars = {'prefix': b'" + two + b"'}")
    tree.file("/opt/x/include/python3.14/patchlevel.h", two)
    assert told(tree, "/opt/x/bin/python3.14").version[:2] == (3, 14)
