"""Which module may import which, what each may use, and how long it may be: kept true here, not by hope."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Dict, Iterator, Set

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "venvboot"
LONGEST = 400

PURE = {
    "model",
    "errors",
    "actions",
    "record",
    "system_exceptions",
    "hook",
    "activation",
    "policy",
    "render",
    "redact",
    "isolated",
}

# Layer (a module of the package, or a folder of them) -> the layers it may import from.
MAY_IMPORT: Dict[str, Set[str]] = {
    "__init__": set(),
    "model": {"model"},
    "hook": set(),
    "isolated": set(),
    "redact": set(),
    "descriptors": set(),
    "report": {"redact"},
    "errors": {"model"},
    "actions": {"model"},
    "record": {"model"},
    "system_exceptions": {"model", "record"},
    "options": {"model", "errors", "policy"},
    "toolchain": {"model", "errors"},
    "processes": set(),
    "forks": {"processes", "errors"},
    "zip_imports": set(),
    "temporary": {"processes", "descriptors"},
    "system": {"model", "errors", "descriptors", "processes", "temporary"},
    "activation": PURE,
    "policy": PURE,
    "render": PURE,
    "facts": {*PURE, "system", "facts"},
    "apply": {*PURE, "system", "descriptors", "forks", "temporary", "facts", "toolchain", "report", "apply"},
    "check": {*PURE - {"render", "actions"}, "system", "facts", "check"},
    "commands": {
        *PURE,
        "system",
        "facts",
        "toolchain",
        "report",
        "apply",
        "check",
        "options",
        "commands",
        "__init__",
    },
    "cli": {*PURE, "processes", "system", "report", "options", "commands", "__init__"},
    "__main__": {"cli", "zip_imports"},
}

# A library or standard module that changes things or starts processes -> the only files that may import it.
DOORS = {
    "subprocess": {"processes.py"},
    "shutil": set(),
    "tempfile": {"temporary.py"},
    "virtualenv": {"apply/maker.py"},
    "installer": {"apply/layout.py", "apply/wheel_source.py"},
    "piptools": {"apply/lock_compile_target.py", "apply/lock_target.py"},
    "pip": {
        "apply/gate_target.py",
        "apply/lock_compile_target.py",
        "apply/lock_target.py",
        "apply/pip_target.py",
        "apply/pylock_target.py",
        "apply/run_target.py",
        "apply/wanted_target.py",
        "apply/wheels_only_target.py",
    },
}

# Pure layers reach nothing outside: no files, processes, clock or chance. colour_wanted() reads NO_COLOR.
REACHES_OUT = {"os", "io", "pathlib", "glob", "socket", "time", "datetime", "random", "secrets", "stat", "sys"}
REACHES_OUT_ALL_THE_SAME = {("render/text.py", "os")}


def sources(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*.py")) if "__pycache__" not in path.parts)


MODULES = [str(path.relative_to(PACKAGE)) for path in sources(PACKAGE)]


def layer_of_file(name: str) -> str:
    return name.split("/", maxsplit=1)[0].replace(".py", "")


def imported(name: str) -> Iterator[str]:
    """Give the dotted name of everything that a module imports, at its top or inside a function."""
    for node in ast.walk(ast.parse((PACKAGE / name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def our_layer(dotted: str) -> str:
    """Return the layer that ``venvboot.x.y`` lies in; a name of the package itself is its ``__init__``'s."""
    first = dotted.split(".")[1]
    return first if (PACKAGE / first).is_dir() or (PACKAGE / f"{first}.py").is_file() else "__init__"


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_down_the_layers_only(name: str) -> None:
    ours = {our_layer(dotted) for dotted in imported(name) if dotted.startswith("venvboot.")}
    assert ours <= MAY_IMPORT[layer_of_file(name)]


@pytest.mark.parametrize("name", MODULES)
def test_only_the_named_modules_open_a_door_to_the_outside(name: str) -> None:
    opened = {dotted.split(".")[0] for dotted in imported(name)} & set(DOORS)
    assert {door for door in opened if name not in DOORS[door]} == set()


# _venvboot_pip is no module of this program, but a file that it installs.
@pytest.mark.parametrize(
    "name", [name for name in MODULES if layer_of_file(name) in PURE and name != "hook/_venvboot_pip.py"]
)
def test_pure_layers_reach_for_nothing_outside(name: str) -> None:
    reached = {(name, dotted.split(".")[0]) for dotted in imported(name)}
    assert {use for use in reached if use[1] in REACHES_OUT} <= REACHES_OUT_ALL_THE_SAME


def test_every_layer_of_the_package_stands_in_the_table() -> None:
    assert {layer_of_file(name) for name in MODULES} == set(MAY_IMPORT)


def test_every_module_can_be_imported_alone() -> None:
    """Each in a process of its own, forked from one that has imported nothing of ours but the model.

    That imports nothing else of ours, so no circle leads through it; and most of the time would go to it.
    """
    names = [name for name in MODULES if not name.endswith("_target.py")]
    dotted = [f"venvboot.{name[:-3].replace('/', '.')}".replace(".__init__", "") for name in names]
    program = (
        "import importlib, os, sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "import venvboot.model\n"
        "ours = [name for name in sys.modules if name.startswith('venvboot.')]\n"
        "failed = [name for name in ours if not name.startswith('venvboot.model')]\n"
        "for name in sys.argv[2:]:\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        importlib.import_module(name)\n"
        "        os._exit(0)\n"
        "    if os.waitpid(child, 0)[1]:\n"
        "        failed.append(name)\n"
        "sys.exit(', '.join(failed) or None)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-W", "error", "-c", program, str(ROOT), *dotted],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    folders = [ROOT / name for name in ("venvboot", "tests", "scripts")]
    files = [path for folder in folders for path in sources(folder)]
    files += [path for path in (ROOT / "scripts").glob("*") if path.suffix in ("", ".sh") and path.is_file()]
    lengths = {str(path.relative_to(ROOT)): path.read_bytes().count(b"\n") for path in files}
    assert {name: count for name, count in lengths.items() if count > LONGEST} == {}


@pytest.mark.parametrize("name", ["__main__.py", "facts/probe_target.py"])
def test_what_old_pythons_are_given_parses_on_python_2(name: str, pythons: Dict[str, str]) -> None:
    if "2.7" not in pythons:
        pytest.skip("no Python 2.7 on this machine, neither on PATH nor in pyenv")
    program = "import sys; compile(open(sys.argv[1]).read(), sys.argv[1], 'exec')"
    done = subprocess.run(
        [pythons["2.7"], "-B", "-c", program, os.fspath(PACKAGE / name)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", MODULES)
def test_annotations_are_never_evaluated(name: str) -> None:
    """Python 3.9 has no ``X | Y`` at run time."""
    tree = ast.parse((PACKAGE / name).read_text(encoding="utf-8"))
    annotated = any(isinstance(node, (ast.AnnAssign, ast.FunctionDef)) for node in ast.walk(tree))
    lazily = "__future__.annotations" in imported(name)
    runs_elsewhere = name in ("__main__.py", "hook/_venvboot_pip.py") or name.endswith("_target.py")
    assert lazily or runs_elsewhere or not annotated
