"""Remove what a distribution installed, as pip does it: by its RECORD. Files that others own as well stay."""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from typing import Any, Collection, Iterator, Optional, Set

from venvboot.descriptors import open_directory, tree
from venvboot.facts import installed_files
from venvboot.facts.installed_files import Recorded
from venvboot.model import Record
from venvboot.system import System

# Gone already, called as nothing can be, or behind a link that somebody of the group put there: nothing of the
# environment's.
_NONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)
_LET_BE = (*_NONE, errno.EISDIR, errno.EPERM)
_OWN = ("bin", "include", "lib")
_FILLED = (*_NONE, errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY)


def files(system: System, record: Record, going: Collection[Recorded]) -> Set[str]:
    """Return the files to remove of the distributions ``going``, whose metadata needn't be there any more."""
    gone: Set[str] = set()
    for one in going:
        gone.update(one.paths(record.dest, record.cache_tag))
    names = {(one.folder, one.library) for one in going}
    for library in sorted({one.library for one in going}):
        for info in installed_files.metadata_of(system, library):
            other = None if (posixpath.basename(info), library) in names else installed_files.read(system, info)
            gone.difference_update(other.paths(record.dest, record.cache_tag) if other else ())
    return gone


def is_all(system: System, path: str, gone: Collection[str]) -> bool:
    """Tell whether nothing is left at ``path``, a file or a folder, when the files ``gone`` are removed."""
    there = dict(system.walk(path))
    brought = {one for one, info in there.items() if not stat.S_ISDIR(info.st_mode)}
    filled: Set[str] = set()
    for one in brought:
        folder = posixpath.dirname(one)
        while folder.startswith(path):
            filled.add(folder)
            folder = posixpath.dirname(folder)
    return brought <= set(gone) and there.keys() == brought | filled


def remove(system: System, record: Record, going: Collection[Recorded]) -> None:
    """Remove them, and each folder that is empty then; last, the metadata in site-packages.

    pip leaves a folder that had nothing but folders; to Python that is a package. Raises OSError for what resists.
    """
    paths = files(system, record, going)
    for path in sorted(paths):
        _remove(path, record.dest, os.unlink, _LET_BE)
    for path in sorted({posixpath.dirname(path) for path in paths}, key=len, reverse=True):
        for folder in _upwards(path, record.dest):
            _remove(folder, record.dest, os.rmdir, _FILLED)
    for one in going:
        _remove(posixpath.join(one.library, one.folder), record.dest, tree, _LET_BE)


def _upwards(folder: str, dest: str) -> Iterator[str]:
    """Give ``folder`` and those between it and ``dest``, but for what an environment has from the beginning."""
    while len(folder) > len(dest) and folder not in (f"{dest}/{name}" for name in _OWN):
        yield folder
        folder = posixpath.dirname(folder)


def _remove(path: str, dest: str, how: Any, let_be: Collection[Optional[int]]) -> None:
    folder, name = posixpath.split(path)
    try:
        with open_directory(folder, dest) as directory:
            how(name, dir_fd=directory)
    except OSError as error:
        if error.errno not in let_be:
            raise
