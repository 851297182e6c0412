"""pip-tools, pip and packaging for programs that the environment's Python runs.

To import them from their wheels takes Python half a second, most of it for compiling. So one archive of the same
files, what a program imports of them compiled, is kept in the cache: for that program, these very wheels and this
Python.
"""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import re
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from venvboot import toolchain
from venvboot.apply import programs
from venvboot.apply.pip import environment, release
from venvboot.apply.store import Store
from venvboot.errors import NotWritten, ToolFailed
from venvboot.model import Record
from venvboot.report import Reporter
from venvboot.system import Completed, System, Work

FORMAT = 2
TIMEOUT = 120.0
_KEPT = re.compile(r"[0-9a-f]{64}-(?P<sha256>[0-9a-f]{64})\.zip\Z")


class Tools:
    """The libraries for the Python of one environment; ``folder`` is that of the run, private."""

    def __init__(self, system: System, report: Reporter, record: Record, store: Store, folder: str) -> None:
        self._system = system
        self._report = report
        self._record = record
        self._store = store
        self._folder = folder
        self._unpacked: Optional[toolchain.Toolchain] = None
        self._imported: Dict[str, Tuple[str, ...]] = {}
        self._damaged: List[str] = []

    def ask(self, name: str, given: Mapping[str, Any], what: str, meanwhile: Optional[Work] = None) -> Dict[str, Any]:
        """Return what the program ``name`` tells, which the environment's Python runs isolated.

        ``given`` is its word, to which the ``libraries`` for its path are added. What is done ``meanwhile`` may be
        done twice. Raises ToolFailed, which says that ``what`` failed, and Unsupported where that Python can't import
        the libraries.
        """
        kept = self._kept(name)
        done = self._run(name, given, [kept], meanwhile) if kept else None
        if done is None or done.code != 0:
            kept, done = None, self._run(name, given, self.paths(), meanwhile)
        if done.code != 0:
            toolchain.refuse_unfit(release(self._record.base_version), done.err)
            raise ToolFailed("pip-tools-failed", self._record.dest, what, done.code, done.err, "run it again with -v")
        told: Dict[str, Any] = json.loads(done.out)
        if not kept:
            self._imported[name] = tuple(map(str, told["imported"]))
        return told

    def _run(
        self, name: str, given: Mapping[str, Any], libraries: Sequence[str], meanwhile: Optional[Work]
    ) -> Completed:
        word = json.dumps({**given, "libraries": list(libraries)})
        argv = [self._record.python, "-I", "-S", "-B", "-c", programs.asking(name), word]
        # A lock may name a path from the working directory on
        environ = environment(self._system.environ)
        return self._system.run(argv, env=environ, timeout=TIMEOUT, cwd=os.getcwd(), meanwhile=meanwhile)

    def _kept(self, name: str) -> Optional[str]:
        """Return the archive of the cache, None where there is none that is as it was written."""
        for path in self._store.tools(self._key(name)):
            match = _KEPT.match(posixpath.basename(path))
            if match and self._system.digest(path) == match["sha256"]:
                self._store.used(path)
                return path
            self._damaged.append(path)
        return None

    def paths(self) -> List[str]:
        """Return what to put on the path of a program: wheels, or folders of an ordinary installation.

        pip goes first: the one of such a folder may be of any age.
        """
        return [self._libraries().pip_wheel, *self._libraries().paths]

    def pip_folder(self) -> str:
        """Return a folder with pip, for a program that runs nothing but that."""
        return toolchain.extracted(self._libraries().pip_wheel, self._folder)

    def keep(self) -> None:
        """Make archives for the programs that were asked without one; where that can't be, they only take longer."""
        if self._store.shared is not None and self._imported:
            try:
                self._keep()
            except (OSError, NotWritten) as error:
                self._report.say(f"what pip-tools imports was not kept in {self._store.shared}: {error}")

    def _keep(self) -> None:
        paths = self.paths()
        if not all(path.endswith(".whl") for path in paths):
            return
        for path in self._damaged:
            self._store.drop(path)
        for name, imported in self._imported.items():
            made = posixpath.join(self._folder, "tools.zip")
            given = json.dumps({"wheels": paths, "modules": list(imported), "archive": made})
            argv = [self._record.python, "-I", "-S", "-B", "-c", programs.source("tools_target.py"), given]
            self._report.detail(f"+ {self._record.python} (compile what {name} imports, for the cache)")
            done = self._system.run(argv, env=environment(self._system.environ))
            if done.code == 0:
                os.rename(made, self._store.new_tools(f"{self._key(name)}-{self._system.digest(made)}.zip"))

    def _libraries(self) -> toolchain.Toolchain:
        if self._unpacked is None:
            place = posixpath.join(self._folder, "tools")
            os.mkdir(place, 0o700)
            self._unpacked = toolchain.unpack(release(self._record.base_version), place)
        return self._unpacked

    def _key(self, name: str) -> str:
        record = self._record
        python = (record.base_version, record.implementation, record.base_sha256)
        decisive = [FORMAT, name, toolchain.identity(), *python]
        return hashlib.sha256(json.dumps(decisive).encode()).hexdigest()
