"""What earlier syncs promise to a later one: in an image FROM one with an environment, its parent's pins hold.

A RUN step can't tell whether an earlier one was of its own Dockerfile or of the image below. So a lock that is synced
again from its path replaces what it was, and any other adds to it; ``Lock.parent`` is for what nothing replaces.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Collection, Iterable, Iterator, Mapping, Sequence, Tuple

from venvboot.model import Finding, Lock, RecordedException, Severity

# Name -> its version, and the lock that pins it
Pins = Mapping[str, Tuple[str, Lock]]

REPLACE = "--replace-parent"


def holding(recorded: Sequence[Lock], given: Sequence[Lock], *, replaced: bool) -> Tuple[Lock, ...]:
    """Return the recorded locks that go on holding beside those ``given``; ``replaced``: none does.

    The locks of the last sync belong together: if one of them is given again, the others go with what it was.
    """
    if replaced:
        return ()
    digests, paths = {lock.sha256 for lock in given}, {lock.path for lock in given}
    parents = [lock for lock in recorded if lock.parent and lock.sha256 not in digests]
    last = [lock for lock in recorded if not lock.parent]
    if any(lock.path in paths for lock in last):
        last = []
    known = digests <= {lock.sha256 for lock in recorded}
    return (*parents, *(lock if known else replace(lock, parent=True) for lock in last))


def given_again(recorded: Sequence[Lock], given: Sequence[Lock], *, as_parent: bool) -> Tuple[Lock, ...]:
    """Return the ``given`` as they are to be recorded: what was a parent's stays that."""
    before = {lock.sha256 for lock in recorded if lock.parent}
    return tuple(replace(lock, parent=as_parent or lock.sha256 in before) for lock in given)


def pins(locks: Sequence[Lock]) -> Pins:
    """Return what ``locks`` pin together; each was synced with those before it, so they agree."""
    return {name: (version, lock) for lock in locks for name, version in lock.pins}


def conflicts(held: Pins, asked: Pins, given: Sequence[Lock], changing: Collection[str] = ()) -> Iterator[Finding]:
    """Give a finding for each distribution that is held and that a lock of those ``given`` wants otherwise.

    What is asked for by an address has an empty version; it is wanted otherwise if it is among those ``changing``.
    """
    for name, (version, lock) in sorted(asked.items()):
        before, parent = held.get(name, (version, lock))
        if before != version and (version or name in changing):
            yield Finding(
                "parent-conflict",
                Severity.ERROR,
                name,
                f"{lock.path} asks for {name} {version or 'from an address'}, and {parent.path}, synced before, "
                f"pins it to {before}",
                f"what {parent.path} pins holds in every image FROM the one it was synced in",
                f"lock with {name}=={before} as a constraint; or let the locks of earlier syncs go: "
                f"venvboot sync {REPLACE} {_words(given)}, or in a child that ONBUILD fills "
                "--build-arg VENVBOOT_REPLACE_PARENT=1",
            )


def strayed(
    locks: Sequence[Lock],
    present: Mapping[str, str],
    exceptions: Sequence[RecordedException] = (),
    untold: Collection[str] = (),
) -> Iterator[Finding]:
    """Give a finding for each pinned distribution that is gone or has a version that no exception let in.

    Those ``untold`` get none, but the way back is one for all.
    """
    allowed = {(one.name, one.version) for one in exceptions if one.kind == "locked-changed"}
    gone = {
        name: (version, lock)
        for name, (version, lock) in sorted(pins(locks).items())
        if present.get(name, "") != version and (name, present.get(name, "")) not in allowed
    }
    back = _words(_to_restore(locks, [lock for _, lock in gone.values()]))
    for name, (version, lock) in gone.items():
        if name not in untold:
            now = f"now {present[name]}" if name in present else "gone"
            yield Finding(
                "locked-changed",
                Severity.ERROR,
                name,
                f"{name} {version}, which {lock.path} pins, is {now}",
                "something other than venvboot changed it after that lock was synced",
                f"venvboot sync {back}; or with a lock of your own instead of it: venvboot sync {REPLACE} LOCK",
            )


def is_overruled(recorded: Sequence[Lock], given: Sequence[Lock], exceptions: Sequence[RecordedException]) -> bool:
    """Tell whether an exception let in another version than what one of the ``recorded`` that is given again pins."""
    let_in = {one.name: one.version for one in exceptions if one.kind == "locked-changed"}
    again = {lock.sha256 for lock in given}
    return any(let_in.get(name, pin) != pin for lock in recorded if lock.sha256 in again for name, pin in lock.pins)


def _to_restore(locks: Sequence[Lock], broken: Collection[Lock]) -> Tuple[Lock, ...]:
    """Return what is to be synced so that the ``broken`` hold again: those of the last sync together."""
    last = not all(lock.parent for lock in broken)
    return tuple(lock for lock in locks if (lock in broken if lock.parent else last))


def _words(locks: Iterable[Lock]) -> str:
    """Return the words that name ``locks`` to a shell: any member of the group may have written the record."""
    return " ".join(shlex.quote(lock.path) for lock in locks)
