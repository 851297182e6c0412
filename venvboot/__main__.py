"""Start of the program, and the gate in front of it.

Has to parse and to work on Python 2.7 and on a Debian python3-minimal, where it says what is missing. The one file
holds a copy of this as its top-level ``__main__.py``: importing the package needs a newer Python than the gate.
"""

# Types stand in comments and lists are added because Python 2.7 has to parse this
# ruff: noqa: ANN001, ANN201, ANN202, RUF005

import gc
import os
import sys

sys.dont_write_bytecode = True
if hasattr(gc, "set_threshold"):  # PyPy has none
    # Half a second brings forth many classes and little garbage, which would be looked for again and again
    gc.set_threshold(100000)

OLDEST = (3, 9)
NEEDED = (
    "argparse",
    "ast",
    "contextlib",
    "dataclasses",
    "email",
    "fcntl",
    "glob",
    "hashlib",
    "json",
    "runpy",
    "shutil",
    "subprocess",
    "tempfile",
    "zipfile",
    "zlib",
)
HARMLESS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/+@=:,- "
UNSUPPORTED = 5
INTERRUPTED = 130
GUARD = "_VENVBOOT_RESTARTED"


def main():
    # type: () -> int
    """Run the process's command line, isolated, and return its exit status: the program of an installation."""
    words = sys.argv[1:]
    program = os.path.abspath(__file__)
    status = _gate(words)
    if status:
        return status
    # In a zip that isn't the one file there is nothing to start again
    if os.path.isfile(program):
        status = _isolate(program, words, ["-I", "-B"])
        if status:
            return status
        _add_own_folder(os.path.dirname(os.path.dirname(program)))
        _leave_own_environment()
    return _run(words)


def _run(words):
    # type: (list[str]) -> int
    try:
        from venvboot.cli import main as run  # noqa: PLC0415  # only behind the gate

        return run(words)
    except KeyboardInterrupt:
        return INTERRUPTED


def _gate(words):
    # type: (list[str]) -> int
    if sys.version_info < OLDEST:
        return _refuse(
            words,
            "this Python is older than 3.9",
            "%s is %s" % (_plain(sys.executable), ".".join(str(part) for part in sys.version_info[:3])),
            "run the venvboot file itself: it finds a Python 3.9 or later, or says what to install",
        )
    # The finders are asked and nothing is imported: that would cost the start of every command
    lacking = [name for name in NEEDED if not any(finder.find_spec(name, None) for finder in sys.meta_path)]
    if lacking:
        debian = (sys.executable or "").startswith("/usr/bin/") and os.path.exists("/var/lib/dpkg/status")
        return _refuse(
            words,
            "this Python's standard library is incomplete",
            "%s lacks the modules %s%s"
            % (
                _plain(sys.executable),
                ", ".join(lacking),
                " (package python%d.%d-minimal)" % sys.version_info[:2] if debian else "",
            ),
            "RUN apt-get update && apt-get install -y --no-install-recommends python3"
            if debian
            else "install the rest of this Python, or run the venvboot file itself: it looks for a complete one",
        )
    return 0


def _plain(path):
    # type: (str) -> str
    """Return ``path``, or a remark when it could forge a line of the log or break JSON that is written by hand."""
    if not path:
        return "this interpreter"
    return path if all(letter in HARMLESS for letter in path) else "(a path with unusual characters)"


def _refuse(words, message, evidence, hint):
    # type: (list[str], str, str, str) -> int
    sys.stderr.write("error: %s [no-python]\n  because: %s\n  hint: %s\n" % (message, evidence, hint))
    if "--json" in words:
        sys.stdout.write(
            '{"schema": "venvboot/1", "command": null, "status": "unsupported", "findings": [{"code": "no-python", '
            '"severity": "error", "subject": "", "message": "%s", "evidence": "%s", "hint": "%s"}]}\n'
            % (message, evidence, hint)
        )
    return UNSUPPORTED


def _isolate(program, words, options):
    # type: (str, list[str], list[str]) -> int
    """Start again with ``options`` unless this process is isolated: without, what belongs to others leaks in.

    Returns an exit status when that can't be done, 0 when it isn't needed.
    """
    # The process keeps its number through exec, so a leftover variable of another process is not believed
    restarted = os.environ.pop(GUARD, "") == str(os.getpid())
    if sys.flags.isolated and (sys.flags.no_site or "-S" not in options):
        return 0
    if sys.executable and not restarted:
        os.environ[GUARD] = str(os.getpid())
        os.execv(sys.executable, [sys.executable] + options + [program] + words)  # noqa: S606  # itself
    return _refuse(
        words,
        "venvboot could not start this Python isolated",
        "%s dropped the options %s" % (_plain(sys.executable), " ".join(options)),
        "python3 %s %s" % (" ".join(options), "venvboot" if "-S" in options else "-m venvboot"),
    )


def _add_own_folder(folder):
    # type: (str) -> None
    """Put the folder that holds this package behind the standard library, before any other installation's.

    ``-I`` leaves it out where it is the user's own, or one that PYTHONPATH named.
    """
    library = os.path.dirname(os.__file__)
    sys.path.insert(sys.path.index(library) + 1 if library in sys.path else len(sys.path), folder)


def _leave_own_environment():
    # type: () -> None
    """Take the environment of this installation off PATH, where uvx puts it first: it is no Python of the image.

    One that is active, or made by venvboot, is the user's own and stays.
    """
    own = os.path.realpath(sys.prefix)
    is_active = os.path.realpath(os.environ.get("VIRTUAL_ENV") or "/") == own
    if sys.prefix == sys.base_prefix or is_active or os.path.exists(os.path.join(own, "venvboot.json")):
        return
    folders = os.environ.get("PATH", "").split(":")
    # A relative one can't be it, and where the working directory is gone it can't be resolved
    its_own = {folder for folder in folders if folder[:1] == "/" and os.path.realpath(folder) == own + "/bin"}
    os.environ["PATH"] = ":".join(folder for folder in folders if folder not in its_own)


def _start():
    # type: () -> int
    words = sys.argv[1:]
    archive = os.path.abspath(os.path.dirname(__file__))
    if not os.path.isfile(archive):
        return main()
    status = _gate(words) or _isolate(archive, words, ["-I", "-S", "-B"])
    if status:
        return status
    # Commands are imported late, and from another working directory a relative path would lead nowhere
    sys.path[0] = archive
    from venvboot import zip_imports  # noqa: PLC0415  # only behind the gate

    zip_imports.install()
    return _run(words)


if __name__ == "__main__":
    sys.exit(_start())
