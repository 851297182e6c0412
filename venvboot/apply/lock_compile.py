"""Locks made by pip-tools' own pip-compile, run by the interpreter of the environment they are for."""

from __future__ import annotations

import json
import os
import posixpath
from typing import Dict, Mapping, Optional, Sequence

from venvboot import isolated, toolchain
from venvboot.apply import programs
from venvboot.apply.cache import private
from venvboot.apply.lock import OLDEST
from venvboot.apply.pip import CACHE, environment, release
from venvboot.errors import MOST_SAID, Refused, Unsupported, VenvbootError
from venvboot.model import Finding, Record, Severity
from venvboot.policy.compile_words import Wish
from venvboot.policy.pins import with_credentials
from venvboot.redact import without_secrets
from venvboot.report import Reporter
from venvboot.system import System

# Of lock_compile_target.py
UNRESOLVABLE, SAID = 3, 4
NEW = "new-lock.txt"
# What pip-tools keeps in the cache of pip; both are as the moment made them
_NOT_KEPT = ("pkgs", "depcache-*.json")
# The word for a pip that installs where it runs; a build's pip is to install where its --python says
_WORD_OF_PIP = "_PIP_RUNNING_IN_SUBPROCESS"


def refuse_unsupported(record: Record, sources: Sequence[str]) -> None:
    """Raise Unsupported where pip-tools doesn't run, or isn't at hand."""
    if release(record.base_version) < OLDEST:
        raise Unsupported(_too_old(record))
    if toolchain.is_legacy():
        raise Unsupported(_no_pip_tools(record, sources))


def compiled(
    system: System, report: Reporter, record: Record, wish: Wish, command: str, cache: Optional[str]
) -> bytes:
    """Return the lock that pip-compile makes of ``wish``; nothing but the cache is written.

    ``command`` goes into its header. Raises VenvbootError with pip-compile's reason, whose text is shown before, and
    Refused for a lock with credentials in it.
    """
    with system.temporary_directory() as folder:
        libraries = toolchain.unpack(release(record.base_version), folder)
        own = private(system, report, cache, posixpath.join(folder, CACHE))
        kept = own.folder or posixpath.join(folder, CACHE)
        new = posixpath.join(folder, NEW)
        loud = "--verbose" if report.verbosity > 0 else "--quiet"
        words = [loud, "--cache-dir", kept, *wish.words()]
        report.detail(f"+ {record.python} (pip-compile) {' '.join(words)}")
        given = {"libraries": [libraries.pip_wheel, *libraries.paths], "words": words, "new": new}
        argv = [
            record.python,
            *isolated.options(record.base_version),
            "-c",
            programs.source("lock_compile_target.py"),
            json.dumps(given),
        ]
        environ = _environment(system.environ, folder, kept, command)
        # Captured, not shown as it comes: what a build prints may hold the index's password
        done = system.run(argv, env=environ, cwd=os.getcwd())
        told = done.out + done.err
        if done.code != 0:
            if done.code not in (UNRESOLVABLE, SAID):
                toolchain.refuse_unfit(release(record.base_version), done.err)
            report.repeat(told)
            raise VenvbootError(_failed(record, wish, done.code, told))
        if report.verbosity >= 0:
            report.repeat(told)
        content = system.read_whole(new)
        if not content:
            raise VenvbootError(_nothing(wish))
        secret = with_credentials(content.decode("utf-8", "replace"))
        if secret:
            raise Refused(_with_credentials(wish, secret))
        _forget(system, kept)
        own.keep()
    return content


def _environment(environ: Mapping[str, str], folder: str, cache: str, command: str) -> Dict[str, str]:
    kept = {key: value for key, value in environment(environ).items() if key != _WORD_OF_PIP}
    return {
        **kept,
        "TMPDIR": folder,
        "PIP_CACHE_DIR": cache,
        "CUSTOM_COMPILE_COMMAND": command,
        "PYTHONDONTWRITEBYTECODE": "1",  # a build is the environment's own pip at work
    }


def _forget(system: System, cache: str) -> None:
    for pattern in _NOT_KEPT:
        for path in system.glob(posixpath.join(cache, pattern)):
            if system.is_directory(path):
                system.empty_directory(path)
            else:
                system.remove_file(path)


def _failed(record: Record, wish: Wish, code: int, told: str) -> Finding:
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    sources = ", ".join(wish.sources)
    if code == UNRESOLVABLE:
        asked = [line for line in lines if " requires " in line]
        return Finding(
            "lock-unresolvable",
            Severity.ERROR,
            sources,
            f"there are no versions that fit all of {sources} on Python {record.base_version}",
            "; ".join(asked)[:MOST_SAID] or (lines[-1] if lines else "pip found none"),
            "loosen a requirement named above; or, if it is a pin of the lock, let it go: "
            "venvboot compile --upgrade-package NAME",
        )
    text = without_secrets(" / ".join(lines))
    return Finding(
        "compile-failed",
        Severity.ERROR,
        sources,
        f"{sources} can't be compiled into {wish.lock}",
        (text[:MOST_SAID] if code == SAID else text[-MOST_SAID:]) or f"exit status {code}",
        "correct what pip-compile names above; with -v it says what it looked at",
    )


def _nothing(wish: Wish) -> Finding:
    sources = ", ".join(wish.sources)
    return Finding(
        "compile-failed",
        Severity.ERROR,
        sources,
        f"pip-compile wrote nothing for {sources}, so {wish.lock} stays as it is",
        "a configuration of pip-tools beside it may say dry-run, which keeps it from writing",
        "take dry-run out of [tool.pip-tools]; venvboot compile --dry-run is another thing",
    )


def _with_credentials(wish: Wish, places: Sequence[str]) -> Finding:
    return Finding(
        "lock-with-credentials",
        Severity.ERROR,
        wish.lock,
        f"the lock of {', '.join(wish.sources)} would hold a password or a token",
        f"it stands in the address of {', '.join(places[:3])}; a lock lies in the repository and in the image",
        "take it out of the source; pip finds it in netrc, in PIP_INDEX_URL or in a secret of the build",
    )


def _too_old(record: Record) -> Finding:
    return Finding(
        "compile-not-offered",
        Severity.ERROR,
        record.dest,
        f"{record.dest} is of Python {record.base_version}, which compile can't lock for",
        "pip-compile resolves for the Python that runs it, and pip-tools needs Python 3.9 or later",
        "an older pip-tools in an environment of its own: pip install pip-tools && pip-compile --generate-hashes",
    )


def _no_pip_tools(record: Record, sources: Sequence[str]) -> Finding:
    return Finding(
        "compile-not-offered",
        Severity.ERROR,
        record.dest,
        f"venvboot-legacy can't compile a lock for {record.dest}",
        "it carries no pip-tools, whose pip-compile makes locks",
        f"`venvboot compile --venv {record.dest} {' '.join(sources)}`",
    )
