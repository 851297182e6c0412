"""The only builder of pip command lines."""

from __future__ import annotations

import os
import posixpath
import re
from typing import Collection, Dict, List, Mapping, Optional, Sequence, Tuple

from venvboot import isolated, toolchain
from venvboot.apply import gate, programs
from venvboot.apply.cache import private
from venvboot.apply.gate import Gate, Judge
from venvboot.apply.sharing import UMASK
from venvboot.errors import LARGER, ToolFailed
from venvboot.model import InstallTarget, Isolation, Record
from venvboot.report import Reporter
from venvboot.system import Completed, System
from venvboot.toolchain import Toolchain

# Settings that would send an installation past the environment. Indexes, proxies and certificates stay.
DROPPED = (
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_USER",
    "PIP_PYTHON",
    "PIP_BREAK_SYSTEM_PACKAGES",
    "PIP_DRY_RUN",
    "PIP_REPORT",
    "PIP_NO_DEPS",
    "PIP_IGNORE_INSTALLED",
    "DEB_PYTHON_INSTALL_LAYOUT",
    "RPM_BUILD_ROOT",
    "__PYVENV_LAUNCHER__",
)
# A variable beats every pip.conf; the place is told by options, since a variable can't take a setting back.
OURS = {
    "PIP_USER": "0",
    "PIP_DRY_RUN": "0",
    "PIP_NO_DEPS": "0",
    "PIP_IGNORE_INSTALLED": "0",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "_PIP_RUNNING_IN_SUBPROCESS": "1",  # pip's own word for: do not start the interpreter named by "python ="
    "PIP_NO_INPUT": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_ROOT_USER_ACTION": "ignore",
    "PIP_PROGRESS_BAR": "off",
    # Files of anybody's choice would be written before anything is judged.
    "PIP_LOG": os.devnull,
    "PIP_REPORT": os.devnull,
}
CACHE = "cache"  # in the folder of a run

# Against ``target =`` in a pip.conf, beside which pip refuses the options below; it takes an empty one for none.
NO_TARGET = ("--target", "")

_AVAILABLE = re.compile(r"^Available versions: (.*)$", re.MULTILINE)

_ANEW = "make the environment anew, with rm -rf and init"
# What pip says -> a way out that it doesn't name itself
WAYS_OUT = {
    "(from versions: none)": "no index that pip is configured for offers it to this Python: is its name right, has "
    "it a release for this version and platform, and are the address and the password of a private index there "
    "(PIP_INDEX_URL, pip.conf, netrc)?",
    "[Errno 27] ": LARGER,  # EFBIG
    "uninstall-no-record-file": f"what it has installed is noted nowhere, so nobody can remove it: {_ANEW}; or "
    "install the same version with pip's --force-reinstall --no-deps, and run this again",
    "uninstall-distutils-installed-package": f"what distutils has installed can't be removed: {_ANEW}",
}


def environment(environ: Mapping[str, str], dropped: Sequence[str] = ()) -> Dict[str, str]:
    """Return ``environ`` without what would redirect pip, or Python itself, out of the environment.

    pip asks for a home, which a user whom the system doesn't know has only where HOME says so.
    """
    kept = {
        key: value
        for key, value in environ.items()
        if key not in DROPPED and key not in dropped and not key.startswith("PYTHON")
    }
    homeless = "HOME" not in kept and posixpath.expanduser("~") == "~"
    return {**kept, **OURS, **({"HOME": "/"} if homeless else {})}


def install(
    system: System,
    report: Reporter,
    target: InstallTarget,
    words: Sequence[str],
    cache: Optional[str],
    judge: Judge,
    *,
    wanted: Optional[Collection[str]] = None,
    hashes: bool = True,
    builds: Optional[Collection[str]] = None,
) -> str:
    """Install into the environment with its own pip, under umask 002, and return the end of pip's output.

    The output is shown as it comes. Nothing is written before ``judge`` has seen what arrived, and nothing if it says
    no. ``wanted``: of the locks that ``words`` name these names alone, anew where they are there in the same version,
    with ``hashes`` and without dependencies, and without constraints from outside. ``builds``: names of what alone
    may be built, None for anything; of the rest nothing is run, and it is a failure. Raises ToolFailed, and what the
    judge raised.
    """
    locked = wanted is not None
    flags = [*(["--require-hashes"] if hashes else []), "--no-deps", "--force-reinstall"] if locked else []
    into_system = target.isolation is Isolation.SYSTEM
    start = [target.python, *isolated.options(target.version), "-c", programs.gated(builds, wanted)]
    with system.temporary_directory() as folder:
        own = private(system, report, cache, posixpath.join(folder, CACHE))
        door = gate.Gate(judge, lambda: toolchain.unpack(release(target.version), folder).pip_wheel)
        place = [*NO_TARGET, *([] if into_system else _place(target.dest))]
        argv = [*start, "install", *place, *own.words(), *flags, *words]
        shown = f"{target.python} -m pip {' '.join(argv[len(start) :])}"
        environ = environment(system.environ, ("PIP_CONSTRAINT",) if locked else ())
        if into_system:
            environ["PIP_BREAK_SYSTEM_PACKAGES"] = "1"  # what it asks for was answered, by name and with a reason
        told = _run(system, report, argv, shown, {**environ, "TMPDIR": folder}, door)
        if door.let_in:
            own.keep()
    return told


