"""``fix``: give the group its access back; touches only what is wrong."""

from __future__ import annotations

import argparse
import posixpath
from typing import Any, Dict, List, Optional, Tuple

from venvboot import options
from venvboot.apply import repair
from venvboot.commands import Context, targets
from venvboot.errors import Refused, UsageError, VenvbootError
from venvboot.facts import access as facts
from venvboot.facts import owners
from venvboot.facts.destination import read_record
from venvboot.model import Access, Finding, Outcome, Severity, Status
from venvboot.policy import access
from venvboot.render import access as printer
from venvboot.system import System

SHOWN = 5


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="*", help="folders or files; default: the environment")
    parser.add_argument(
        "--group", metavar="GID|NAME", help="the group that may install; default: the environment's, for a PATH 0"
    )
    options.add_venv(parser)
    options.add_dry_run(parser)


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Return what was repaired. Raises Refused for what is the system's; a path that isn't there is a failure.

    The status is FAILED where something belongs to another user, and this one isn't root.
    """
    system = context.system
    roots = _roots(arguments, system)
    group = _group(arguments, system)
    before = [facts.read(system, root, group) for root in roots]
    findings = [finding for found in before for finding in left_alone(found)]
    if arguments.dry_run:
        return Outcome(Status.DONE, tuple(findings), printer.would(before, group), {"fixed": printer.as_json(before)})
    # Where nothing is wrong, nothing is opened either.
    done = [repair.repair(root, group, system.uid) for root, found in zip(roots, before) if found.wrong]
    not_owned = [path for one in done for path in one.not_owned]
    directories, files = sum(one.directories for one in done), sum(one.files for one in done)
    size = sum(one.size for one in done)
    context.report.say(printer.done(directories, files, size))
    if not_owned:
        findings.append(_not_owner(not_owned, system.uid))
    data: Dict[str, Any] = {"fixed": {"directories": directories, "files": files, "bytes": size}}
    return Outcome(Status.FAILED if not_owned else Status.DONE, tuple(findings), data=data)


def _roots(arguments: argparse.Namespace, system: System) -> Tuple[str, ...]:
    if not arguments.paths:
        record = targets.environment(system, targets.destination(arguments, system))
        targets.refuse_sealed(record)
        return (record.site_packages if record.direct else record.dest,)
    if "" in arguments.paths:
        raise UsageError("an empty PATH was given", "a variable that isn't set? leave it out to mean the environment")
    paths = tuple(dict.fromkeys("/" + posixpath.abspath(path).lstrip("/") for path in arguments.paths))
    for path in paths:
        _refuse_sealed(system, path)
    findings = [finding for finding in (_refusal(system, path) for path in paths) if finding]
    missing = [finding for finding in findings if finding.code == "no-path"]
    if missing:
        raise VenvbootError(*findings)
    if findings:
        raise Refused(*findings)
    return paths


def _refuse_sealed(system: System, path: str) -> None:
    """Raise Refused for what lies in a sealed environment."""
    folder = path
    while folder != "/":
        record = read_record(system, folder)
        if record and record.dest == folder:
            targets.refuse_sealed(record)
        folder = posixpath.dirname(folder)


def _refusal(system: System, path: str) -> Optional[Finding]:
    if system.status(path) is None:
        return Finding(
            "no-path",
            Severity.ERROR,
            path,
            f"there is nothing at {path}",
            "the path that was named isn't there",
            "name a folder that is, or leave it out: then it is the environment",
        )
    real = system.realpath(path)
    if real != path:
        return Finding(
            "system-path",
            Severity.ERROR,
            path,
            f"{path} was left as it is",
            f"it leads over a symbolic link to {real}",
            f"`venvboot fix {real}`, if that is meant",
        )
    owned = owners.owners_of(system, [path]).by_path.get(path)
    why = access.why_refused(path, str(owned.package) if owned else "")
    if why is None:
        return None
    return Finding(
        "system-path",
        Severity.ERROR,
        path,
        f"{path} was left as it is",
        why,
        "name the folder of an application or of an environment",
    )


def _group(arguments: argparse.Namespace, system: System) -> int:
    if arguments.group is not None:
        gid = system.group_id(arguments.group)
        if gid is None:
            raise UsageError(
                f"there is no group {arguments.group} in this image", "--group 0, or add the group first"
            )
        return gid
    if arguments.paths:
        return 0
    return targets.environment(system, targets.destination(arguments, system)).group


def left_alone(found: Access) -> List[Finding]:
    """Return what there is to tell of files with several names, and of folders on other file systems."""
    findings = []
    if found.linked:
        first = found.linked[0].path
        more = f" and {len(found.linked) - 1} more" if len(found.linked) > 1 else ""
        findings.append(
            Finding(
                "linked-file",
                Severity.WARNING,
                first,
                f"{first}{more} was left as it is",
                f"it has {found.linked[0].links} names, and may be someone else's under another one",
                "ENV UV_LINK_MODE=copy where uv made it; else copy it in place of the link",
            )
        )
    findings += [
        Finding(
            "mount-left",
            Severity.NOTE,
            path,
            f"{path} was not looked into",
            "another file system is mounted there",
            f"`venvboot fix {path}`, if it is meant",
        )
        for path in found.mounts[:SHOWN]
    ]
    return findings


def _not_owner(paths: List[str], uid: int) -> Finding:
    shown = ", ".join(paths[:SHOWN]) + (f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else "")
    return Finding(
        "not-owner",
        Severity.ERROR,
        paths[0],
        f"{shown} can't be repaired by user {uid}",
        "only root and who owns it may change its mode",
        "run the same `venvboot fix` as root (USER root), or as the user who made it",
    )
