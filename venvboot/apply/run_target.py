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


critical = of_pip.logger.critical


def brief(message, *arguments, **settings):  # type: (Any, *Any, **Any) -> None
    """What pip did not foresee, as a full disk, it tells with a traceback: that is for PIP_VERBOSE."""
    error = sys.exc_info()[1]
    if settings.pop("exc_info", False) and error:
        of_pip.logger.debug("Exception information:", exc_info=True)
        message, arguments = "%s: %s", (type(error).__name__, error)
    critical(message, *arguments, **settings)


of_pip.setup_logging = without_file
of_pip.logger.critical = brief
sys.argv[0] = "pip"
runpy.run_module("pip", run_name="__main__")
