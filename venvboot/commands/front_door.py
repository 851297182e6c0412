"""The front door: what pip has fetched is looked into and judged before it writes anything."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import Collection, Dict, FrozenSet, Iterable, Sequence, Tuple

from venvboot.errors import Refused, ToolFailed, Unsupported, VenvbootError
from venvboot.facts import owners, stdlib, wheels
from venvboot.model import (
    Allowance,
    Arrival,
    Finding,
    IncomingDistribution,
    InstallTarget,
    Isolation,
    OwnedPython,
    RecordedException,
    Severity,
    Staged,
    SystemPackage,
    canonical,
)
from venvboot.policy import conflicts, exceptions
from venvboot.policy.exceptions import Verdict
from venvboot.system import System


class FrontDoor:
    """Judges one run of pip into ``target``. ``incoming`` and ``verdict`` tell what came of it.

    ``owned`` is what the distro's packages have there. ``dry_run``: everything is looked at, and nothing let in.
    """

    def __init__(
        self,
        system: System,
        target: InstallTarget,
        owned: OwnedPython,
        *,
        allowed: Sequence[Allowance] = (),
        recorded: Sequence[RecordedException] = (),
        dry_run: bool = False,
    ) -> None:
        self.incoming: Tuple[IncomingDistribution, ...] = ()
        self.verdict = Verdict((), ())
        self.asked = False
        self._system = system
        self._target = target
        self._owned = owned
        self._allowed = allowed
        self._recorded = recorded
        self.dry_run = dry_run

    def judge(self, arrival: Arrival) -> bool:
        """Tell whether what has arrived may be written. Raises VenvbootError for what can't be trusted or told."""
        self.asked = True
        target = replace(
            self._target,
            site_packages=arrival.site_packages,
            stdlib=stdlib.modules(self._system, arrival.stdlib_folder, arrival.builtin, arrival.stdlib),
            stdlib_folder=arrival.stdlib_folder,
        )
        return self.judge_all(tuple(map(_inspected, arrival.staged)), target)

    def judge_all(self, incoming: Tuple[IncomingDistribution, ...], target: InstallTarget) -> bool:
        """Tell the same of distributions that were looked into already."""
        self.incoming = incoming
        if (
            incoming
            and target.isolation is not Isolation.ISOLATED
            and (self._owned.doubts or self._owned.no_database)
        ):
            raise Unsupported(_unknown_owner(target, self._owned))
        target = replace(
            target,
            occupied=_occupied(self._system, target, incoming),
            removable=_removable(self._system, self._owned),
        )
        found = conflicts.conflicts(incoming, target, self._owned)
        self.verdict = exceptions.judge(found, self._allowed, self._recorded)
        return not self.verdict.refused and not self.dry_run

    def refuse(self, *more: Finding) -> None:
        """Raise Refused where the verdict says so, with ``more`` findings of the same run."""
        if self.verdict.refused:
            raise Refused(*self.verdict.findings, *more)

    def findings(self) -> Tuple[Finding, ...]:
        """Return what there is to tell of a run that was not refused, with the exceptions that let something in."""
        let_in = () if self.dry_run else map(exceptions.told, self.verdict.used)
        return (*self.verdict.findings, *let_in)

    def exceptions(self) -> Tuple[RecordedException, ...]:
        """Return the exceptions to record: those made use of now, and earlier ones of what wasn't replaced."""
        names = {item.name for item in self.incoming}
        kept = [one for one in self._recorded if one.name not in names]
        return tuple(sorted({*kept, *self.verdict.used}, key=lambda one: (one.name, one.kind, one.version)))

    def exceptions_of(self, present: Collection[str]) -> Tuple[RecordedException, ...]:
        """Return those of them whose distribution is ``present``; with it goes its exception."""
        return tuple(one for one in self.exceptions() if one.name in present)


def explained(
    error: ToolFailed, asked: Iterable[Tuple[str, str]], target: InstallTarget, folder: str, system: System
) -> VenvbootError:
    """Return the refusal that a failure of pip comes to, else the failure itself.

    ``asked`` are names with the place they stand at, ``folder`` is that of the standard library: what that has, often
    can't even be built.
    """
    modules = stdlib.listed(system, folder)
    target = replace(target, stdlib_folder=folder)
    for name, place in asked:
        module = canonical(name).replace("-", "_")
        if module in modules and name.lower() in error.output.lower():
            item = IncomingDistribution(canonical(name), "", requested=True, needed_by=place)
            return Refused(conflicts.in_the_stdlib(item, target, [module]))
    return error


def _inspected(staged: Staged) -> IncomingDistribution:
    if not staged.path:  # an old pip installs it without a wheel
        return IncomingDistribution(
            canonical(staged.name),
            "",
            staged.requested,
            built=True,
            editable=staged.editable,
            needed_by=staged.needed_by,
        )
    found = wheels.inspect(staged.path, requested=staged.requested, built=staged.built, editable=staged.editable)
    return replace(found, needed_by=staged.needed_by)


def _unknown_owner(target: InstallTarget, owned: OwnedPython) -> Finding:
    return Finding(
        "unknown-owner",
        Severity.ERROR,
        target.python,
        f"what the distro's packages bring to {target.python} can't be told, so nothing can be compared with it",
        "; ".join(owned.doubts) or "there is no package database in this image",
        f"use an isolated environment: venvboot init {conflicts.apart(target)}",
    )


def _occupied(
    system: System, target: InstallTarget, incoming: Sequence[IncomingDistribution]
) -> Dict[str, SystemPackage]:
    """Return the owners of the files that would be written anew; in a young environment there are none to ask for."""
    planned = [path for item in incoming for path in conflicts.planned_paths(item, target)]
    there = [path for path in dict.fromkeys(planned) if system.status(path) is not None]
    if not there:
        return {}
    return {path: found.package for path, found in owners.owners_of(system, there).by_path.items()}


def _removable(system: System, owned: OwnedPython) -> FrozenSet[str]:
    """Without a RECORD pip uninstalls no dist-info; an egg-info it does."""
    return frozenset(
        name
        for name, (distribution, _) in owned.distributions.items()
        if not distribution.location.endswith(".dist-info")
        or system.is_file(posixpath.join(distribution.location, "RECORD"))
    )


def elsewhere(names: Sequence[str], dest: str, python: str = "") -> Finding:
    """Return the finding for distributions that pip said it installed and that aren't in ``dest``.

    ``python`` is the interpreter whose pip it was, if not that of an environment ``dest``.
    """
    return Finding(
        "installed-elsewhere",
        Severity.ERROR,
        ", ".join(names),
        f"pip reported success, but {', '.join(names)} is not in {dest}",
        "a pip.conf sends it elsewhere",
        f"look at `{python or f'{dest}/bin/python'} -m pip config debug`",
    )


def not_judged(dest: str) -> Finding:
    """Return the finding for an installation that the gate did not see."""
    return Finding(
        "gate-not-passed",
        Severity.ERROR,
        dest,
        f"pip installed into {dest} without having been judged",
        "its pip works in a way that venvboot doesn't know",
        f"`venvboot check` tells what it did; put the pip of {dest} back to a release",
    )
