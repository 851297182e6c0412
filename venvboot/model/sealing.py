"""What a seal takes out of an environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping, Tuple

from venvboot.model.distribution import Distribution

PIP = "pip"
INSTALLERS = (PIP, "setuptools", "wheel")


@dataclass(frozen=True)
class SealFacts:
    """What an environment holds that only installing needs.

    ``installers`` are pip, setuptools and wheel, one entry for each metadata folder; ``without_record`` names those
    whose files can't be told. ``needed_by`` has for each name the distributions that require it. ``pip`` are pip's
    programs and what its RECORD may leave out; ``hooks`` start-up files, ``activators`` scripts that shells read, and
    ``signs`` what uv locks, what says that a folder is a cache, and what a killed run had begun to write.
    """

    installers: Tuple[Distribution, ...] = ()
    without_record: Tuple[str, ...] = ()
    needed_by: Mapping[str, Tuple[str, ...]] = field(default_factory=dict)
    pip: Tuple[str, ...] = ()
    hooks: Tuple[str, ...] = ()
    activators: Tuple[str, ...] = ()
    signs: Tuple[str, ...] = ()

    @property
    def left(self) -> Tuple[str, ...]:
        """Return the paths that no sealed environment has."""
        pip = (one.location for one in self.installers if one.name == PIP)
        return (*pip, *self.pip, *self.hooks, *self.activators)
