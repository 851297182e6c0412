"""Create the isolated environment: the only importer of virtualenv."""

from __future__ import annotations

import posixpath
import sys
from typing import Dict, Mapping

from venvboot import hook, toolchain
from venvboot import record as record_file
from venvboot.actions import CreateEnvironment
from venvboot.apply import sharing
from venvboot.errors import ToolFailed, VenvbootError
from venvboot.model import Finding, Severity
from venvboot.report import Reporter
from venvboot.system import System

# virtualenv and its discovery must not be steered by what the image sets for its own programs.
DROPPED_PREFIXES = ("PYTHON", "VIRTUALENV_", "PIP_", "PY_DISCOVERY_", "__PYVENV_LAUNCHER__")
SMALL_FILE_MODE = 0o664


def create(system: System, report: Reporter, action: CreateEnvironment, version: str) -> None:
    """Make the environment of ``action`` from a base of ``version``; it stays half-made until its record is there."""
    mode = sharing.CLOSED_MODE if system.uid == 0 else sharing.DIRECTORY_MODE
    if not system.make_directory(action.dest, mode, action.group):
        report.detail(f"the group of {action.dest} stays {system.gid}")
    if action.replaces_half_made:
        system.empty_directory(action.dest)
    system.write(posixpath.join(action.dest, record_file.HALF_MADE_NAME), b"", SMALL_FILE_MODE)
    with system.temporary_directory() as folder, system.umask(sharing.UMASK):
        _virtualenv(system, report, action, folder)
    # It tells backups and scanners to pass the folder over; an image's environment is no cache.
    tag = posixpath.join(action.dest, "CACHEDIR.TAG")
    if system.exists(tag):
        system.remove_file(tag)
    install_hook(system, action.dest, version)
    changed = sharing.share_files(action.dest)
    system.make_directory(action.dest, sharing.DIRECTORY_MODE, action.group)
    report.detail(f"made {changed} seed files group-writable")


def install_hook(system: System, dest: str, version: str) -> None:
    """Place the start-up hook, and compile it and virtualenv's own.

    Compiled here because whoever starts Python first would make ``__pycache__`` with umask 022, and then no other
    user of the group could install a single-file module.
    """
    folder = hook.folder(dest, version)
    for name, content in hook.files().items():
        system.write(posixpath.join(folder, name), content.encode("ascii"), SMALL_FILE_MODE, trusted=dest)
    names = ("_venvboot_pip.py", "_virtualenv.py")
    sources = [path for path in (posixpath.join(folder, name) for name in names) if system.exists(path)]
    program = "import py_compile, sys\nfor path in sys.argv[1:]: py_compile.compile(path, doraise=True)"
    python = posixpath.join(dest, "bin/python")
    done = system.run([python, "-I", "-S", "-B", "-c", program, *sources], umask=sharing.UMASK)
    if done.code != 0:
        raise ToolFailed(
            "environment-not-startable",
            python,
            f"starting {python}",
            done.code,
            done.err,
            f"rm -rf {dest} and run it again",
        )


def clean_environment(environ: Mapping[str, str]) -> Dict[str, str]:
    """Return ``environ`` for virtualenv: no one else's settings, no bytecode left beside the base's modules."""
    kept = {key: value for key, value in environ.items() if not key.startswith(DROPPED_PREFIXES)}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "VIRTUALENV_CONFIG_FILE": "/dev/null"}


def _virtualenv(system: System, report: Reporter, action: CreateEnvironment, folder: str) -> None:
    libraries = toolchain.unpack((sys.version_info[0], sys.version_info[1]), folder)
    words = [
        action.dest,
        *("--python", action.base_path),
        *("--app-data", posixpath.join(folder, "app-data")),
        *("--setuptools", "none"),
        "--no-download",
        "--no-periodic-update",
        "--no-venv-redirect",
        "--no-vcs-ignore",
    ]
    report.detail("+ virtualenv " + " ".join(words))
    path = list(sys.path)
    sys.path[:0] = libraries.paths
    try:
        from virtualenv import cli_run  # noqa: PLC0415  # it costs 0.3 s and stands in a wheel

        cli_run(words, setup_logging=False, env=clean_environment(system.environ))
    except (Exception, SystemExit) as error:
        raise _failed(action, error) from error
    finally:
        sys.path[:] = path


def _failed(action: CreateEnvironment, error: BaseException) -> VenvbootError:
    told = str(error).strip().splitlines()
    return VenvbootError(
        Finding(
            "environment-not-created",
            Severity.ERROR,
            action.dest,
            f"virtualenv could not make {action.dest} from {action.base_path}",
            told[-1] if told else type(error).__name__,
            "run it again with -v; the half-made environment is replaced",
        )
    )
