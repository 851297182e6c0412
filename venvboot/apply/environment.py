"""Create the isolated environment, or what is missing of one."""

from __future__ import annotations

import contextlib
import posixpath
import stat
from typing import Collection, Dict, Mapping, Optional

from venvboot import hook, isolated, toolchain
from venvboot import record as record_file
from venvboot.actions import CompleteEnvironment, CreateEnvironment, InstallHook
from venvboot.apply import sharing
from venvboot.apply.maker import Maker, NotMade, Order, prepared
from venvboot.descriptors import open_directory
from venvboot.errors import NotWritten, ToolFailed, VenvbootError
from venvboot.model import Finding, Severity
from venvboot.policy.libraries import with_libraries
from venvboot.report import Reporter
from venvboot.system import System

# virtualenv and its discovery must not be steered by what the image sets for its own programs.
DROPPED_PREFIXES = ("PYTHON", "VIRTUALENV_", "PIP_", "PY_DISCOVERY_", "__PYVENV_LAUNCHER__")
SMALL_FILE_MODE = 0o664

# Nothing is fetched, nothing is written beside the environment, and a base is taken as it is. pip alone is seeded.
OPTIONS = (
    "--no-download",
    "--no-periodic-update",
    "--no-vcs-ignore",
    "--no-venv-redirect",
    *("--setuptools", "none"),
)
# What virtualenv 20.21 has of these. It seeds setuptools and wheel as well, as was usual then, and has to: the pip of
# Python 2.7 and 3.6 builds no sdist without them, and packages of their time import pkg_resources without asking for
# it.
LEGACY_OPTIONS = OPTIONS[:3]
# The last line that virtualenv writes into pyvenv.cfg
LAST_KEY = b"base-executable = "
LEGACY_SEEDS = ("setuptools", "wheel")

# What .pth files of ours, of virtualenv and of setuptools run at every start.
START_UP = ("_venvboot_pip.py", "_virtualenv.py", "_distutils_hack/__init__.py")


def create(
    system: System, report: Reporter, action: CreateEnvironment, version: str, maker: Optional[Maker] = None
) -> None:
    """Make the environment of ``action`` from a base of ``version``; it stays half-made until its record is there.

    ``maker`` is one that was prepared already.
    """
    mode = sharing.CLOSED_MODE if system.uid == 0 else sharing.DIRECTORY_MODE
    if not system.make_directory(action.dest, mode, action.group):
        report.detail(f"the group of {action.dest} stays {system.gid}")
    if action.replaces_half_made:
        system.empty_directory(action.dest)
    system.write(posixpath.join(action.dest, record_file.HALF_MADE_NAME), b"", SMALL_FILE_MODE)
    with contextlib.nullcontext(maker) if maker else prepared(system) as ready:
        site_packages = _virtualenv(system, report, action, ready)
    _sort_records(system, action.dest, f"{site_packages}/*.dist-info/RECORD")
    if not isolated.is_python2(version):
        _make_bytecode_folders(system, action, posixpath.join(site_packages, "pip"))
    # It tells backups and scanners to pass the folder over; an image's environment is no cache.
    tag = posixpath.join(action.dest, "CACHEDIR.TAG")
    if system.exists(tag):
        system.remove_file(tag)
    python = posixpath.join(action.dest, "bin/python")
    install_hook(system, InstallHook(action.dest, python, site_packages), version, action.library_path)
    changed = sharing.share_files(action.dest)
    system.make_directory(action.dest, sharing.DIRECTORY_MODE, action.group)
    report.detail(f"made {changed} seed files group-writable")


def complete(system: System, report: Reporter, action: CompleteEnvironment, version: str) -> None:
    """Let virtualenv go over the environment of ``action`` again: it makes what is missing.

    Its configuration stays as it is, if that is whole. What virtualenv writes by names leads nowhere else: nobody
    but the owner can write the tree by then. Raises VenvbootError when virtualenv fails, and NotWritten for a link.
    """
    making = CreateEnvironment(action.dest, action.base_path, action.group, False, action.library_path)
    config, tag = posixpath.join(action.dest, "pyvenv.cfg"), posixpath.join(action.dest, "CACHEDIR.TAG")
    _refuse_links(action)
    info = system.status(config)
    own = info is not None and stat.S_ISREG(info.st_mode) and info.st_nlink == 1
    content = system.read(config) if own else b""
    if info is not None and not own:
        system.remove_file(config)
    with prepared(system) as maker:
        site_packages = _virtualenv(system, report, making, maker, action.without)
    if LAST_KEY in content:
        system.write(config, content, SMALL_FILE_MODE, trusted=action.dest)
    for name in {"pip", *LEGACY_SEEDS} - {*action.without}:
        _sort_records(system, action.dest, f"{site_packages}/{name}-*.dist-info/RECORD")
    if not isolated.is_python2(version):
        _make_bytecode_folders(system, making, posixpath.join(site_packages, "pip"))
    if system.exists(tag):
        system.remove_file(tag)


