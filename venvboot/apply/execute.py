"""Carry out a plan, action by action; what is interrupted is half-made and repaired by the next run."""

from __future__ import annotations

import posixpath
from typing import Optional, Sequence, Union

from venvboot import record as record_file
from venvboot import system_exceptions
from venvboot.actions import (
    Action,
    CloseTree,
    CompleteEnvironment,
    CreateEnvironment,
    DivertFile,
    InstallHook,
    LinkLibraries,
    MakeDirectory,
    OutsideAction,
    RefreshLinkerCache,
    RemoveDistribution,
    RemoveFile,
    RemovePaths,
    SealDirectory,
    ShareDirectories,
    ShareTree,
    UndivertFile,
    UnsealDirectory,
    UpdateWrappers,
    WriteFile,
    WriteRecord,
)
from venvboot.apply import environment, guard, guard_seal, linker, sealing, sharing, wrappers
from venvboot.apply.maker import Maker
from venvboot.model import Record, Seal
from venvboot.report import Reporter
from venvboot.system import System

SYSTEM_FOLDER_MODE, SYSTEM_FILE_MODE = 0o755, 0o644


def carry_out(
    system: System,
    report: Reporter,
    actions: Sequence[Action],
    base_version: str,
    maker: Optional[Maker] = None,
) -> None:
    """Do ``actions`` in order, for a Python of ``base_version``. Raises VenvbootError at the first that fails."""
    for action in actions:
        report.say(action.describe())
        _do(system, report, action, base_version, maker)


def outside(system: System, report: Reporter, actions: Sequence[OutsideAction]) -> None:
    """Do ``actions`` in order, which need no environment. Raises VenvbootError at the first that fails."""
    for action in actions:
        report.say(action.describe())
        _do_outside(system, report, action)


def write_record(system: System, record: Record) -> None:
    """Write the record whole; it replaces the sign of a half-made environment in one step."""
    final = posixpath.join(record.dest, record_file.NAME)
    half_made = posixpath.join(record.dest, record_file.HALF_MADE_NAME)
    content = record_file.dump(record).encode()
    mode = SYSTEM_FILE_MODE if record.seal is Seal.SEALED else environment.SMALL_FILE_MODE
    if system.exists(half_made):
        system.write(half_made, content, environment.SMALL_FILE_MODE)
        system.rename(half_made, final)
    else:
        system.write(final, content, mode)


def write_system_exceptions(system: System, text: str) -> None:
    """Write root's file of exceptions for what belongs to the system."""
    system.make_directory(system_exceptions.FOLDER, SYSTEM_FOLDER_MODE, 0)
    system.write(system_exceptions.PATH, text.encode(), SYSTEM_FILE_MODE)


def _do(system: System, report: Reporter, action: Action, base_version: str, maker: Optional[Maker]) -> None:
    if isinstance(action, CreateEnvironment):
        environment.create(system, report, action, base_version, maker)
    elif isinstance(action, InstallHook):
        environment.install_hook(system, action, base_version)
    elif isinstance(action, ShareDirectories):
        sharing.share_directories(action.dest, action.paths, action.group)
    elif isinstance(action, WriteRecord):
        write_record(system, action.record)
    elif isinstance(action, CompleteEnvironment):
        environment.complete(system, report, action, base_version)
    elif isinstance(action, (RemoveDistribution, RemovePaths, CloseTree, ShareTree)):
        sealing.carry_out(system, action)
    else:
        _do_outside(system, report, action)


def _do_outside(system: System, report: Reporter, action: OutsideAction) -> None:
    if isinstance(action, MakeDirectory):
        system.make_directory(action.path, sharing.DIRECTORY_MODE, action.group)
    elif isinstance(action, WriteFile):
        content = action.content.encode("utf-8", "surrogateescape")  # a file of others may be of any encoding
        system.write(action.path, content, action.mode, action.trusted)
    elif isinstance(action, RemoveFile):
        system.remove_file(action.path)
    elif isinstance(action, UpdateWrappers):
        wrappers.update(system, report, action.dest, take_over=True, remove_all=action.remove_all)
    elif isinstance(action, LinkLibraries):
        linker.link(system, action)
    elif isinstance(action, RefreshLinkerCache):
        linker.refresh(system, report)
    else:
        _do_guard(system, report, action)


def _do_guard(
    system: System, report: Reporter, action: Union[DivertFile, UndivertFile, SealDirectory, UnsealDirectory]
) -> None:
    if isinstance(action, DivertFile):
        guard.divert(system, report, action)
    elif isinstance(action, UndivertFile):
        guard.undivert(system, report, action)
    elif isinstance(action, SealDirectory):
        guard_seal.seal(action)
    else:
        guard_seal.unseal(action)
