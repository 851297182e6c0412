"""Remove what a distribution installed, as pip does it: by its RECORD. Files that others own as well stay."""

from __future__ import annotations

import errno
import os
import posixpath
from typing import Any, Collection, Optional, Set, Tuple

from venvboot.descriptors import open_directory
from venvboot.facts import installed_files
from venvboot.model import Record
from venvboot.system import System

# Gone already, or behind a link that somebody of the group put there: nothing of the environment's.
_LET_BE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.EPERM)
_FILLED = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EBUSY)


def files(system: System, record: Record, going: Collection[Tuple[str, str]]) -> Set[str]:
    """Return the files to remove. ``going`` are metadata folders, each with the site-packages that it is for.

    Metadata that is in no site-packages by now belongs to none of the others.
    """
    gone: Set[str] = set()
    for info, library in going:
        gone.update(_listed(system, record, info, library))
    libraries = sorted({library for _, library in going})
    staying = [
        (info, library)
        for library in libraries
        for info in installed_files.metadata_of(system, library)
        if (info, library) not in going
    ]
    for info, library in staying:
        gone.difference_update(_listed(system, record, info, library))
    return gone


def remove(system: System, record: Record, going: Collection[Tuple[str, str]]) -> None:
    """Remove them, and each folder that has had some and is empty then. Raises OSError for what resists."""
    paths = files(system, record, going)
    folders = {posixpath.dirname(path) for path in paths}
    for path in sorted(paths):
        _remove(path, record.dest, os.unlink, _LET_BE)
    for path in sorted(folders, key=len, reverse=True):
        _remove(path, record.dest, os.rmdir, _FILLED)


def _remove(path: str, dest: str, how: Any, let_be: Collection[Optional[int]]) -> None:
    folder, name = posixpath.split(path)
    try:
        with open_directory(folder, dest) as directory:
            how(name, dir_fd=directory)
    except OSError as error:
        if error.errno not in let_be:
            raise


def _listed(system: System, record: Record, info: str, library: str) -> Collection[str]:
    return installed_files.files(system, info, library, record.dest, record.cache_tag) or ()
