"""Fixtures of the unit tests: real trees in place of images, and the nouns of the program ready made.

Printed forms are compared with the files in ``tests/data/golden``; ``pytest tests/unit --update-golden`` writes them
anew and lists what it wrote. Read the difference before it is committed.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional

import pytest
from hypothesis import HealthCheck, settings

from venvboot.model import (
    Candidate,
    Interpreter,
    InterpreterFacts,
    Lock,
    Origin,
    Ownership,
    Probe,
    Record,
    RecordedFile,
    Remembered,
    Strategy,
    SystemPackage,
    VenvConfig,
)
from venvboot.policy import guard_seal, marker, pip_conf
from venvboot.policy.judge import judge
from venvboot.system import System

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "data" / "golden"
UPDATED: List[str] = []

# A busy machine is no fault, and trees are made anew from each example: every file that it reads is written by it.
settings.register_profile(
    "unit",
    deadline=None,
    max_examples=60,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("unit")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write tests/data/golden anew from what is printed")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for name in UPDATED:
        terminalreporter.write_line(f"golden file written: {name}")


class Tree:
    """An unpacked image in a temporary folder: real files, links and modes, read through ``System(root=...)``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def host(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def file(self, path: str, content: str | bytes = "", mode: int = 0o644) -> str:
        place = self.host(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        place.chmod(mode)
        return path

    def elf(self, path: str, mode: int = 0o755) -> str:
        """Make a file that begins as a program does; it can't be started."""
        return self.file(path, b"\x7fELF" + bytes(12), mode)

    def directory(self, path: str, mode: int = 0o755) -> str:
        self.host(path).mkdir(parents=True, exist_ok=True)
        self.host(path).chmod(mode)
        return path

    def link(self, path: str, target: str) -> str:
        self.host(path).parent.mkdir(parents=True, exist_ok=True)
        self.host(path).symlink_to(target)
        return path

    def merged_usr(self) -> None:
        for name in ("bin", "sbin", "lib", "lib64"):
            self.directory(f"/usr/{name}")
            self.link(f"/{name}", f"usr/{name}")

    def package(
        self, name: str, version: str, *paths: str, md5: Optional[Dict[str, str]] = None, arch: str = ""
    ) -> None:
        """Add a package to dpkg's database; ``arch`` is given for a Multi-Arch: same one."""
        status = self.host("/var/lib/dpkg/status")
        before = status.read_text() if status.exists() else ""
        stanza = f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n"
        self.file("/var/lib/dpkg/status", before + stanza + "Description: a package\n with two lines\n\n")
        base = f"/var/lib/dpkg/info/{name}" + (f":{arch}" if arch else "")
        self.file(f"{base}.list", "".join(f"{path}\n" for path in ("/.", *paths)))
        if md5 is not None:
            self.file(f"{base}.md5sums", "".join(f"{digest}  {path.lstrip('/')}\n" for path, digest in md5.items()))

    def divert(self, path: str, to: str, owner: str = ":") -> None:
        diversions = self.host("/var/lib/dpkg/diversions")
        before = diversions.read_text() if diversions.exists() else ""
        self.file("/var/lib/dpkg/diversions", f"{before}{path}\n{to}\n{owner}\n")

    def system(self, **environ: str) -> System:
        return System(root=str(self.root), environ=environ)


def debian_python(tree: Tree) -> SystemPackage:
    """Put Debian 12's Python into an unpacked image, with its marker and the empty folder that pip installs into."""
    tree.elf("/usr/bin/python3.11")
    tree.link("/usr/bin/python3", "python3.11")
    tree.file("/usr/lib/python3.11/os.py")
    tree.file("/usr/lib/python3.11/site.py", "'dist-packages'")
    tree.file("/usr/lib/python3.11/EXTERNALLY-MANAGED", "[externally-managed]\nError=Debian's\n")
    tree.directory("/usr/local/lib/python3.11/dist-packages", 0o2775)
    tree.package("python3.11-minimal", "3.11.2-6", "/usr/bin/python3.11", "/usr/lib/python3.11/os.py")
    return SystemPackage("dpkg", "python3.11-minimal", "3.11.2-6")


def debian_guarded(tree: Tree, dest: str = "") -> None:
    """The same, guarded: what the actions leave behind."""
    owner = debian_python(tree)
    there = "/usr/lib/python3.11/EXTERNALLY-MANAGED"
    tree.host(there).rename(tree.host(f"{there}.distro"))
    tree.file(there, marker.text(dest, owner))
    tree.divert(there, f"{there}.distro")
    tree.file("/usr/pip.conf", pip_conf.text(install=False))
    place = "/usr/local/lib/python3.11/dist-packages"
    tree.host(place).rmdir()
    tree.file(place, guard_seal.text(place, Remembered(0o2775, 0, 50)))


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    root = tmp_path / "image"
    root.mkdir()
    return Tree(root)


@pytest.fixture(scope="session")
def repository() -> Path:
    return ROOT


@pytest.fixture
def known_umask() -> Iterator[None]:
    """Run under umask 022 and put back what was there."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """``golden(name, text)`` fails when ``text`` isn't what the golden file holds."""
    update = request.config.getoption("update_golden", default=False)

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if update:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                UPDATED.append(name)
            return
        assert path.exists(), f"{name} is missing; pytest tests/unit --update-golden"
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture(scope="session")
def pythons() -> Dict[str, str]:
    """The real CPythons of this machine by minor version (``2.7``, ``3.9``), this one included."""
    found = {"{}.{}".format(*sys.version_info): sys.executable}
    versions = Path(os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))) / "versions"
    for folder in sorted(versions.glob("[23].*")) if versions.is_dir() else ():
        program = folder / "bin" / "python"
        if program.exists():
            found.setdefault(".".join(folder.name.split(".")[:2]), str(program))
    for minor in ("2.7", *(f"3.{number}" for number in range(6, 20))):
        program_on_path = shutil.which(f"python{minor}")
        if program_on_path and "shims" not in program_on_path:
            found.setdefault(minor, program_on_path)
    return found


