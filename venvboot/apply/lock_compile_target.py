# Run by the environment's interpreter, with pip-tools and pip before everything on its path: pip-compile resolves for
# the interpreter that runs it. It keeps its site, unlike lock_target.py, since builds take their base from it. The
# lock that is there is read, and the new one written to another file.
from __future__ import annotations

import json
import sys
import sysconfig
from typing import Any, BinaryIO

given = json.loads(sys.argv[1])
sys.path[:0] = given["libraries"]
# As for pip_target.py
sysconfig._PIP_USE_SYSCONFIG = True  # type: ignore[attr-defined]

import click
from build import BuildException
from pip._internal.exceptions import DistributionNotFound, PipError
from pip._vendor.packaging.requirements import InvalidRequirement
from piptools.exceptions import PipToolsError
from piptools.scripts import compile as script
from piptools.writer import OutputWriter

UNRESOLVABLE, SAID = 3, 4


class Writer(OutputWriter):
    def __init__(self, dst_file: BinaryIO, **settings: Any) -> None:
        super().__init__(new, **settings)


def causes(error: BaseException) -> list[str]:
    """What pip keeps for itself when it is quiet."""
    told = []
    for cause in getattr(error.__cause__, "causes", ()):
        asking = f"{cause.parent.name} {cause.parent.version}" if cause.parent else "a source"
        told.append(f"{asking} requires {cause.requirement.format_for_error()}")
    return list(dict.fromkeys(told))


def run() -> int:
    try:
        script.cli.main(given["words"], prog_name="pip-compile", standalone_mode=False)
    except click.ClickException as error:
        message = error.format_message()
    except DistributionNotFound as error:
        sys.stderr.write("".join(f"  {line}\n" for line in causes(error)) + f"{error}\n")
        return UNRESOLVABLE
    except (BuildException, PipError, PipToolsError, InvalidRequirement) as error:
        message = str(error)
    except SystemExit as error:  # said already, but for what a build printed
        output = getattr(getattr(error.__context__, "exception", None), "output", None)
        sys.stderr.write(output.decode("utf-8", "replace") if isinstance(output, bytes) else output or "")
        raise
    else:
        return 0
    sys.stderr.write(f"{message}\n")
    return SAID


script.OutputWriter = Writer  # type: ignore[attr-defined,assignment]
with open(given["new"], "wb") as new:
    code = run()
sys.exit(code)
