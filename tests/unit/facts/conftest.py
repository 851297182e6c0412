"""Interpreters in trees of the tests' own: real ones, where something can be missing, added or counted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Dict, List

import pytest

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

LEFT_OUT = ("__pycache__", "test", "tests", "idlelib", "site-packages", "dist-packages")


@dataclass(frozen=True)
class Transplant:
    """A copy of a real interpreter in ``prefix``, with its standard library linked file by file and no bytecode."""

    prefix: Path
    program: Path
    stdlib: Path

    def count_starts(self) -> Path:
        """Let each start of the interpreter leave a line in the returned file: all of them import encodings."""
        log = self.prefix / "starts"
        module = self.stdlib / "encodings" / "__init__.py"
        text = module.read_text(encoding="utf-8")
        module.unlink()
        opened = f"posix.open({os.fsencode(log)!r}, posix.O_WRONLY | posix.O_APPEND)"
        module.write_text(f"{text}\nimport posix\nposix.write({opened}, b'start\\n')\n", encoding="utf-8")
        log.touch()
        return log

    def bytecode(self) -> List[Path]:
        return sorted(self.prefix.rglob("*.pyc"))


def transplant(python: str, prefix: Path) -> Transplant:
    program = "import sys, sysconfig; print('%d.%d' % sys.version_info[:2]); print(sysconfig.get_path('stdlib'))"
    done = subprocess.run([python, "-E", "-S", "-B", "-c", program], capture_output=True, text=True, check=True)
    minor, source = done.stdout.split()
    copy = prefix / "bin" / f"python{minor}"
    copy.parent.mkdir(parents=True)
    shutil.copy(os.path.realpath(python), copy)
    stdlib = prefix / "lib" / f"python{minor}"
    for folder, folders, files in os.walk(source):
        folders[:] = [name for name in folders if name not in LEFT_OUT and not name.startswith("config-")]
        here = stdlib / os.path.relpath(folder, source)
        here.mkdir(parents=True)
        for name in files:
            (here / name).symlink_to(os.path.join(folder, name))
    return Transplant(prefix, copy, stdlib)


@pytest.fixture
def transplanted(tmp_path: Path) -> Transplant:
    """This interpreter in a tree of its own."""
    return transplant(os.path.realpath(sys.executable), tmp_path / "tree")


@pytest.fixture(scope="session")
def without_its_library(pythons: Dict[str, str]) -> Callable[[Path], Transplant]:
    """Return what makes a tree of a real Python that can't find its libpython: it lies in the tree's ``lib64``."""
    left = list(pythons.values())

    def make(prefix: Path) -> Transplant:
        while left:
            real = Path(os.path.realpath(left[0]))
            folder = real.parent.parent / "lib"
            run_path, content = os.fsencode(folder) + b"\0", real.read_bytes()
            library = next(iter(sorted(folder.glob("libpython3*.so.1.0"))), None)
            if library and run_path in content and os.fsencode(library.name) + b"\0" in content:
                made = transplant(left[0], prefix)
                made.program.write_bytes(content.replace(run_path, b"/" + b"x" * (len(run_path) - 2) + b"\0"))
                (prefix / "lib64").mkdir()
                (prefix / "lib64" / library.name).symlink_to(library)
                if subprocess.run([made.program, "-c", ""], capture_output=True, check=False).returncode == 127:
                    return made
                shutil.rmtree(prefix)  # the system itself has a library of that name
            left.pop(0)
        pytest.skip("no Python with a shared library and an absolute run path on this machine, as pyenv's can be")

    return make


@pytest.fixture
def debian(tree: Tree) -> Tree:
    tree.merged_usr()
    tree.elf("/usr/bin/python3.11")
    tree.link("/usr/bin/python3", "python3.11")
    return tree
