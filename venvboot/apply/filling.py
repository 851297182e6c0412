"""The way of a sync's wheels into the environment: gathered, examined, compiled, laid out, moved into place.

Each phase takes what the one before made, and tells on one line what it did. Nothing of the environment is changed
before the last, and nothing of the shared cache before that has come to its end.
"""

from __future__ import annotations

import os
import posixpath
import time
from dataclasses import dataclass, replace
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from venvboot import forks
from venvboot.apply import bytecode, laid_out, pip, stage, wheel_source, writing
from venvboot.apply.examined import Examined, examine
from venvboot.apply.kept import Kept
from venvboot.apply.placing import Layout
from venvboot.apply.sharing import UMASK
from venvboot.apply.writing import Task, Written
from venvboot.errors import Refused
from venvboot.facts import wheels
from venvboot.facts.distributions import present
from venvboot.model import Bytecode, IncomingDistribution, Pin, PythonFacts, Record, Scheme, Wheel, canonical
from venvboot.policy.amounts import amount, counted
from venvboot.policy.moment import epoch
from venvboot.policy.synced import changed_meanwhile
from venvboot.report import Reporter
from venvboot.system import System

MOST_FETCHERS = 4  # processes: they wait for the network, mostly
PINS_EACH = 4  # pip takes half a second to start


@dataclass(frozen=True)
class Request:
    """What is asked for: ``words`` name the locks to pip, ``options`` is a text of theirs that decides what it takes.

    ``builds`` are canonical names of what may be built, None for anything.
    """

    pins: Tuple[Pin, ...]
    python: PythonFacts
    words: Tuple[str, ...]
    options: str
    builds: Optional[Tuple[str, ...]] = ()
    bytecode: Bytecode = Bytecode.TIMESTAMP


