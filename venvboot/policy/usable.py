"""Why no environment can be made with an interpreter, and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

from venvboot.model import Distro, Finding, InterpreterFacts, Origin, Severity


@dataclass(frozen=True)
class Targets:
    """The versions that the libraries at hand can make environments for: from ``oldest`` to ``newest``, both in it.

    ``newest`` is None where there is no limit. The one file carries a virtualenv for 3.9 and later; its companion
    venvboot-legacy has the last release that makes them for 2.7 to 3.8.
    """

    oldest: Tuple[int, int] = (3, 9)
    newest: Optional[Tuple[int, int]] = None


# The oldest that venvboot-legacy makes environments for, and the first with no need of it.
LEGACY = ((2, 7), (3, 9))


def refusal(facts: InterpreterFacts, origin: Origin, targets: Targets, distro: Distro) -> Optional[Finding]:
    """Return why no environment can be made with this interpreter, None when one can."""
    if facts.untrusted:
        return _not_trusted(facts)
    if facts.probe is None:
        return _not_startable(facts)
    by_origin = _of_origin(facts, origin, distro)
    if by_origin:
        return by_origin
    if facts.probe.version[:2] < targets.oldest:
        return _too_old(facts)
    if targets.newest and facts.probe.version[:2] > targets.newest:
        return _too_new(facts, targets.newest)
    return _incomplete(facts) if facts.probe.missing_modules else None


def _not_trusted(facts: InterpreterFacts) -> Finding:
    path = facts.candidate.path
    return Finding(
        "interpreter-not-trusted",
        Severity.ERROR,
        path,
        f"{path} was not started: root would run what others may have put there",
        facts.untrusted,
        f"if you trust it, name it: --python {path}; or give it to root, with every folder above it",
    )


def _not_startable(facts: InterpreterFacts) -> Finding:
    path = facts.candidate.path
    library = "shared librar" in facts.failure
    return Finding(
        "interpreter-not-startable",
        Severity.ERROR,
        path,
        f"{path} does not start",
        facts.failure,
        "install that library, or put its folder into /etc/ld.so.conf.d and run ldconfig"
        if library
        else "repair it, or name another one with --python",
    )


def _of_origin(facts: InterpreterFacts, origin: Origin, distro: Distro) -> Optional[Finding]:
    path = facts.candidate.path
    if origin.kind == "platform-python":
        return Finding(
            "platform-python",
            Severity.ERROR,
            path,
            f"{path} is the interpreter of the distro's own tools, and no base for anything else",
            "its package may change it with them, and gives it no name in /usr/bin",
            f"RUN {distro.dnf} install -y python3.12",
        )
    if origin.kind == "distroless":
        return Finding(
            "distroless",
            Severity.ERROR,
            path,
            f"{path} belongs to a distroless image, where nothing is to be installed in a RUN step",
            "its packages stand in /var/lib/dpkg/status.d, without a package manager and as a rule without a shell",
            "make the environment in a stage FROM the Debian release it was made of, where Python has the same "
            "path, then COPY --from=STAGE /opt/venv /opt/venv",
        )
    return None


def _too_old(facts: InterpreterFacts) -> Finding:
    assert facts.probe  # noqa: S101  # its version was compared
    path, version = facts.candidate.path, facts.probe.version_text
    legacy = LEGACY[0] <= facts.probe.version[:2] < LEGACY[1]
    return Finding(
        "interpreter-too-old",
        Severity.ERROR,
        path,
        f"{path} is Python {version}, and this file makes no environment for one older than 3.9",
        "virtualenv and pip have ended their support for it, as upstream has ended its security fixes",
        f"install Python 3.9 or later and name it with --python; if it has to be this one, "
        f"`venvboot-legacy init --python {path}`"
        if legacy
        else "install Python 3.9 or later and name it with --python",
    )


def _too_new(facts: InterpreterFacts, newest: Tuple[int, int]) -> Finding:
    assert facts.probe  # noqa: S101  # its version was compared
    path, version = facts.candidate.path, facts.probe.version_text
    return Finding(
        "interpreter-too-new",
        Severity.ERROR,
        path,
        f"{path} is Python {version}, and venvboot-legacy makes environments up to {newest[0]}.{newest[1]} only",
        "its virtualenv is the last release for old versions and would seed an outdated pip",
        f"`venvboot init --python {path}`",
    )


def _incomplete(facts: InterpreterFacts) -> Finding:
    assert facts.probe  # noqa: S101  # it told what is missing
    path = facts.candidate.path
    return Finding(
        "interpreter-incomplete",
        Severity.ERROR,
        path,
        f"{path} lacks parts of the standard library",
        f"no {', '.join(facts.probe.missing_modules)}"
        + (f"; it is {facts.ownership.package}" if facts.ownership else ""),
        _completion(facts),
    )


def _completion(facts: InterpreterFacts) -> str:
    if facts.ownership and facts.ownership.package.manager == "dpkg":
        package = facts.ownership.package.package.replace("-minimal", "").replace("lib", "", 1).split("-")[0]
        return f"RUN apt-get update && apt-get install -y --no-install-recommends {package}"
    return "install the whole Python, or name another one with --python"
