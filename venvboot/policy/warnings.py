"""What has to be known of an interpreter although it can carry an environment."""

from __future__ import annotations

from typing import Callable, Optional, Tuple

from venvboot.model import Finding, InterpreterFacts, Origin, Severity

Warning_ = Callable[[InterpreterFacts, Origin, str], Optional[Finding]]

SUPPORTED = (3, 9)


def warnings(facts: InterpreterFacts, origin: Origin, base_path: str) -> Tuple[Finding, ...]:
    """Return a finding for each peculiarity of the interpreter; ``base_path`` is what an environment records."""
    return tuple(found for found in (rule(facts, origin, base_path) for rule in RULES) if found)


def _altered(facts: InterpreterFacts, origin: Origin, _: str) -> Optional[Finding]:
    if origin.kind != "altered" or not facts.ownership:
        return None
    return Finding(
        "interpreter-altered",
        Severity.WARNING,
        facts.candidate.path,
        f"{facts.ownership.path} isn't what its package installed",
        f"{facts.ownership.package} owns it, and has another digest for it",
        "reinstall the package, and keep other builds in /usr/local",
    )


def _shares_usr(facts: InterpreterFacts, origin: Origin, _: str) -> Optional[Finding]:
    if origin.kind != "source-in-usr":
        return None
    return Finding(
        "prefix-shared",
        Severity.WARNING,
        facts.candidate.path,
        f"{facts.candidate.real_path} belongs to no package, but lies in the prefix of the distro's",
        "both use the same folders, and the next upgrade of the distro's Python may overwrite it",
        "build it with --prefix=/usr/local",
    )


def _unreachable(facts: InterpreterFacts, origin: Origin, _: str) -> Optional[Finding]:
    if not facts.unreachable or origin.kind == "venv":
        return None
    return Finding(
        "interpreter-unreachable",
        Severity.WARNING,
        facts.candidate.path,
        f"users other than root can't start {facts.candidate.real_path}, nor any environment made from it",
        f"they may not search {facts.unreachable}",
        "keep it outside a home folder: UV_PYTHON_INSTALL_DIR=/opt/uv/python, PYENV_ROOT=/opt/pyenv; "
        f"or chmod o+x {facts.unreachable}",
    )


def _lambda(facts: InterpreterFacts, origin: Origin, _: str) -> Optional[Finding]:
    if origin.kind != "lambda":
        return None
    return Finding(
        "lambda-bootstrap",
        Severity.WARNING,
        facts.candidate.path,
        "the bootstrap of AWS Lambda starts its own Python and not the environment's",
        "/var/runtime/bootstrap names /var/lang/bin/python, and /var/runtime comes first on its sys.path",
        "ENV PYTHONPATH with the environment's site-packages, or pip install --target $LAMBDA_TASK_ROOT",
    )


def _collected(facts: InterpreterFacts, origin: Origin, base_path: str) -> Optional[Finding]:
    if origin.kind not in ("nix", "guix") or not base_path.startswith(("/nix/store/", "/gnu/store/")):
        return None
    return Finding(
        "store-path",
        Severity.WARNING,
        facts.candidate.path,
        f"an environment made from {base_path} dies with the next garbage collection",
        "it lies in the store, and no profile that leads to it was found",
        "install it into a profile and name that with --python, or register the environment as a root",
    )


def _no_security_fixes(facts: InterpreterFacts, _: Origin, __: str) -> Optional[Finding]:
    if not facts.probe or facts.probe.version[:2] >= SUPPORTED:
        return None
    major, minor = facts.probe.version[:2]
    return Finding(
        "no-security-fixes",
        Severity.WARNING,
        facts.candidate.path,
        f"Python {major}.{minor} gets no security fixes, nor do the pip and virtualenv that still serve it",
        "their upstreams have ended its support",
        "use it for what can't be moved yet, and nothing that faces a network",
    )


RULES: Tuple[Warning_, ...] = (_altered, _shares_usr, _unreachable, _lambda, _collected, _no_security_fixes)