class Filling:
    """One run: ``gather`` and, when what that returns is let in, ``write``."""

    def __init__(self, system: System, report: Reporter, record: Record, request: Request, kept: Kept) -> None:
        self._system = system
        self._report = report
        self._record = record
        self._request = request
        self._store, self._tools, self._folder = kept.store, kept.tools, kept.folder
        self._known: Examined = kept.examined
        self._scheme = scheme(system, record, request.python)
        self._wheels: Tuple[Wheel, ...] = ()
        self._arrived: Mapping[str, IncomingDistribution] = {}

    def gather(self) -> Tuple[IncomingDistribution, ...]:
        """Return what the wheels for all pins would bring; what the cache lacks is fetched.

        Raises ToolFailed where pip can't, and WheelNotValid.
        """
        if not self._request.pins:
            return ()
        start = time.monotonic()
        stored = self._stored()
        kept = self._examined(stored)
        for wheel in stored:
            if wheel.name not in kept:
                self._report.say(f"the wheel of {wheel.name} in the cache is damaged, and is fetched again")
        missing = [pin for pin in self._request.pins if pin.name not in kept]
        fetched = self._fetch(missing) if missing else ()
        arrived = {**kept, **self._examined(fetched)}
        self._wheels = (*(wheel for wheel in stored if wheel.name in kept), *fetched)
        self._arrived = arrived
        self._say(
            start,
            f"fetched {counted(len(fetched), 'wheel')}, {amount(sum(wheel.size for wheel in fetched))}",
            f"{len(kept)} more from the cache" if self._store.shared else "",
            f"{sum(wheel.built for wheel in fetched)} built" if any(wheel.built for wheel in fetched) else "",
        )
        places = {pin.name: pin.place for pin in self._request.pins}
        return tuple(replace(item, needed_by=places[name]) for name, item in sorted(arrived.items()))

    def write(self, going: Sequence[str], before: Mapping[str, str], others: Sequence[str] = ()) -> None:
        """Write the wheels into the environment, and remove the distributions ``going`` (metadata folders).

        ``others`` are names of those that have no RECORD; pip removes them, as the first change. Raises
        VenvbootError, and Refused where what is installed isn't what was ``before`` (name -> version); the
        environment is as before then, unless the commit had begun.
        """
        code = self._compile()
        start = time.monotonic()
        wheel_source.make_importable(self._folder)
        with stage.opened(self._system, self._record) as staged, self._system.umask(UMASK):
            # As pip does it: of two distributions with one file, the first in the alphabet has it.
            ordered = sorted(self._wheels, key=lambda wheel: wheel.name, reverse=True)
            places = {wheel.name: f"{number:04}-{wheel.name}" for number, wheel in enumerate(ordered)}
            layout = self._layout(staged.folder)
            tasks = self._tasks(layout, places, code)
            written = writing.write_all(self._system, layout, tasks)
            done = {one.name for one in written}
            again = self._compile_again([task for task in tasks if task.wheel.name not in done])
            written += writing.write_all(self._system, layout, again)
            if present(self._system, self._record) != before:
                raise Refused(changed_meanwhile(self._record.dest))

            def remove_others() -> None:
                if others:
                    pip.uninstall(self._system, self._report, self._record, others)

            staged.commit(going, [places[wheel.name] for wheel in ordered], remove_others)
        if written:
            self._tell_written(start, written, {task.wheel.name: task.kept for task in tasks if task.kept})
        self._store.used(*(task.compiled for task in (*tasks, *again) if task.compiled))

    # -- phases ----------------------------------------------------------------------------------------------

    def _stored(self) -> Tuple[Wheel, ...]:
        """Return the wheels that the cache has, but for those that were built there and may not be built now."""
        request = self._request
        found = [self._store.find(pin, request.python.tags, request.options) for pin in request.pins]
        return tuple(wheel for wheel in found if wheel and (not wheel.built or self._may_be_built(wheel.name)))

    def _may_be_built(self, name: str) -> bool:
        return self._request.builds is None or name in self._request.builds

    def _fetch(self, missing: Sequence[Pin]) -> Tuple[Wheel, ...]:
        pip_folder = self._tools.pip_folder()
        number = max(1, min(MOST_FETCHERS, len(missing) // PINS_EACH))
        parts = list(enumerate(forks.shares(missing, lambda _: 1, number)))

        def fetch(part: Tuple[int, Sequence[Pin]]) -> str:
            place = posixpath.join(self._folder, f"fetch-{part[0]}", "wheels")
            os.makedirs(place)
            pip.wheels(
                self._system,
                self._report,
                self._record,
                pip_folder,
                self._request.words,
                wanted=[pin.name for pin in part[1]],
                builds=self._request.builds,
                folder=place,
            )
            return place

        paths = [path for place in forks.run(fetch, parts) for path in self._system.glob(f"{place}/*.whl")]
        by_name = {canonical(posixpath.basename(path).partition("-")[0]): path for path in paths}
        python, options = self._request.python, self._request.options
        return tuple(self._store.take(pin, python.tags, options, by_name[pin.name]) for pin in missing)

    def _examined(self, found: Sequence[Wheel]) -> Dict[str, IncomingDistribution]:
        """Return what the wheels would bring, by name, without those whose content isn't what it was."""
        unknown = [wheel for wheel in found if wheel.built or wheel.path not in self._known]
        known = {**self._known, **examine(self._system, unknown, cores=forks.cores())}
        return {wheel.name: known[wheel.path] for wheel in found if wheel.path in known}

    def _compile(self) -> Mapping[str, str]:
        """Return where the code of each wheel is, by name; what the cache lacks is compiled."""
        if self._request.bytecode is Bytecode.NONE or not self._wheels:
            return {wheel.name: "" for wheel in self._wheels}
        places = {wheel.name: self._store.bytecode(self._name_of_code(wheel)) for wheel in self._wheels}
        kept = {name: path for name, path in places.items() if path}
        made = self._compiled([wheel for wheel in self._wheels if wheel.name not in kept], len(kept))
        return {**kept, **made}

    def _compile_again(self, damaged: Sequence[Task]) -> List[Task]:
        """Return tasks whose compiled code couldn't be read, with that made again; without, where it can't be either.

        What was made in this run isn't made twice.
        """
        kept = [task.wheel for task in damaged if self._store.has(task.compiled)]
        for wheel in kept:
            self._report.say(f"the compiled code of {wheel.name} in the cache is damaged, and is made again")
        made = self._compiled(kept) if kept else {}
        whole = {name: path for name, path in made.items() if bytecode.load(self._system, path)}
        return [replace(task, compiled=whole.get(task.wheel.name, "")) for task in damaged]

    def _compiled(self, missing: Sequence[Wheel], kept: int = 0) -> Mapping[str, str]:
        start = time.monotonic()
        todo = [
            (
                wheel,
                bytecode.modules(wheels.placed(wheel.path, wheel.name, self._scheme), self._request.python.cache_tag),
                self._store.new_bytecode(self._name_of_code(wheel)),
            )
            for wheel in missing
        ]
        if todo:
            bytecode.compile_all(self._system, self._report, self._record, todo, self._folder)
        modules = sum(len(one) for _, one, _ in todo)
        self._say(
            start,
            f"compiled {counted(modules, 'module')} of {counted(len(missing), 'wheel')}",
            f"{kept} more from the cache" if kept or self._store.shared else "",
        )
        return {wheel.name: path for wheel, _, path in todo}

    def _name_of_code(self, wheel: Wheel) -> str:
        return bytecode.name(wheel, self._scheme, self._request.python)

    def _tasks(self, layout: Layout, places: Mapping[str, str], code: Mapping[str, str]) -> List[Task]:
        """Return what is to be done for each wheel, by their ``places`` in the stage and their compiled ``code``.

        What a wheel becomes is kept unless it is large, or there is no room. That is wanted in the environment with
        bytecode, in the folder of the run and in the cache, which may all be one file system.
        """
        made_by, how = laid_out.program(), (self._scheme, layout.version, layout.script)
        names = {one.name: laid_out.name(made_by, one, *how) for one in self._wheels}
        kept = {name: self._store.laid_out(file) for name, file in names.items()}
        sizes = {name: self._arrived[name].size for name in names}
        missing = sum(sizes[name] for name, path in kept.items() if path is None)
        has_room = self._store.room() >= 2 * (sum(sizes.values()) + missing)
        new = {
            name: self._store.new_laid_out(file) if has_room and sizes[name] <= laid_out.LARGEST else None
            for name, file in names.items()
        }
        return [
            Task(
                wheel,
                places[wheel.name],
                len(self._arrived[wheel.name].files),
                sizes[wheel.name],
                code[wheel.name],
                self._size(code[wheel.name]),
                kept[wheel.name],
                new[wheel.name],
            )
            for wheel in self._wheels
        ]

    def _size(self, path: str) -> int:
        info = self._system.status(path) if path else None
        return info.st_size if info else 0

    def _layout(self, folder: int) -> Layout:
        python = self._request.python
        return Layout(
            self._record.dest,
            folder,
            self._scheme,
            self._record.base_version,
            python.script,
            self._request.bytecode,
            python.cache_tag,
            bytes.fromhex(python.magic),
            moment(self._system.environ),
        )

    def _tell_written(self, start: float, written: Sequence[Written], kept: Mapping[str, str]) -> None:
        """Tell it, and the store which of what was ``kept``, by name of the wheel, was of use."""
        for one in written:
            if one.name in kept and not one.is_copied:
                self._report.say(f"what {one.name} became is damaged in the cache, and is laid out again")
        copied = [one.name for one in written if one.is_copied]
        self._store.used(*(kept[name] for name in copied))
        files, size = sum(one.files for one in written), sum(one.size for one in written)
        self._say(
            start,
            f"wrote {counted(files, 'file')}, {amount(size)}",
            f"{counted(len(copied), 'wheel')} copied as laid out before" if copied else "",
        )

    def _say(self, start: float, done: str, *more: str) -> None:
        self._report.say("; ".join((f"{done} in {time.monotonic() - start:.1f} s", *filter(None, more))))


def scheme(system: System, record: Record, python: PythonFacts) -> Scheme:
    """Return where the files of wheels go; ``lib64`` is mostly a link to ``lib``, and then it is that."""
    real = system.realpath(python.platlib)
    platlib = record.site_packages if real == system.realpath(record.site_packages) else python.platlib
    headers = "{}/include/site/python{}.{}".format(record.dest, *pip.release(record.base_version))
    return Scheme(record.site_packages, platlib, headers, f"{record.dest}/bin", record.dest, record.python)


def moment(environ: Mapping[str, str]) -> int:
    """Return the time for all files of a run, in seconds since 1970: $SOURCE_DATE_EPOCH, else almost now.

    A file that is changed within the second in which the run ends would otherwise have the time that is noted in
    its bytecode, which would go on being used.
    """
    told = epoch(environ)
    return int(time.time()) - 1 if told is None else told
