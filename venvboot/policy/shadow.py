"""What an install would hide of the distro's: judged on names and on import roots, both lie in one direction only."""

from __future__ import annotations

from typing import Iterator, Optional, Sequence, Tuple

from venvboot.model import Finding, IncomingDistribution, Interpreter, OwnedPython, Severity, SystemPackage


def system_target(base: Interpreter, names: Sequence[str], dest: str) -> Finding:
    """Return the refusal to install into a Python that isn't an environment of ours."""
    what = ", ".join(names) or "this"
    owner = base.origin.owner
    whose = f"{base.real_path} belongs to {owner}" if owner else f"its origin: {base.origin.label}"
    return Finding(
        "system-target",
        Severity.ERROR,
        base.path,
        f"{what} would be installed into {base.path}, which is not an environment made by venvboot",
        whose,
        f"RUN venvboot init {dest} && venvboot install --venv {dest} {' '.join(names)}".rstrip(),
    )


def shadows(incoming: Sequence[IncomingDistribution], owned: OwnedPython, base: Interpreter) -> Tuple[Finding, ...]:
    """Return a finding for each distribution that would hide one of the distro's by name or by import root."""
    return tuple(finding for item in incoming for finding in _of(item, owned, base))


def _of(item: IncomingDistribution, owned: OwnedPython, base: Interpreter) -> Iterator[Finding]:
    hidden = owned.distributions.get(item.name)
    told = f"{item.name} {item.version}".strip()
    if hidden:
        distribution, package = hidden
        yield Finding(
            "shadow-dist",
            Severity.ERROR,
            item.name,
            f"{told} would hide {item.name} {distribution.version} of the package {package.package}",
            f"{package} owns {distribution.location}, on the path of {base.path}",
            f"install it into an isolated environment, or use the distro's: {item.name}=={distribution.version}",
        )
    for root in item.import_roots or ():
        collision = _collision(root, owned)
        if collision and not (hidden and collision[1] == hidden[1]):
            path, package = collision
            yield Finding(
                "shadow-module",
                Severity.ERROR,
                item.name,
                f"{told} would hide the module {root.replace('/', '.')} of the package {package.package}",
                f"{package} owns {path}, on the path of {base.path}",
                "install it into an isolated environment",
            )


def _collision(root: str, owned: OwnedPython) -> Optional[Tuple[str, SystemPackage]]:
    """Two roots collide when they are equal or one lies below the other."""
    parts = root.split("/")
    for depth in range(1, len(parts) + 1):
        found = owned.import_roots.get("/".join(parts[:depth]))
        if found:
            return found
    return next((found for name, found in owned.import_roots.items() if name.startswith(root + "/")), None)
