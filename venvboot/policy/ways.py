"""The ways in which a process is started in a container, and what makes each find the environment.

Which of them a wiring reaches is a fact about shells and programs, measured for each; ``check`` starts them again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Collection, Mapping, Optional, Sequence, Tuple

from venvboot.activation import wrappers
from venvboot.model import Finding, Record, Severity

REACHED, MISSED, UNREACHABLE, NOT_TRIED = "reached", "missed", "unreachable", "not tried"
UNKNOWN_UID = 1234567

# No bytecode is left behind, and nothing but the prefix is told.
ASK = ("-B", "-c", "import sys; print(sys.prefix)")
_PYTHON = f"{{python}} -B -c '{ASK[-1]}'"


@dataclass(frozen=True)
class Way:
    """One way of starting: ``argv`` ends in asking what is called ``{python}`` there for its prefix.

    ``served_by`` names the activation that serves it, empty for ENV; where it is not ``reachable`` nothing does, and
    ``mend`` says what to write instead. ``needs`` is a program that has to be there. ``environ`` is all that it
    inherits, None for what this process has. ``uid`` is another user, of group 0 alone. ``as_root``: only root can.
    Where ``control`` fails too, nothing can be started so, whatever Python it would be.
    """

    name: str
    argv: Tuple[str, ...]
    served_by: str = ""
    needs: str = ""
    environ: Optional[Mapping[str, str]] = None
    uid: Optional[int] = None
    as_root: bool = False
    reachable: bool = True
    mend: str = ""
    control: Tuple[str, ...] = ()

    def command(self, python: str) -> Tuple[str, ...]:
        return tuple(word.replace("{python}", python) for word in self.argv)


_NAME_IT = "name it by its path, {dest}/bin/python"

_NOTHING = ("/bin/sh", "-c", ":")
_SU_NOTHING = ("su", "root", "-c", "true")

# Nothing can be made there, and fish would make folders for its settings.
_NO_FOLDERS = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"), "/dev/null/none")

# tcsh reads no file where HOME is not set.
WAYS: Tuple[Way, ...] = (
    Way("exec form", ("{python}", *ASK)),
    Way("sh -c", ("/bin/sh", "-c", _PYTHON)),
    Way("bash -c", ("bash", "-c", _PYTHON), needs="bash"),
    Way("unknown UID", ("/bin/sh", "-c", _PYTHON), uid=UNKNOWN_UID, as_root=True, control=_NOTHING),
    Way("bash -i", ("bash", "-ic", _PYTHON), "bash.bashrc", "bash", environ={}),
    Way("bash -lc", ("bash", "-lc", _PYTHON), "profile.d", "bash"),
    Way("sh -lc", ("/bin/sh", "-lc", _PYTHON), "profile.d"),
    Way("zsh -c", ("zsh", "-c", _PYTHON), "zshenv", "zsh", environ={}),
    Way("fish -c", ("fish", "-c", _PYTHON), "fish", "fish", _NO_FOLDERS),
    Way("tcsh -c", ("tcsh", "-c", _PYTHON), "csh", "tcsh", {"HOME": "/"}),
    Way("su -", ("su", "-", "root", "-c", _PYTHON), "profile.d", "su", as_root=True, control=_SU_NOTHING),
    Way("su", ("su", "root", "-c", _PYTHON), "environment", "su", environ={}, as_root=True, control=_SU_NOTHING),
    Way("sudo", ("sudo", "-n", "{python}", *ASK), "sudoers", "sudo", as_root=True, control=("sudo", "-n", "true")),
    Way("env -i sh -c", ("/bin/sh", "-c", _PYTHON), "wrappers", environ={}),
    Way("env -i, exec form", ("{python}", *ASK), environ={}, reachable=False, mend=_NAME_IT),
    Way(
        "cron, its own PATH",
        ("/bin/sh", "-c", f"PATH=/usr/bin:/bin; export PATH; {_PYTHON}"),
        environ={},
        reachable=False,
        mend="PATH={dest}/bin:/usr/bin:/bin, or SHELL=/bin/bash, in the crontab",
    ),
)


@dataclass(frozen=True)
class Start:
    """What came of one way: the prefix of the Python that it gave, or why it gave none (``failure``).

    Not ``tried`` where the image or this user lacks what it takes; then ``failure`` says that.
    """

    way: Way
    prefix: str = ""
    failure: str = ""
    tried: bool = True


def state(start: Start, record: Record) -> str:
    """Return ``reached``, ``missed``, ``unreachable``, or ``not tried``."""
    if not start.tried:
        return NOT_TRIED
    if start.prefix == record.dest:
        return REACHED
    return MISSED if start.way.reachable else UNREACHABLE


def mend(start: Start, record: Record) -> str:
    """Return what to write so that a way leads to the environment, empty where it does so already."""
    way, dest = start.way, record.dest
    if state(start, record) not in (MISSED, UNREACHABLE):
        return ""
    if way.mend or not way.reachable:
        return way.mend.format(dest=dest)
    if not way.served_by:
        return f"ENV PATH={dest}/bin:$PATH"
    if way.served_by == wrappers.NAME:
        return f"{_NAME_IT.format(dest=dest)}; a wrapper needs a free name in {wrappers.FOLDER}"
    if way.served_by in record.taken:
        return f"sealed without {way.served_by}: `venvboot seal --activate {way.served_by}` leaves it there"
    return f"`venvboot init {dest}` as root, after whatever reads it was installed"


def findings(
    starts: Sequence[Start], record: Record, *, told: Collection[str] = (), unserved: Collection[str] = ()
) -> Tuple[Finding, ...]:
    """Return an error for each way that a promised activation should serve, a note for one that nothing serves.

    What ENV serves is told by PATH itself (``path-lost``), and what is out of reach only by the table. ``told`` are
    activations that have a finding of their own already, ``unserved`` promised ones that can't serve Python here.
    """
    found = []
    for start in starts:
        if state(start, record) != MISSED or start.way.served_by in ("", *told):
            continue
        if start.way.served_by in record.taken:
            continue
        promised = start.way.served_by in record.activations and start.way.served_by not in unserved
        found.append(
            Finding(
                "start-missed",
                Severity.ERROR if promised else Severity.NOTE,
                start.way.name,
                f"`{start.way.name}` does not start the Python of {record.dest}",
                (start.failure or f"it starts that of {start.prefix}")
                + ("" if promised else f"; it is not wired ({start.way.served_by})"),
                mend(start, record),
            )
        )
    return tuple(found)
