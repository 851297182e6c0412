"""An environment that sees its base's packages: made only when it is asked for by name, and never without a word."""

from __future__ import annotations

from venvboot.model import Finding, Severity


def warning(dest: str, base_path: str) -> Finding:
    """Return what has to be known of such an environment."""
    return Finding(
        "system-site-packages",
        Severity.WARNING,
        dest,
        f"{dest} is not isolated: you really do not want to go there",
        f"what the distro installs for {base_path} counts as there: an outdated version is `already satisfied`, an "
        "upgrade of the image changes what your program imports, and what you install hides the distro's from it",
        f"rm -rf {dest} && venvboot init {dest}, and install what you need; it is the price of what no index has",
    )


def differs(dest: str) -> Finding:
    """Return the refusal to turn an isolated environment into one that isn't."""
    return Finding(
        "environment-differs",
        Severity.ERROR,
        dest,
        f"{dest} is isolated, and stays so",
        f"its record {dest}/venvboot.json says so",
        "leave --system-site-packages out, or choose another DEST",
    )
