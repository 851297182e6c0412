"""What only the Dockerfile can say: a RUN step can't set ENV."""

from __future__ import annotations

from venvboot.model import ImageConfig

# Of uv's cache, made with the environment for the group; a mount at this place serves every build.
UV_CACHE = "/var/cache/uv"
# uv links files out of its cache where it can: then a file of the environment has the mode and the owner of the
# cache's, and a change of one is a change of both.
UV = (("UV_LINK_MODE", "copy"),)
UV_WITH_CACHE = (*UV, ("UV_CACHE_DIR", UV_CACHE))


def image_config(
    dest: str,
    library_path: str = "",
    *,
    direct: bool = False,
    bash_env: str = "",
    has_uv: bool = False,
    has_uv_cache: bool = True,
) -> ImageConfig:
    """Return the variables that make ``dest`` the Python of every process that inherits the environment.

    VIRTUAL_ENV beside PATH because poetry and ``uv pip`` go by it; PYTHONNOUSERSITE so that nothing falls back to
    a user's ~/.local. They may stand before the RUN that makes the environment or after it. A Python that is used
    ``direct``ly is no environment, so nothing may take it for one. ``bash_env`` is the file that each bash shall
    read, empty for none.
    """
    variables = () if direct else (("VIRTUAL_ENV", dest),)
    uv = (UV_WITH_CACHE if has_uv_cache else UV) if has_uv else ()
    named = (("BASH_ENV", bash_env),) if bash_env else ()
    return ImageConfig((*variables, ("PYTHONNOUSERSITE", "1"), *named, *uv), f"{dest}/bin", library_path)
