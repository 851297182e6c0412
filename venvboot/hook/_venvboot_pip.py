"""What pip's own command lines need, and no other start: umask 002, so that the group can write what they write.

Imported at start-up by venvboot_pip.pth, and only when the command line may be pip's.
"""

import os
import re
import sys

_PIP = re.compile(r"(?:pip[0-9.]*|__pip-runner__\.py)\Z")
_OPTIONS_WITH_VALUE = "WX"


def apply(program: str) -> None:
    if program == "-m":
        name = _module() or ""
    elif program.endswith("/pip/__main__.py"):
        name = "pip"
    else:
        name = program.rpartition("/")[2]
    if _PIP.match(name):
        os.umask(0o002)
        _do_without_distutils()


def _do_without_distutils() -> None:
    """Below Python 3.10 pip imports distutils, which Debian 11 keeps in a package of its own.

    pip's switch for distributors makes it do without: https://github.com/pypa/pip/issues/10647
    """
    if sys.version_info < (3, 10) and not os.path.exists(os.path.dirname(os.__file__) + "/distutils/cmd.py"):
        import sysconfig

        sysconfig._PIP_USE_SYSCONFIG = True  # type: ignore[attr-defined]


def _module() -> "str | None":
    """Return the name after -m. At start-up sys.argv has only "-m"; the rest is in the original command line."""
    words = iter(_command_line()[1:])
    for word in words:
        if not word.startswith("-") or word == "-":
            return None
        if word.startswith("--"):
            if word == "--check-hash-based-pycs":
                next(words, None)
            continue
        for position, letter in enumerate(word[1:], 2):
            if letter == "m":
                return word[position:] or next(words, None)
            if letter in _OPTIONS_WITH_VALUE:
                if not word[position:]:
                    next(words, None)
                break
    return None


def _command_line() -> "list[str]":
    if hasattr(sys, "orig_argv"):
        return sys.orig_argv
    try:  # Python 3.9
        with open("/proc/self/cmdline", "rb") as file:
            return [os.fsdecode(word) for word in file.read().split(b"\0")]
    except OSError:
        return []
