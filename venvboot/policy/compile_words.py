"""The words of pip-compile: what ``compile`` always says, what it lets through, and the command it goes by."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Dict, List, Optional, Sequence, Tuple

# What is stripped of extras can be another lock's constraint, and ``sync`` takes no dependencies, so extras do
# nothing there. setuptools and pip are pinned like the rest ("unsafe"): with hashes pip refuses what is not pinned.
ALWAYS = (
    "--generate-hashes",
    "--strip-extras",
    "--allow-unsafe",
    "--no-emit-index-url",
    "--no-emit-trusted-host",
    "--no-emit-find-links",
)

_OURS = "compile has an option of its own for it"
_PROMISED = "a lock has hashes and names no index"
_PIPS = "the index is pip's to know: PIP_INDEX_URL and its like, or pip.conf"
_SHOWN = "-v and -q of compile itself say how much is shown"
# Option of pip-compile -> why it isn't let through
REFUSED: Dict[str, str] = {
    **dict.fromkeys(("--output-file", "-o", "--dry-run", "-n", "--cache-dir"), _OURS),
    **dict.fromkeys(("--upgrade", "-U", "--upgrade-package", "-P", "--constraint", "-c"), _OURS),
    **dict.fromkeys(("--extra", "--all-extras"), _OURS),
    **dict.fromkeys(("--generate-hashes", "--no-generate-hashes"), _PROMISED),
    **dict.fromkeys(("--emit-index-url", "--emit-trusted-host", "--emit-find-links"), _PROMISED),
    **dict.fromkeys(("--index-url", "-i", "--extra-index-url", "--trusted-host", "--find-links", "-f"), _PIPS),
    **dict.fromkeys(("--no-index", "--cert", "--client-cert"), _PIPS),
    **dict.fromkeys(("--verbose", "-v", "--quiet", "-q"), _SHOWN),
    **dict.fromkeys(("--help", "-h", "--version"), "nothing would be compiled"),
}
_SHORT_WITH_VALUE = "fiPoc"


@dataclass(frozen=True)
class Wish:
    """What one lock is made of. Paths are relative to the working directory, since they end up in the lock."""

    sources: Tuple[str, ...]
    lock: str
    constraints: Tuple[str, ...] = ()
    extras: Tuple[str, ...] = ()
    all_extras: bool = False
    upgrade: bool = False
    upgrade_packages: Tuple[str, ...] = ()
    passed_on: Tuple[str, ...] = ()

    def words(self) -> Tuple[str, ...]:
        """Return the words of pip-compile, without those about places of this run; the sources come last."""
        return (
            *ALWAYS,
            *self._lasting(),
            *(["--upgrade"] if self.upgrade else []),
            *(word for name in self.upgrade_packages for word in ("--upgrade-package", name)),
            "--output-file",
            self.lock,
            *self.passed_on,
            "--",
            *self.sources,
        )

    def _lasting(self) -> List[str]:
        """What the same lock needs every time."""
        given = [("--constraint", path) for path in self.constraints] + [("--extra", name) for name in self.extras]
        return [*(word for pair in given for word in pair), *(["--all-extras"] if self.all_extras else [])]

    def command(self, sources: Sequence[str], output: str) -> str:
        """Return the command that makes the lock again, in one that names all ``sources`` and, if any, ``output``."""
        own = ["venvboot", "compile", *self._lasting(), *(["--output", output] if output else []), *sources]
        return " ".join(map(shlex.quote, [*own, *(["--", *self.passed_on] if self.passed_on else [])]))


def refused(words: Sequence[str]) -> Optional[Tuple[str, str]]:
    """Return the first word that isn't let through to pip-compile, and why."""
    for word in words:
        for name in _names(word):
            if name in REFUSED:
                return name, REFUSED[name]
        if "://" in word or "@" in word:  # of a proxy too
            return "what names an address", _PIPS
    return None


def _names(word: str) -> Tuple[str, ...]:
    """Return the options that stand in a word; short ones may stand together, and the rest of it be a value."""
    if word.startswith("--"):
        return (word.split("=", maxsplit=1)[0],)
    if not word.startswith("-"):
        return ()
    end = next((place for place, letter in enumerate(word) if letter in _SHORT_WITH_VALUE), len(word))
    return tuple(f"-{letter}" for letter in word[1 : end + 1])
