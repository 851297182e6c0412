"""What only the Dockerfile can say: a RUN step can't set ENV."""

from __future__ import annotations

from venvboot.model import ImageConfig


def image_config(dest: str, library_path: str = "", *, direct: bool = False) -> ImageConfig:
    """Return the variables that make ``dest`` the Python of every process that inherits the environment.

    VIRTUAL_ENV beside PATH because poetry and ``uv pip`` go by it; PYTHONNOUSERSITE so that nothing falls back to
    a user's ~/.local. They may stand before the RUN that makes the environment or after it. A Python that is used
    ``direct``ly is no environment, so nothing may take it for one.
    """
    variables = () if direct else (("VIRTUAL_ENV", dest),)
    return ImageConfig((*variables, ("PYTHONNOUSERSITE", "1")), f"{dest}/bin", library_path)
