# Run by the interpreter that shall be installed into, before run_target.py, in place of `python -m pip`: its own pip,
# with a gate between building and installing. What is about to be installed is told through the socket that is
# standard input, and only if the answer is to go on, anything is written. Parses on Python 2.7 too.
import sys

sys.path[:] = [entry for entry in sys.path if entry]  # without -I (2.7) the working directory comes first

import fcntl
import json
import os
import sysconfig

if False:
    from typing import Any

# What pip starts, a build for example, gets neither the socket nor a way to it.
CHANNEL = os.dup(0)
fcntl.fcntl(CHANNEL, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
NOTHING = os.open(os.devnull, os.O_RDONLY)
os.dup2(NOTHING, 0)


def ask(question):  # type: (Any) -> Any
    text = json.dumps(question).encode() + b"\n"
    while text:
        text = text[os.write(CHANNEL, text) :]
    answer = b""
    while not answer.endswith(b"\n"):
        part = os.read(CHANNEL, 1 << 16)
        if not part:
            sys.exit("nobody answers any more")
        answer += part
    return json.loads(answer.decode())


def load():  # type: () -> Any
    from pip._internal.commands import install

    return install, vars(install)["install_given_reqs"]


def told(requirement):  # type: (Any) -> Any
    source = getattr(requirement, "original_link", None) or requirement.link
    needed_by = requirement.comes_from
    return {
        "name": requirement.name or "",
        "path": requirement.local_file_path or "",
        "requested": bool(requirement.user_supplied),
        "built": not (source and source.is_wheel),
        "editable": bool(requirement.editable),
        "needed_by": getattr(needed_by, "name", needed_by) or "",
    }


def gated(requirements, *arguments, **options):  # type: (Any, Any, Any) -> Any
    names = getattr(sys, "stdlib_module_names", None)
    answer = ask(
        {
            "staged": [told(requirement) for requirement in requirements],
            "stdlib": sorted(names) if names else None,
            "builtin": sorted(sys.builtin_module_names),
            "stdlib_folder": sysconfig.get_path("stdlib"),
            "site_packages": sysconfig.get_path("purelib"),
        }
    )
    return install_given_requirements(requirements, *arguments, **options) if answer["go"] else []


try:
    module, install_given_requirements = load()
except (ImportError, KeyError):  # there is none, or one in which the gate has no place
    for name in [name for name in sys.modules if name.partition(".")[0] == "pip"]:
        del sys.modules[name]
    # As for pip_target.py
    sysconfig._PIP_USE_SYSCONFIG = True  # type: ignore[attr-defined]
    sys.path.insert(0, ask({"lacks": "pip"})["wheel"])
    module, install_given_requirements = load()

module.install_given_reqs = gated
