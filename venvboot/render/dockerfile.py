"""What a Dockerfile, a shell or an env file has to say so that the environment is every process's Python."""

from __future__ import annotations

from typing import Callable, Iterable, Iterator, Mapping

from venvboot.model import ImageConfig

# With nothing there before, a trailing colon would let the linker search the working directory.
LIBRARIES = "${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"


def env_lines(config: ImageConfig) -> str:
    """Return ENV lines with literal values, one variable a line.

    One ENV line with both would expand ``$VIRTUAL_ENV`` against the environment before it, and lose PATH silently.
    """
    return "".join(f"ENV {name}={value}\n" for name, value in _in_order(config, "$PATH", LIBRARIES))


def triggers(config: ImageConfig, instructions: Iterable[str]) -> str:
    """Return the ENV lines, which children inherit, and the instructions as triggers that run in each child."""
    return env_lines(config) + lines(f"ONBUILD {one}" for one in instructions)


def lines(instructions: Iterable[str]) -> str:
    return "".join(f"{one}\n" for one in instructions)


def shell(config: ImageConfig) -> str:
    """Return POSIX sh that exports the variables."""
    return "".join(f'export {name}="{value}"\n' for name, value in _in_order(config, "$PATH", LIBRARIES))


def env_file(config: ImageConfig, path: str) -> str:
    """Return lines for ``docker run --env-file``, which expands nothing: PATH is written out from ``path``."""
    folders = [folder for folder in path.split(":") if folder and folder != config.path_prefix]
    return "".join(f"{name}={value}\n" for name, value in _in_order(config, ":".join(folders), ""))


def _in_order(config: ImageConfig, path: str, libraries: str) -> Iterator[tuple[str, str]]:
    joined = f"{config.path_prefix}:{path}" if path else config.path_prefix
    variables = dict(config.variables)
    if "VIRTUAL_ENV" in variables:
        yield "VIRTUAL_ENV", variables.pop("VIRTUAL_ENV")
    yield "PATH", joined
    yield from variables.items()
    if config.library_path:
        yield "LD_LIBRARY_PATH", config.library_path + libraries


FORMATS: Mapping[str, Callable[[ImageConfig], str]] = {"dockerfile": env_lines, "sh": shell}
