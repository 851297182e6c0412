"""Look into wheels of the cache, on all cores: only what is whole counts."""

from __future__ import annotations

import contextlib
import time
from typing import Dict, List, Mapping, Sequence, Tuple

from venvboot import forks
from venvboot.apply.store import Store
from venvboot.errors import ProcessEnded, WheelNotValid
from venvboot.facts import wheels
from venvboot.model import IncomingDistribution, LockFile, Wheel
from venvboot.policy.pins import digests
from venvboot.system import System

PATIENCE = 0.4  # seconds: pip-tools takes no less
LARGEST = 64 << 20  # bytes that are looked through in a tenth of that

Examined = Mapping[str, IncomingDistribution]  # by path of the wheel


def examine(system: System, found: Sequence[Wheel], *, cores: int) -> Dict[str, IncomingDistribution]:
    """Return what wheels would bring, by path, without those whose content isn't what it was.

    Raises WheelNotValid.
    """

    def look(share: Sequence[Wheel]) -> List[Tuple[str, IncomingDistribution]]:
        return [(wheel.path, _inspected(wheel)) for wheel in share if _is_whole(system, wheel)]

    return _together(forks.run(look, forks.shares(found, _size, cores)))


def foreseen(
    system: System, store: Store, locks: Sequence[LockFile], present: Mapping[str, str]
) -> Dict[str, IncomingDistribution]:
    """Return the same of what the cache has for digests in ``locks``; what isn't valid is left out.

    What is ``present``, name -> version, is passed over. pip-tools is waited for meanwhile: one core is its, and when
    it has answered all of them can go on with what is left.
    """
    end = time.monotonic() + PATIENCE
    texts = (system.read(lock.requirements).decode("utf-8", "replace") for lock in locks)
    found = store.of_digests(set().union(*(digests(text, present) for text in texts)))
    found = [wheel for wheel in found if wheel.size <= LARGEST]

    def look(share: Sequence[Wheel]) -> List[Tuple[str, IncomingDistribution]]:
        known = []
        for wheel in reversed(share):  # the lightest first: one may be for another Python
            with contextlib.suppress(WheelNotValid, OSError):
                if time.monotonic() < end and _is_whole(system, wheel):
                    known.append((wheel.path, _inspected(wheel)))
        return known

    with contextlib.suppress(ProcessEnded):
        return _together(forks.run(look, forks.shares(found, _size, max(1, forks.cores() - 1))))
    return {}


def _is_whole(system: System, wheel: Wheel) -> bool:
    return system.digest(wheel.path, limit=wheel.size) == wheel.sha256


def _inspected(wheel: Wheel) -> IncomingDistribution:
    return wheels.inspect(wheel.path, requested=True, built=wheel.built)


def _size(wheel: Wheel) -> int:
    return wheel.size


def _together(shares: Sequence[Sequence[Tuple[str, IncomingDistribution]]]) -> Dict[str, IncomingDistribution]:
    return dict(one for share in shares for one in share)