@pytest.fixture(scope="session")
def make_probe() -> Callable[..., Probe]:
    usual = Probe(
        version=(3, 11, 2),
        implementation="cpython",
        executable="/usr/bin/python3.11",
        prefix="/usr",
        base_prefix="/usr",
        stdlib="/usr/lib/python3.11",
        site_packages=("/usr/local/lib/python3.11/dist-packages", "/usr/lib/python3/dist-packages"),
        schemes=("deb_system", "posix_prefix"),
        config_args="'--enable-shared' '--prefix=/usr' '--enable-option-checking=fatal'",
        build_prefix="/usr",
        missing_modules=(),
    )
    return lambda **changes: replace(usual, **changes)


@pytest.fixture(scope="session")
def debian_package() -> SystemPackage:
    return SystemPackage("dpkg", "python3.11-minimal", "3.11.2-6")


@pytest.fixture(scope="session")
def make_facts(make_probe: Callable[..., Probe]) -> Callable[..., InterpreterFacts]:
    """Facts of a Python that nothing claims; ``probe`` None for one that doesn't start, ``owner`` a package."""

    def make(
        path: str = "/usr/bin/python3",
        real_path: str = "/usr/bin/python3.11",
        owner: Optional[SystemPackage] = None,
        *,
        altered: bool = False,
        venv: Optional[VenvConfig] = None,
        first_on_path: bool = False,
        probe: Optional[Probe] = None,
        starts: bool = True,
        **changes: Any,
    ) -> InterpreterFacts:
        return InterpreterFacts(
            Candidate(path, real_path, (path, real_path), first_on_path, venv),
            (probe or make_probe()) if starts else None,
            failure="" if starts else "exit status 127: no such file or directory",
            ownership=Ownership(owner, real_path, altered) if owner else None,
            **changes,
        )

    return make


@pytest.fixture(scope="session")
def make_interpreter(make_facts: Callable[..., InterpreterFacts]) -> Callable[..., Interpreter]:
    """A judged interpreter; the arguments are those of ``make_facts``."""
    return lambda *words, **changes: judge(make_facts(*words, **changes))


@pytest.fixture(scope="session")
def make_verdict(make_facts: Callable[..., InterpreterFacts]) -> Callable[..., Interpreter]:
    """An interpreter with any verdict, which nothing judges; the other arguments are those of ``make_facts``."""
    verdict = {one.name for one in fields(Interpreter)} - {"facts", "origin"}

    def make(
        *words: Any,
        kind: str = "source",
        label: str = "",
        managed: bool = False,
        owner: Optional[SystemPackage] = None,
        **changes: Any,
    ) -> Interpreter:
        judged = {name: changes.pop(name) for name in verdict & set(changes)}
        origin = Origin(kind, label or kind, managed=managed, owner=owner)
        usual = {"strategy": Strategy.VENV, "evidence": ()}
        return Interpreter(make_facts(*words, **changes), origin, **{**usual, **judged})

    return make


@pytest.fixture(scope="session")
def make_record(debian_package: SystemPackage) -> Callable[..., Record]:
    usual = Record(
        tool_version="0.1.0",
        dest="/opt/venv",
        base_path="/usr/bin/python3.11",
        base_sha256="ab" * 32,
        base_version="3.11.2",
        origin=Origin("distro", "python3.11-minimal 3.11.2-6", managed=True, owner=debian_package),
        group=0,
        activations=("profile.d",),
        guarded=True,
        files=(
            RecordedFile("/etc/profile.d/zz-venvboot.sh", "cd" * 32, "profile.d"),
            RecordedFile("/etc/zsh/zshenv", "ef" * 32, "zshenv"),
        ),
        locks=(Lock("/app/requirements.txt", "01" * 32, pins=(("jinja2", "3.1.4"),)),),
    )
    return lambda **changes: replace(usual, **changes)