def _refuse_links(action: CompleteEnvironment) -> None:
    """Raise NotWritten where a folder that virtualenv writes into is a link: a member of the group has made it."""
    for folder in ("bin", posixpath.relpath(action.site_packages, action.dest)):
        path = posixpath.join(action.dest, folder)
        try:
            with open_directory(path, action.dest):
                pass
        except FileNotFoundError:
            continue
        except OSError as error:
            raise NotWritten(path, error) from None


def _sort_records(system: System, dest: str, pattern: str) -> None:
    """Bring RECORD of the seeds into an order: virtualenv notes what it generates in that of a set."""
    for path in system.glob(pattern):
        rows = sorted(set(system.read(path).splitlines()))
        system.write(path, b"".join(row + b"\n" for row in rows), SMALL_FILE_MODE, trusted=dest)


def _make_bytecode_folders(system: System, action: CreateEnvironment, package: str) -> None:
    """Make the folders of pip's bytecode, which has none yet, so that they are the group's.

    Else whoever first imports pip with umask 022 makes them, and no other user of the group could replace pip.
    """
    modules = [path for path, _ in system.walk(package) if path.endswith(".py")]
    for folder in dict.fromkeys(map(posixpath.dirname, modules)):
        system.make_directory(posixpath.join(folder, "__pycache__"), sharing.DIRECTORY_MODE, action.group)


def install_hook(system: System, action: InstallHook, version: str, library_path: str = "") -> None:
    """Place the start-up hook, and compile all that runs at a start with the Python of ``version`` that runs it.

    Compiled here because whoever starts Python first would make ``__pycache__`` with umask 022, and then no other
    user of the group could install a single-file module. Raises ToolFailed when that Python does not start.
    """
    for name, content in hook.files().items():
        path = posixpath.join(action.site_packages, name)
        system.write(path, content.encode("ascii"), SMALL_FILE_MODE, trusted=action.dest)
    started = (posixpath.join(action.site_packages, name) for name in START_UP)
    sources = [path for path in started if system.exists(path)]
    program = "import py_compile, sys\nfor path in sys.argv[1:]: py_compile.compile(path, doraise=True)"
    # An environment of Python 2 finds the standard library by a site.py of its own.
    options = isolated.options(version, site=isolated.is_python2(version))
    argv = [action.python, *options, "-c", program, *sources]
    done = system.run(argv, env=_with_libraries(system.environ, library_path), umask=sharing.UMASK)
    if done.code != 0:
        raise ToolFailed(
            "environment-not-startable",
            action.python,
            f"starting {action.python}",
            done.code,
            done.err,
            f"rm -rf {action.dest} and run it again",
        )


def clean_environment(environ: Mapping[str, str], app_data: str, library_path: str = "") -> Dict[str, str]:
    """Return ``environ`` for virtualenv: no one else's settings, no bytecode left beside the base's modules.

    ``app_data`` is a folder for what it unpacks. As an option it would not keep 20.21 from making one in HOME too.
    """
    kept = {key: value for key, value in environ.items() if not key.startswith(DROPPED_PREFIXES)}
    ours = {
        "PYTHONDONTWRITEBYTECODE": "1",
        "VIRTUALENV_CONFIG_FILE": "/dev/null",
        "VIRTUALENV_OVERRIDE_APP_DATA": app_data,
    }
    return {**_with_libraries(kept, library_path), **ours}


def _with_libraries(environ: Mapping[str, str], library_path: str) -> Dict[str, str]:
    if not library_path:
        return dict(environ)
    return {**environ, "LD_LIBRARY_PATH": with_libraries(library_path, environ.get("LD_LIBRARY_PATH", ""))}


def _virtualenv(
    system: System, report: Reporter, action: CreateEnvironment, maker: Maker, without: Collection[str] = ()
) -> str:
    """Make the environment and return its site-packages folder; what is named in ``without`` is not seeded."""
    words = [
        action.dest,
        *("--python", action.base_path),
        *(LEGACY_OPTIONS if toolchain.is_legacy() else OPTIONS),
        *(f"--no-{name}" for name in LEGACY_SEEDS if name in without and toolchain.is_legacy()),
        *(("--system-site-packages",) if action.system_site_packages else ()),
    ]
    report.detail("+ virtualenv " + " ".join(words))
    environ = clean_environment(system.environ, posixpath.join(maker.folder, "app-data"), action.library_path)
    try:
        return posixpath.join(action.dest, maker.make(Order(words, environ)))
    except NotMade as error:
        raise _failed(action, error) from error


def _failed(action: CreateEnvironment, error: NotMade) -> VenvbootError:
    return VenvbootError(
        Finding(
            "environment-not-created",
            Severity.ERROR,
            action.dest,
            f"virtualenv could not make {action.dest} from {action.base_path}",
            error.told,
            "run it again with -v; the half-made environment is replaced",
        )
    )
