"""An environment that is filled and emptied at one place in one way and in another, and all in which they differ."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, FrozenSet, List, Mapping, Set, Tuple

import pytest

from tests.integration.tool import HARMLESS, Tool

TARGET = Path(__file__).with_name("oracle_target.py")
# What pip-sync never removes
STAYS = ("pip", "setuptools", "wheel")

State = Mapping[str, FrozenSet[str]]


@dataclass(frozen=True)
class Lock:
    """The lines of a lock by the names of its distributions."""

    lines: Mapping[str, str]

    def half(self) -> Lock:
        """Return every second distribution, and what stays."""
        kept = {*list(self.lines)[::2], *STAYS}
        return Lock({name: line for name, line in self.lines.items() if name in kept})

    def write(self, path: Path) -> Path:
        path.write_text("".join(f"{line}\n" for line in self.lines.values()))
        return path


@dataclass(frozen=True)
class Place:
    """Where environments of ``python`` are made, one after the other, at one path; ``wheels`` are pip's folders."""

    tool: Tool
    python: str
    dest: Path
    wheels: Tuple[Path, ...]

    def new(self) -> None:
        """Make an empty environment, whatever was there."""
        if self.dest.exists():
            shutil.rmtree(self.dest)
        self._venvboot("init", str(self.dest), "--python", self.python, *HARMLESS)

    def sync(self, lock: Lock) -> None:
        path = lock.write(self.dest.with_name("lock.txt"))
        cache = self.dest.with_name("cache")
        self._venvboot("sync", "--venv", str(self.dest), "--cache", str(cache), str(path))

    def pip(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Let the environment's own pip do something, and write no bytecode of itself."""
        return self._run(str(self.dest / "bin/python"), "-IBm", "pip", "--disable-pip-version-check", *words)

    def state(self) -> State:
        """Return all that has to be the same, as lines by their subject."""
        done = self._run(str(self.dest / "bin/python"), "-IB", str(TARGET), str(self.dest))
        found: Dict[str, List[str]] = json.loads(done.stdout)
        return {subject: frozenset(lines) for subject, lines in found.items()}

    def told(self) -> State:
        """Return what pip says of it."""
        return {
            f"pip {' '.join(words)}": frozenset(self.pip(*words).stdout.splitlines())
            for words in (("check",), ("list", "--format=freeze"))
        }

    def _venvboot(self, *words: str) -> None:
        done = self.tool(*words, **self._variables())
        assert done.returncode == 0, done.stderr

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        environ = {**self.tool.environ, **self._variables()}
        done = subprocess.run(command, env=environ, cwd=self.tool.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0 or "check" in command, done.stdout + done.stderr
        return done

    def _variables(self) -> Dict[str, str]:
        return {"PIP_FIND_LINKS": " ".join(map(str, self.wheels))}


def chosen(pythons: Mapping[Tuple[int, int], str], version: Tuple[int, int]) -> str:
    """Return the Python of that version, or skip the test."""
    if version not in pythons:
        pytest.skip("no Python {}.{} on this machine".format(*version))
    return pythons[version]


def by_pip(place: Place, lock: Lock) -> None:
    path = lock.write(place.dest.with_name("lock.txt"))
    place.pip("install", "--quiet", "--no-deps", "--require-hashes", "-r", str(path))


def removed_by_pip(place: Place, before: Lock, after: Lock) -> None:
    names = [name for name in before.lines if name not in {*after.lines, *STAYS}]
    place.pip("uninstall", "--quiet", "--yes", *names)


def by_sync(place: Place, lock: Lock) -> None:
    place.sync(lock)


def removed_by_sync(place: Place, before: Lock, after: Lock) -> None:
    del before
    place.sync(after)


def states(
    place: Place,
    lock: Lock,
    install: Callable[[Place, Lock], None],
    remove: Callable[[Place, Lock, Lock], None],
) -> Tuple[State, State, State]:
    """Return the state of a new environment with all of the lock, then with half of it, then with nothing of it."""
    place.new()
    install(place, lock)
    full = {**place.state(), **place.told()}
    half, nothing = lock.half(), Lock({})
    remove(place, lock, half)
    left = place.state()
    remove(place, half, nothing)
    empty = place.state()
    shutil.rmtree(place.dest)
    return full, left, empty


def differences(expected: State, actual: State) -> List[str]:
    """Return a line for each thing that one state alone has: ``- `` what is missing, ``+ `` what is too much."""
    found: Set[str] = set()
    for sign, one, other in (("-", expected, actual), ("+", actual, expected)):
        for subject, lines in one.items():
            if subject in other:
                found.update(f"{sign} {subject}: {line}" for line in lines - other[subject])
            else:
                found.add(f"{sign} {subject}{' (folder)' if 'folder' in lines else ''}")
    return sorted(found, key=lambda line: (line[2:], line))
