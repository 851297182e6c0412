# The last part of each program that runs pip: it has seen to it that pip can be imported, and what pip shall not do.
import runpy
import sys

from pip._internal.cli import base_command

if False:
    from typing import Any

of_pip = base_command  # type: Any
set_up = of_pip.setup_logging


def without_file(**settings):  # type: (Any) -> Any
    """No option says so, and a log that goes nowhere (PIP_LOG) takes a second where an index is long."""
    return set_up(**dict(settings, user_log_file=None))


of_pip.setup_logging = without_file
sys.argv[0] = "pip"
runpy.run_module("pip", run_name="__main__")