def uninstall(system: System, report: Reporter, record: Record, names: Sequence[str]) -> None:
    argv = [*isolated.pip(record.python, record.base_version), "uninstall", "--yes", "--", *names]
    with system.temporary_directory() as folder:
        _run(system, report, argv, " ".join(argv), {**environment(system.environ), "TMPDIR": folder})


def download(
    system: System, report: Reporter, python: str, libraries: Toolchain, words: Sequence[str], folder: str
) -> Optional[str]:
    """Resolve for ``python`` and fetch the wheels into ``folder``; return why that failed, or None.

    Of what is no wheel nothing is run, and nothing fetched, whether it is named by a path, an address or a file of
    requirements: the failure says what ``programs.NEEDS_BUILD`` describes. Run isolated, so that it neither sees nor
    touches what is installed there. ``folder`` is made in a private one.
    """
    flags = ["--quiet", "--no-cache-dir", "--only-binary", ":all:", "--retries", "1", "--dest", folder]
    done = _carried(system, report, python, libraries, ["download", *flags, *words], posixpath.dirname(folder))
    lines = [line.strip() for line in done.err.splitlines() if line.strip()]
    return None if done.code == 0 else (lines[-1] if lines else f"exit status {done.code}")


def wheels(
    system: System,
    report: Reporter,
    record: Record,
    pip_wheel: str,
    words: Sequence[str],
    *,
    wanted: Collection[str],
    builds: Optional[Collection[str]],
    folder: str,
) -> None:
    """Fetch wheels of the names ``wanted`` in the locks that ``words`` name, hashes verified, into ``folder``.

    ``builds`` as for ``install``. Nothing is kept elsewhere. ``folder`` is in a private one. Raises ToolFailed.
    """
    flags = ["--quiet", "--no-deps", "--require-hashes", "--no-cache-dir", "--wheel-dir", folder]
    start = [
        record.python,
        *isolated.options(record.base_version),
        "-c",
        programs.fetching(wanted, builds),
        pip_wheel,
    ]
    environ = {**environment(system.environ, ("PIP_CONSTRAINT",)), "TMPDIR": posixpath.dirname(folder)}
    shown = f"{record.python} -m pip wheel {' '.join([*flags, *words])}"
    _run(system, report, [*start, "wheel", *flags, *words], shown, environ)


def versions(
    system: System, report: Reporter, python: str, libraries: Toolchain, name: str, folder: str
) -> Tuple[str, ...]:
    """Return the versions of a distribution that the index has for ``python``, as wheels or as source."""
    words = ["index", "versions", "--no-cache-dir", "--retries", "1", name]
    told = _carried(system, report, python, libraries, words, folder).out
    return tuple(version for line in _AVAILABLE.findall(told) for version in line.replace(",", " ").split())


def _carried(
    system: System, report: Reporter, python: str, libraries: Toolchain, words: Sequence[str], folder: str
) -> Completed:
    """Run the pip that venvboot carries by ``python``, isolated from all that is installed there."""
    # With what pip_target.py does first, this isolates as -I does, which Python 2 hasn't got
    start = [python, "-E", "-s", "-S", "-B", "-c", programs.carried(), libraries.pip_wheel]
    report.detail(f"+ {python} -m pip {' '.join(words)}")
    environ = {**environment(system.environ), "TMPDIR": folder}
    return system.run([*start, *words], env=environ, cwd=os.getcwd())


def release(version: str) -> Tuple[int, int]:
    """Return the release of Python that ``version`` (``3.11.2``) belongs to."""
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def _place(dest: str) -> List[str]:
    """Options against ``root =`` and ``prefix =`` in a pip.conf."""
    return ["--root", "/", "--prefix", dest]


def _run(
    system: System,
    report: Reporter,
    argv: Sequence[str],
    shown: str,
    environ: Mapping[str, str],
    door: Optional[Gate] = None,
) -> str:
    """Run pip and return the end of its output; ``shown`` is what -v tells. TMPDIR is private: pip leaves things."""
    report.detail(f"+ {shown}")
    quiet = report.verbosity < 0
    answer = door.answer if door else None
    done = system.run(argv, env=environ, umask=UMASK, show=not quiet, cwd=os.getcwd(), answer=answer)
    if door:
        door.raise_error()
    told = done.out + done.err
    if done.code != 0:
        if quiet:
            report.repeat(told)
        verb = next(word for word in argv if word in ("install", "uninstall", "wheel"))
        raise ToolFailed("pip-failed", verb, f"pip {verb}", done.code, told, hint(told))
    return told


def hint(told: str) -> str:
    """Return the way out of what pip has told: of an index that wants a password it says only that it has nothing."""
    return next((way for said, way in WAYS_OUT.items() if said in told), "pip's own message is above")
