#!/usr/bin/env python3
"""Write the tables of README.md from the program itself; with --check, tell whether they are up to date."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from venvboot import activation, options  # noqa: E402
from venvboot.activation import wrappers  # noqa: E402
from venvboot.cli import parser  # noqa: E402
from venvboot.model import Isolation, Severity, Status  # noqa: E402
from venvboot.policy.conflicts import WEIGHTS  # noqa: E402
from venvboot.policy.kinds import KINDS  # noqa: E402

STATUSES = {
    Status.DONE: "done, or nothing to do",
    Status.FAILED: "an action or a tool failed; its output is shown",
    Status.USAGE: "the command line or a `VENVBOOT_*` variable makes no sense",
    Status.REFUSED: "refused; nothing was written",
    Status.BROKEN: "`check` found a broken promise, `guard --status` a missing layer",
    Status.UNSUPPORTED: "no interpreter that can carry it; nothing was written",
    Status.BUG: "a fault of venvboot itself",
    Status.INTERRUPTED: "interrupted by a signal",
}

# code -> (who says it, what it means and what to do)
CODES = {
    "wheel-not-valid": (
        "install",
        "a wheel whose content can't be trusted: damaged, with paths that lead elsewhere, or not as its RECORD says",
    ),
    "locked-changed": (
        "install, sync, check",
        "what a synced lock pins is gone or has another version, or would be replaced",
    ),
    "parent-conflict": ("sync", "a lock and one of an earlier sync pin a distribution to different versions"),
    "file-not-shared": ("check", "warning: a file that the group can't edit in place; it can replace and remove it"),
    "linked-file": ("fix, seal", "warning: a file with several names was left alone"),
    "mount-left": ("fix, seal", "note: a folder on another file system was not looked into"),
    "not-in-group": ("install, sync", "this user is not in the group that may install; the group is named"),
    "group-not-zero": ("init", "warning: users that a platform invents are in group 0 alone"),
    "no-path": ("fix", "there is nothing at the path that was named"),
    "not-owner": ("fix, seal", "files of another user, which only that user and root can repair"),
    "system-path": ("fix", "the path is the system's or a package's, or leads over a link"),
    "env-shebang": ("check", "note: a program of the distro whose first line makes it run on the environment"),
    "start-missed": ("check", "a way of starting a process that is wired does not lead to the environment"),
    "variable-misleads": ("check", "a variable sends Python, pip or uv somewhere else"),
    "wrappers-outdated": (
        "check, install, sync",
        "warning: programs of the environment lack their wrapper in `/usr/local/bin`",
    ),
    "activation-changed": ("check", "a file that activates the environment is gone or has another content"),
    "broken-bundle": ("any", "a library inside the one file is damaged: copy the file again"),
    "bug": ("any", "a fault of venvboot: run it with `-v` and report the traceback"),
    "destination-not-writable": ("init", "this user may not write DEST"),
    "destination-occupied": ("init", "DEST holds something venvboot did not make; it is never touched"),
    "directory-not-shared": ("check", "the group can't install into a directory: path, owner and mode are named"),
    "diversion-failed": ("init, guard", "dpkg-divert failed; its message is shown"),
    "diversion-gone": ("check, guard", "the next upgrade of the distro's Python would overwrite the marker"),
    "platform-python": (
        "detect, init",
        "the interpreter of RHEL 8's own tools, and no base",
    ),
    "distroless": (
        "detect, init",
        "a distroless image: make the environment in another stage",
    ),
    "interpreter-too-new": ("detect, init", "`venvboot-legacy` was asked for an environment of 3.9 or later"),
    "interpreter-altered": ("detect, init", "warning: a package owns the interpreter, but its content is another"),
    "prefix-shared": (
        "detect, init",
        "warning: a source build in `/usr`, where the distro's packages are",
    ),
    "interpreter-unreachable": ("detect, init", "warning: users other than root may not search a folder above it"),
    "lambda-bootstrap": ("detect, init", "warning: AWS Lambda starts its own Python and not the environment's"),
    "store-path": ("detect, init", "warning: no profile leads to this Nix or Guix path, which a sweep removes"),
    "no-security-fixes": ("detect, init", "warning: Python 2.7 to 3.8 and their pip get no security fixes"),
    "library-path-by-variable": ("init", "warning: the base's libraries are found through LD_LIBRARY_PATH only"),
    "library-path-lost": ("check", "the environment no longer finds the shared libraries of its base"),
    "ldconfig-failed": ("init", "ldconfig failed; its message is shown"),
    "python-path-relative": ("check", "warning: PYTHONPATH means another folder in each working directory"),
    "python-path-set": ("init, check", "warning: PYTHONPATH comes before everything the environment has"),
    "not-direct": ("init", "`--direct` for a Python that a package manager or another tool writes into"),
    "not-adoptable": ("init", "an environment in use, or a source build, lacks what is needed to install into it"),
    "process-ended": ("sync", "a process that did a part of the work was killed, as where memory runs out"),
    "sync-not-offered": ("sync", "the environment's Python is older than 3.9: `venvboot-legacy install -r LOCK`"),
    "environment-damaged": ("init", "an environment with a record lacks its Python or its configuration"),
    "environment-differs": ("init", "the environment was made from another interpreter or for another group"),
    "environment-not-created": ("init", "virtualenv failed; the next run replaces what is half-made"),
    "environment-not-startable": ("init, check", "the environment's Python does not start, or is another one's"),
    "foreign-file": (
        "init, guard",
        "warning: a file with the name of ours, which venvboot did not write or which was changed since, stays",
    ),
    "hook-missing": ("check", "the start-up hook that gives pip umask 002 is missing or was changed"),
    "installed-elsewhere": ("install, sync", "pip reported success, but a pip.conf sent it somewhere else"),
    "name-not-valid": (
        "sync",
        "metadata in the environment bears a name that no distribution can have; a warning of an SBOM without it",
    ),
    "installed-twice": ("sync", "a distribution has several metadata folders, which can't all be removed"),
    "metadata-unreadable": (
        "sync",
        "a pipe or a device stands where a distribution has metadata, or a file too large",
    ),
    "not-readable": ("check", "a file that the group can't read"),
    "world-writable": ("check", "a file or directory that everybody can write"),
    "interpreter-incomplete": ("detect, init", "parts of the standard library are missing (`python3-minimal`)"),
    "interpreter-moved": ("init, check", "the base interpreter is gone, or has another minor version"),
    "interpreter-not-startable": ("detect, init", "the interpreter does not start; the reason is named"),
    "interpreter-not-trusted": ("detect, init", "root starts nothing that others may have put there: name it"),
    "interpreter-replaced": ("check", "note: same place and minor version, other bytes; nothing is broken"),
    "interpreter-too-old": ("detect, init", "older than Python 3.9; `venvboot-legacy` serves 2.7 to 3.8"),
    "interrupted": ("any", "a signal ended the run; the next one repairs what is half-made"),
    "lock-unresolvable": ("compile", "no versions fit all that is asked for; what asks for which is named"),
    "lock-with-credentials": ("compile", "an address in a source holds a password, which would stand in the lock"),
    "lock-with-path": ("compile", "warning: a source takes something from a folder, whose full path is in the lock"),
    "compile-failed": ("compile", "pip-compile can't read a source, or a build failed; its message is shown"),
    "compile-not-offered": ("compile", "the environment's Python is older than 3.9"),
    "no-source": ("compile", "the source isn't there"),
    "lock-unreadable": (
        "sync",
        "pip-tools can't read the lock, or a `pylock.toml` is not as PEP 751 says; why is shown",
    ),
    "lock-not-applicable": (
        "sync",
        "a `pylock.toml` is not for the environment's Python: its version, its platform, or no wheel and no source",
    ),
    "lock-not-pinned": (
        "sync",
        "a `pylock.toml` has a package that is no release of an index: from a repository, a folder or an archive",
    ),
    "bytecode-failed": ("sync", "the environment's Python, which compiles, failed"),
    "in-the-way": ("sync", "a file stands where a distribution brings a folder, or the other way about"),
    "sync-running": ("sync", "another sync, or an installer, is at work in the environment"),
    "sync-unfinished": ("sync, seal, check", "a sync was interrupted; the next one removes what it left half done"),
    "lock-not-verified": ("check", "note: a lock was synced without hashes, as was asked for"),
    "lock-without-hashes": ("sync", "a requirement of the lock has no hash, a file in a `pylock.toml` no sha256"),
    "marker-gone": ("check, guard", "an interpreter's marker is gone or has another text: pip would install there"),
    "no-environment": ("install, sync, compile", "there is no environment made by venvboot at that path"),
    "no-interpreter": ("detect, init, install", "there is no Python that fits, or nothing at the path named"),
    "no-library": (
        "any",
        "virtualenv or pip-tools is missing beside an ordinary installation of venvboot, or is not for this Python",
    ),
    "removes-itself": ("sync", "this very venvboot is installed in the environment, and the lock would remove it"),
    "no-lock": ("sync", "the lock isn't there"),
    "no-python": ("any", "the image has no Python 3.9 or later that venvboot itself can run on"),
    "no-reader": ("init", "note: nothing in this image reads the file, so it was not written"),
    "not-done": ("init, guard", "this user may not do that part; what it is for is named"),
    "not-isolated": ("install, sync, check", "the environment sees its base's packages"),
    "not-resolved": ("install, sync", "a refused install was judged by names only, since resolving failed"),
    "not-written": ("any", "a file or folder can't be written"),
    "not-sealed": (
        "init, guard, check",
        "warning: the directory that pip installs into is in use; what it holds is named",
    ),
    "pip-conf-gone": (
        "check, guard",
        "the pip.conf of the system's prefix is gone or no longer says `require-virtualenv`",
    ),
    "pip-not-startable": ("check", "the environment's pip does not start"),
    "path-lost": ("check", "PATH does not lead to the environment first"),
    "pip-failed": ("install, sync", "pip failed; its own message is above"),
    "pip-tools-failed": ("sync", "reading the lock, or comparing the environment with it, failed"),
    "record-missing": ("check", "no record, another path's record, or the making was interrupted"),
    "shadow-dist": ("install, sync, check", "hides a distribution of the distro; its package is named"),
    "shadow-module": ("install, sync, check", "hides a module of the distro, under another distribution name"),
    "shadow-stdlib": (
        "install, sync",
        "brings a module that the Python has itself; a warning where a dependency does",
    ),
    "startup-hook": ("install, sync, check", "installs a file that every start of the Python executes"),
    "hide-command": (
        "install, sync",
        "a program of it would come before the distro's in PATH; refused where the system needs that one",
    ),
    "owned-file": ("install, sync", "would overwrite a file of a package"),
    "environment-file": ("install, sync", "would overwrite what makes the environment one; no exception lets it in"),
    "remove-owned": ("install, sync", "pip would delete files of a package to make room"),
    "needs-build": ("install, sync", "comes as source, and building it runs its code"),
    "foreign-path": (
        "install, sync",
        "an option of pip that leads past the environment; a warning for a variable that was set aside",
    ),
    "stale-satisfied": ("install", "note: the distro's version satisfies pip, however old it is"),
    "unknown-owner": ("install, sync", "what packages own can't be read, so nothing can be compared with it"),
    "exception-recorded": ("install, sync, check", "note: something was let in by an exception; its reason is shown"),
    "exceptions-not-obeyed": (
        "install, guard, check",
        "root's file of exceptions is unreadable, or others may write it; a warning of check's",
    ),
    "exception-unused": ("install, sync", "warning: an exception matched nothing"),
    "gate-not-passed": ("install, sync", "pip installed without having been judged: it isn't a pip of the index"),
    "gate-not-understood": ("install, sync", "pip told what it would install in a way that can't be read"),
    "system-site-packages": ("init, check", "warning: the environment sees the distro's packages, as was asked for"),
    "damaged": ("check", "files of a package are missing, have another content or became links"),
    "second-pip": ("check", "a pip in `/usr/local` that takes the packages' files for its own"),
    "break-system-packages": ("check", "a variable or a file lets pip or uv into the distro's Python"),
    "not-compared": ("check", "warning: some files of packages could not be compared"),
    "sealed": (
        "init, install, sync, fix, seal",
        "the environment is sealed and nothing is changed in it; a note where `init` finds it so",
    ),
    "seal-broken": ("check", "a sealed environment has pip, the start-up hook or a file that shells read"),
    "seal-kept": ("seal", "note: setuptools or wheel stays, since something needs it; what, is named"),
    "seal-needed": ("seal", "warning: a distribution requires pip, which goes all the same"),
    "seal-not-offered": (
        "seal",
        "a Python used directly, one that sees the distro's packages, another's environment",
    ),
    "seal-of-owner": ("seal, check", "note: the environment's owner isn't root, and can still write it"),
    "seal-unfinished": ("any", "a seal, or its undoing, was interrupted; either verb again finishes it"),
    "sealed-writable": ("check", "others than the owner can write in a sealed environment"),
    "seal-gone": (
        "check, guard",
        "where a seal kept installs out stands an empty directory, or a file that isn't it any more",
    ),
    "system-target": ("install, sync", "the Python that was named is not an environment made by venvboot"),
    "unknown-variable": ("any", "a `VENVBOOT_*` variable is no option of any verb: most likely a slip"),
    "usage": ("any", "the command line makes no sense"),
    "working-directory-gone": ("any", "the folder that venvboot was started in was removed"),
    "virtual-env-lost": ("check", "VIRTUAL_ENV does not name the environment, so uv and poetry use another one"),
}


KIND_MEANS = {
    "system-target": "pip writes beside the distro's packages",
    "shadow-dist": "a distribution of the distro's is hidden by one of the same name",
    "shadow-module": "a module of the distro's is hidden by a distribution of another name",
    "shadow-stdlib": "it brings a module that the Python has itself (a warning where a dependency does)",
    "startup-hook": "it brings a file that every start of the Python executes (`x.pth`, `sitecustomize`)",
    "owned-file": "a file of a package is overwritten",
    "environment-file": "what makes the environment one is overwritten (no exception)",
    "hide-command": "its program comes before the distro's in PATH (refused where that is essential)",
    "remove-owned": "pip deletes the files of a package",
    "locked-changed": "a version that a synced lock pins is replaced by another",
    "needs-build": "it comes as source, and building runs its code",
}


def verbs() -> str:
    return _table(("verb", "does"), [(f"`{name}`", f"{help_}") for name, help_, _ in _verbs()])


def option_table() -> str:
    rows: dict[tuple[str, str, str], list[str]] = {}
    for name, _, verb in _verbs():
        for action in verb._actions:  # noqa: SLF001
            variable = options.variable(action)
            if action.option_strings and action.help != argparse.SUPPRESS and "--help" not in action.option_strings:
                words = ", ".join(f"`{option}`" for option in action.option_strings)
                value = f" `{action.metavar}`" if action.metavar else ""
                rows.setdefault(
                    (words + value, f"`{variable}`" if variable else "none", str(action.help)), []
                ).append(name)
    return _table(
        ("option", "variable", "verbs", "meaning"),
        [
            (words, variable, "all" if len(names) == len(list(_verbs())) else ", ".join(names), meaning)
            for (words, variable, meaning), names in rows.items()
        ],
    )


def statuses() -> str:
    rows = [(str(status.value), f"`{status.name.lower()}`", meaning) for status, meaning in STATUSES.items()]
    return _table(("exit", "`status` in JSON", "meaning"), rows)


def codes() -> str:
    rows = [(f"`{code}`", who, what) for code, (who, what) in sorted(CODES.items())]
    return _table(("code", "from", "meaning"), rows)


def activations() -> str:
    rows = []
    for one in activation.ACTIVATIONS:
        places = [f"`{piece.path}`" for piece in one.pieces("DEST")] or [f"`{wrappers.FOLDER}/NAME`"]
        rows.append((f"`{one.NAME}`", ", ".join(dict.fromkeys(places)), one.SERVES))
    return _table(("name", "where", "serves"), rows)


def origins() -> str:
    rows = [
        (f"`{kind.name}`", kind.maker, kind.told_by, "yes" if kind.managed else "no", f"`{kind.strategy.value}`")
        for kind in KINDS.values()
    ]
    return _table(("origin", "made by", "told by", "managed", "strategy"), rows)


def kinds() -> str:
    words = {Severity.ERROR: "refused", Severity.WARNING: "warning", None: "-"}
    order = (Isolation.SYSTEM, Isolation.ISOLATED, Isolation.SYSTEM_SITE)
    rows = [
        (f"`{kind}`", KIND_MEANS[kind], *(words[weights.get(isolation)] for isolation in order))
        for kind, weights in WEIGHTS.items()
    ]
    return _table(("kind", "what would happen", *(isolation.value for isolation in order)), rows)


TABLES = {
    "kinds": kinds,
    "origins": origins,
    "verbs": verbs,
    "options": option_table,
    "statuses": statuses,
    "codes": codes,
    "activations": activations,
}


def fill(text: str) -> str:
    """Return the README with each part between ``<!-- table: NAME -->`` and ``<!-- end -->`` made anew."""

    def made(match: re.Match[str]) -> str:
        return f"<!-- table: {match[1]} -->\n{TABLES[match[1]]()}<!-- end -->"

    return re.sub(r"<!-- table: (\w+) -->\n.*?<!-- end -->", made, text, flags=re.DOTALL)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="write nothing; exit 1 when a table is out of date")
    check = arguments.parse_args().check
    path = ROOT / "README.md"
    before = path.read_text(encoding="utf-8")
    after = fill(before)
    if before == after:
        return 0
    if check:
        print("README.md has tables that are out of date; run scripts/readme_tables.py", file=sys.stderr)
        return 1
    path.write_text(after, encoding="utf-8")
    return 0


def _verbs() -> list[tuple[str, str, argparse.ArgumentParser]]:
    whole = parser()
    sub = next(action for action in whole._actions if isinstance(action, argparse._SubParsersAction))  # noqa: SLF001
    summaries = {choice.dest: str(choice.help) for choice in sub._choices_actions}  # noqa: SLF001
    return [(name, summaries[name], verb) for name, verb in sub.choices.items()]


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


if __name__ == "__main__":
    raise SystemExit(main())
