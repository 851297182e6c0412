"""The way of a sync's wheels into the environment: gathered, examined, compiled, laid out, moved into place.

Each phase takes what the one before made, and tells on one line what it did. Nothing of the environment is changed
before the last, and nothing of the shared cache before that has come to its end.
"""

from __future__ import annotations

import os
import posixpath
import time
from dataclasses import dataclass, replace
from typing import Collection, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from venvboot import forks
from venvboot.apply import bytecode, laid_out, pip, placing, stage, wheel_source
from venvboot.apply.kept import Kept
from venvboot.apply.layout import lay_out
from venvboot.apply.placing import Layout
from venvboot.apply.sharing import UMASK
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
FILE = 6000  # bytes that can be inflated in the time that it takes to make a file


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


class Written(NamedTuple):
    """How much was written of a wheel."""

    name: str
    files: int
    size: int
    is_copied: bool


class Filling:
    """One run: ``gather`` and, when what that returns is let in, ``write``."""

    def __init__(self, system: System, report: Reporter, record: Record, request: Request, kept: Kept) -> None:
        self._system = system
        self._report = report
        self._record = record
        self._request = request
        self._store, self._tools, self._folder = kept.store, kept.tools, kept.folder
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
            made_by = laid_out.program()
            how = (self._scheme, layout.version, layout.script)
            names = {one.name: laid_out.name(made_by, one, *how) for one in self._wheels}
            kept = {name: self._store.laid_out(file) for name, file in names.items()}
            new = self._to_keep(names, kept)

            def write(share: Sequence[Wheel]) -> List[Written]:
                return [
                    self._lay_out(one, places[one.name], layout, code[one.name], kept[one.name], new[one.name])
                    for one in share
                ]

            parts = forks.shares(
                self._wheels, lambda wheel: wheel.size + FILE * len(self._arrived[wheel.name].files), forks.cores()
            )
            written = [one for share in forks.run(write, parts) for one in share]
            if present(self._system, self._record) != before:
                raise Refused(changed_meanwhile(self._record.dest))

            def remove_others() -> None:
                if others:
                    pip.uninstall(self._system, self._report, self._record, others)

            staged.commit(going, [places[wheel.name] for wheel in ordered], remove_others)
        for one in written:
            if kept[one.name] and not one.is_copied:
                self._report.say(f"what {one.name} became is damaged in the cache, and is laid out again")
        if written:
            self._say_written(start, written)
        self._store.used(*(path for one in written if one.is_copied for path in [kept[one.name]] if path))
        self._store.used(*(path for path in code.values() if path))

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

        def examine(share: Sequence[Wheel]) -> List[Tuple[str, IncomingDistribution]]:
            whole = [wheel for wheel in share if self._system.digest(wheel.path, limit=wheel.size) == wheel.sha256]
            return [(wheel.name, wheels.inspect(wheel.path, requested=True, built=wheel.built)) for wheel in whole]

        parts = forks.shares(found, lambda wheel: wheel.size, forks.cores())
        return dict(one for share in forks.run(examine, parts) for one in share)

    def _compile(self) -> Mapping[str, str]:
        """Return where the code of each wheel is, by name; what the cache lacks is compiled."""
        if self._request.bytecode is Bytecode.NONE or not self._wheels:
            return {wheel.name: "" for wheel in self._wheels}
        start = time.monotonic()
        names = {wheel.name: bytecode.name(wheel, self._scheme, self._request.python) for wheel in self._wheels}
        places = {name: self._store.bytecode(file) for name, file in names.items()}
        whole = self._whole([path for path in places.values() if path])
        for name, path in places.items():
            if path and path not in whole:
                self._report.say(f"the compiled code of {name} in the cache is damaged, and is made again")
        missing = [wheel for wheel in self._wheels if places[wheel.name] not in whole]
        todo = [
            (
                wheel,
                bytecode.modules(wheels.placed(wheel.path, wheel.name, self._scheme), self._request.python.cache_tag),
                self._store.new_bytecode(names[wheel.name]),
            )
            for wheel in missing
        ]
        if todo:
            bytecode.compile_all(self._system, self._report, self._record, todo, self._folder)
        modules = sum(len(one) for _, one, _ in todo)
        self._say(
            start,
            f"compiled {counted(modules, 'module')} of {counted(len(missing), 'wheel')}",
            f"{len(self._wheels) - len(missing)} more from the cache" if self._store.shared else "",
        )
        return {
            **{name: path for name, path in places.items() if path},
            **{wheel.name: path for wheel, _, path in todo},
        }

    def _whole(self, paths: Sequence[str]) -> Collection[str]:
        """Return those of compiled code that is as it was written."""

        def look(share: Sequence[str]) -> List[str]:
            return [path for path in share if bytecode.load(self._system, path)]

        parts = forks.shares(paths, lambda path: os.stat(path).st_size, forks.cores())
        return {path for share in forks.run(look, parts) for path in share}

    def _to_keep(self, names: Mapping[str, str], kept: Mapping[str, Optional[str]]) -> Dict[str, Optional[str]]:
        """Return where what wheels become is to be kept, by name; None for what is large, or where there is no room.

        That is wanted in the environment with bytecode, in the folder of the run and in the cache, which may all be
        one file system.
        """
        sizes = {name: self._arrived[name].size for name in names}
        missing = sum(sizes[name] for name, path in kept.items() if path is None)
        has_room = self._store.room() >= 2 * (sum(sizes.values()) + missing)
        return {
            name: self._store.new_laid_out(file) if has_room and sizes[name] <= laid_out.LARGEST else None
            for name, file in names.items()
        }

    def _lay_out(
        self, wheel: Wheel, place: str, layout: Layout, compiled: str, kept: Optional[str], new: Optional[str]
    ) -> Written:
        """Copy what the wheel became before; where ``kept`` isn't whole, lay it out, and keep that as ``new``."""
        code = self._load(compiled)
        with laid_out.opened(self._system, kept, layout.dest) as before:
            if before:
                done = placing.copy(before, wheel, place, layout, code)
            else:
                done = lay_out(wheel, place, layout, code, laid_out.Keeping(new))
        return Written(wheel.name, done.files, done.size, is_copied=before is not None)

    def _load(self, path: str) -> Optional[bytecode.Compiled]:
        return bytecode.load(self._system, path) if path else None

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

    def _say_written(self, start: float, written: Sequence[Written]) -> None:
        files, size = sum(one.files for one in written), sum(one.size for one in written)
        copied = sum(one.is_copied for one in written)
        self._say(
            start,
            f"wrote {counted(files, 'file')}, {amount(size)}",
            f"{counted(copied, 'wheel')} copied as laid out before" if copied else "",
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
