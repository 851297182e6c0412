"""Take out of an environment what only installing needs, and its group's access; and give that back."""

from __future__ import annotations

import contextlib
import errno
import os
import posixpath
from typing import List, Sequence, Union

from venvboot.actions import CloseTree, RemoveDistribution, RemovePaths, ShareTree
from venvboot.apply import removal, repair
from venvboot.descriptors import open_directory, tree
from venvboot.errors import NotWritten, VenvbootError
from venvboot.facts import installed_files
from venvboot.facts.destination import read_record
from venvboot.model import Finding, Severity
from venvboot.policy.amounts import some
from venvboot.system import System

SHOWN = 5


def carry_out(system: System, action: Union[RemoveDistribution, RemovePaths, CloseTree, ShareTree]) -> None:
    """Do it. Raises NotWritten for what resists, and VenvbootError for files of other users."""
    if isinstance(action, RemoveDistribution):
        _remove_distribution(system, action)
    elif isinstance(action, RemovePaths):
        _remove_paths(action)
    elif isinstance(action, CloseTree):
        _must_be_whole(repair.close(action.dest, action.owner, system.uid).not_owned, system.uid, "seal")
    else:
        done = repair.repair(action.dest, action.group, system.uid)
        _must_be_whole(done.not_owned, system.uid, "seal --undo")


def _remove_distribution(system: System, action: RemoveDistribution) -> None:
    record = read_record(system, action.dest)
    recorded = installed_files.read(system, action.metadata)
    if record is None or recorded is None:
        return
    try:
        removal.remove(system, record, [recorded])
    except OSError as error:
        raise NotWritten(action.metadata, error) from None


def _remove_paths(action: RemovePaths) -> None:
    """Remove each, and the folder of bytecode that is empty then."""
    try:
        for path in action.paths:
            folder, name = posixpath.split(path)
            with contextlib.suppress(FileNotFoundError), open_directory(folder, action.dest) as directory:
                tree(name, dir_fd=directory)
        for folder in {posixpath.dirname(path) for path in action.paths if "/__pycache__/" in path}:
            parent, name = posixpath.split(folder)
            with open_directory(parent, action.dest) as directory:
                _remove_empty(name, directory)
    except OSError as error:
        raise NotWritten(str(error.filename or action.dest), error) from None


def _remove_empty(name: str, directory: int) -> None:
    try:
        os.rmdir(name, dir_fd=directory)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
            raise


def _must_be_whole(not_owned: List[str], uid: int, verb: str) -> None:
    if not_owned:
        raise VenvbootError(_of_others(not_owned, uid, verb))


def _of_others(paths: Sequence[str], uid: int, verb: str) -> Finding:
    return Finding(
        "not-owner",
        Severity.ERROR,
        paths[0],
        f"{some(paths, SHOWN)} can't be changed by user {uid}",
        "only root and who owns it may change its mode",
        f"run the same `venvboot {verb}` as root (USER root)",
    )
