"""What pip's own command lines need, and no other start: umask 002, so that the group can write what they write.

Imported at start-up by venvboot_pip.pth, and only when the command line may be pip's. Runs on Python 2.7 and 3.6 too:
types stand in comments, and nothing is imported that such a start has not imported anyway.
"""

import os
import sys

_OPTIONS_WITH_VALUE = "QWX"


def apply(program):
    # type: (str) -> None
    """Set the umask when ``program``, what sys.argv says is run, is pip's. Empty: sys.argv isn't set yet."""
    if _is_pip(_started(_command_line()) if program in ("", "-m") else program):
        os.umask(0o002)
        _do_without_distutils()


def _is_pip(program):
    # type: (str) -> bool
    """Tell whether a module's name, or the path of a script or folder, is pip's."""
    folder, _, name = program.rpartition("/")
    if name == "__main__.py":
        name = folder.rpartition("/")[2]
    # pip, pip3, pip3.11, and pip-3.11 as virtualenv names it
    return name == "__pip-runner__.py" or (name.startswith("pip") and not name[3:].strip("-.0123456789"))


def _do_without_distutils():
    # type: () -> None
    """Below Python 3.10 pip imports distutils, which Debian 11 keeps in a package of its own.

    pip's switch for distributors makes it do without: https://github.com/pypa/pip/issues/10647
    """
    if sys.version_info < (3, 10) and not os.path.exists(os.path.dirname(os.__file__) + "/distutils/cmd.py"):
        import sysconfig

        sysconfig._PIP_USE_SYSCONFIG = True  # type: ignore[attr-defined]


def _started(words):
    # type: (list[str]) -> str
    """Return the module or the program that a command line runs, empty for ``-c`` and where there is none.

    At start-up sys.argv has only "-m" of it, and nothing before Python 3.8.
    """
    if not hasattr(sys, "argv") and "py" not in os.path.basename(words[0]):
        return ""  # a server that embeds Python: its words are no options of Python
    rest = iter(words[1:])
    for word in rest:
        if not word.startswith("-") or word == "-":
            return word
        if word.startswith("--"):
            if word == "--check-hash-based-pycs":
                next(rest, "")
            continue
        for position, letter in enumerate(word[1:], 2):
            if letter == "c":
                return ""
            if letter == "m":
                return word[position:] or next(rest, "")
            if letter in _OPTIONS_WITH_VALUE:
                if not word[position:]:
                    next(rest, "")
                break
    return ""


def _command_line():
    # type: () -> list[str]
    """Return the command line of this process: at least one word."""
    if hasattr(sys, "orig_argv"):  # from Python 3.10 on
        return sys.orig_argv or [""]
    try:
        with open("/proc/self/cmdline", "rb") as file:
            return [_text(word) for word in file.read().split(b"\0")]
    except OSError:
        return [""]


_text = getattr(os, "fsdecode", str)  # in Python 2 they are text already
