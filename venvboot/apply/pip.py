"""The only builder of pip command lines."""

from __future__ import annotations

import json
import os
import pkgutil
import posixpath
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from venvboot import isolated
from venvboot.apply.sharing import UMASK
from venvboot.errors import ToolFailed, Unsupported
from venvboot.facts.distributions import canonical
from venvboot.model import Finding, Record, Severity
from venvboot.report import Reporter
from venvboot.system import System
from venvboot.toolchain import Toolchain

# pip 22.2 brought --dry-run and --report; 21.3 is the last for Python 3.6.
OLDEST_DRY_RUN = (3, 7)

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
}


def environment(environ: Mapping[str, str], dropped: Sequence[str] = ()) -> Dict[str, str]:
    """Return ``environ`` without what would redirect pip, or Python itself, out of the environment."""
    kept = {
        key: value
        for key, value in environ.items()
        if key not in DROPPED and key not in dropped and not key.startswith("PYTHON")
    }
    return {**kept, **OURS}


def cache_words(folder: Optional[str]) -> List[str]:
    return ["--cache-dir", posixpath.join(folder, "pip")] if folder else ["--no-cache-dir"]


def install(
    system: System,
    report: Reporter,
    record: Record,
    words: Sequence[str],
    cache: Optional[str],
    *,
    locked: bool = False,
) -> None:
    """Install into the environment with its own pip, under umask 002, showing pip's output as it comes.

    ``locked``: with hashes and without dependencies, and without constraints from outside. Raises ToolFailed.
    """
    flags = ["--require-hashes", "--no-deps"] if locked else []
    argv = [*_pip(record), "install", *_place(record), *cache_words(cache), *flags, *words]
    _run(system, report, argv, dropped=("PIP_CONSTRAINT",) if locked else ())


def try_locked(system: System, report: Reporter, record: Record, words: Sequence[str], cache: Optional[str]) -> None:
    """Fetch and verify all that a lock brings, writing nothing. Raises ToolFailed."""
    flags = ["--dry-run", "--quiet", "--require-hashes", "--no-deps"]
    argv = [*_pip(record), "install", *_place(record), *cache_words(cache), *flags, *words]
    _run(system, report, argv, dropped=("PIP_CONSTRAINT",))


def uninstall(system: System, report: Reporter, record: Record, names: Sequence[str]) -> None:
    _run(system, report, [*_pip(record), "uninstall", "--yes", "--", *names])


def would_install(
    system: System, report: Reporter, record: Record, words: Sequence[str], cache: Optional[str]
) -> Dict[str, str]:
    """Return what an installation would bring, canonical name -> version; pip writes nothing but its report.

    Raises Unsupported where the newest pip for that Python can't tell.
    """
    if release(record.base_version) < OLDEST_DRY_RUN:
        raise Unsupported(_no_dry_run(record))
    with system.temporary_directory() as folder:
        path = posixpath.join(folder, "report.json")
        flags = ["--quiet", "--dry-run", "--report", path]
        _run(system, report, [*_pip(record), "install", *_place(record), *cache_words(cache), *flags, *words])
        told: Any = json.loads(system.read(path))
    return {canonical(item["metadata"]["name"]): item["metadata"]["version"] for item in told["install"]}


def download(
    system: System, report: Reporter, python: str, libraries: Toolchain, words: Sequence[str], folder: str
) -> Optional[str]:
    """Resolve for ``python`` and fetch the wheels into ``folder``, running no build; return why that failed, or None.

    Run isolated, so that it neither sees nor touches what is installed there. ``folder`` is made in a private one.
    """
    program = pkgutil.get_data("venvboot.apply", "pip_target.py")
    assert program is not None  # noqa: S101  # it is part of the package
    argv = [
        # With what pip_target.py does first, this isolates as -I does, which Python 2 hasn't got
        *(python, "-E", "-s", "-S", "-B", "-c", program.decode(), libraries.pip_wheel),
        *("download", "--quiet", "--no-cache-dir", "--only-binary", ":all:", "--retries", "1"),
        *("--dest", folder, *words),
    ]
    report.detail(f"+ {python} -m pip {' '.join(argv[8:])}")
    environ = {**environment(system.environ), "TMPDIR": posixpath.dirname(folder)}
    done = system.run(argv, env=environ, cwd=os.getcwd())
    lines = [line.strip() for line in done.err.splitlines() if line.strip()]
    return None if done.code == 0 else (lines[-1] if lines else f"exit status {done.code}")


def release(version: str) -> Tuple[int, int]:
    """Return the release of Python that ``version`` (``3.11.2``) belongs to."""
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def _pip(record: Record) -> List[str]:
    return isolated.pip(record.python, record.base_version)


def _place(record: Record) -> List[str]:
    """Options against ``root =`` and ``prefix =`` in a pip.conf; beside ``target =`` pip refuses them."""
    return ["--root", "/", "--prefix", record.dest]


def _no_dry_run(record: Record) -> Finding:
    return Finding(
        "dry-run-not-offered",
        Severity.ERROR,
        record.dest,
        f"an installation into {record.dest} can't be tried without doing it",
        f"it is of Python {record.base_version}, and a pip that tells what it would install needs 3.7 or later",
        "leave --dry-run out, or try it in a throw-away image",
    )


def _run(system: System, report: Reporter, argv: Sequence[str], dropped: Sequence[str] = ()) -> None:
    report.detail("+ " + " ".join(argv))
    quiet = report.verbosity < 0
    with system.temporary_directory() as folder:  # what pip leaves there when it is interrupted goes with it
        environ = {**environment(system.environ, dropped), "TMPDIR": folder}
        done = system.run(argv, env=environ, umask=UMASK, show=not quiet, cwd=os.getcwd())
    if done.code != 0:
        if quiet:
            report.repeat(done.out + done.err)
        verb = next(word for word in argv if word in ("install", "uninstall"))
        told = done.out + done.err
        raise ToolFailed("pip-failed", verb, f"pip {verb}", done.code, told, "pip's own message is above")
