"""Pythons that no package of the distro owns: the official images', built from source, and each maker's own tree."""

from __future__ import annotations

from tests.images.origins.expected import Expected

# The base image that the Dockerfile copies from.
NEEDS = ("debian12-flavours",)

FAMILY = "trees"
BASE = "debian12-flavours"
FORM = "documented form"
CPYTHON = "cpython-3.11.2-linux-x86_64-gnu"
CELLAR = "/home/linuxbrew/.linuxbrew/Cellar"
NIX = "/nix/store/0c7c9d0cwzdzb3vyarwjvgcyab66x1ya-python3-3.11.2"
GUIX = "/gnu/store/8kqf2r7x1n0hcdvm4ja9a3i5yw6sbzlp-python-3.11.2"
PAKETO = "/layers/paketo-buildpacks_cpython/cpython"
PYPY = "/opt/pypy3.11-v7.3.19-linux64"


def _tree(target: str, prefix: str, kind: str, strategy: str, *, managed: bool = False, form: str = FORM) -> Expected:
    return Expected(FAMILY, target, BASE, f"{prefix}/bin/python3.11", kind, managed, strategy, form)


def _venv(target: str, prefix: str, kind: str = "venv", form: str = "real") -> Expected:
    return Expected(FAMILY, target, BASE, f"{prefix}/bin/python", kind, managed=False, strategy="as-is", form=form)


EXPECTED = (
    _tree("docker-library", "/usr/local", "docker-library", "direct", form="real"),
    Expected(FAMILY, "copied", "debian12", "/usr/local/bin/python3.11", "docker-library", False, "direct"),
    Expected(FAMILY, "copied", "debian12", "/usr/bin/python3.11", "distro", True, "venv"),
    _tree("moved", "/opt/moved", "relocated", "venv", form="real"),
    _tree("moved", "/opt/hatch/3.11", "standalone", "venv", form="real"),
    _tree("moved", "/root/.local/share/mise/installs/python/3.11.2", "standalone", "venv", form="real"),
    _tree("moved", "/opt/tools", "source", "direct", form="real"),
    _tree("uv", f"/root/.local/share/uv/python/{CPYTHON}", "uv", "venv", managed=True),
    _tree("uv", f"/python/{CPYTHON}", "uv", "venv", managed=True),
    _tree("conda", "/opt/conda", "conda", "venv", managed=True),
    _tree("conda", "/opt/conda/envs/app", "conda", "venv", managed=True),
    _tree("conda", "/srv/app/.pixi/envs/default", "pixi", "venv", managed=True),
    _tree("homebrew", f"{CELLAR}/python@3.11/3.11.2", "homebrew", "venv", managed=True),
    _tree("stores", NIX, "nix", "venv", managed=True),
    _tree("stores", GUIX, "guix", "venv", managed=True),
    _tree("versions", "/opt/pyenv/versions/3.11.2", "pyenv", "direct", form="real"),
    _tree("versions", "/root/.asdf/installs/python/3.11.2", "asdf", "direct"),
    _tree("vendors", "/opt/_internal/cpython-3.11.2", "manylinux", "direct"),
    _tree("vendors", "/opt/python/3.11.2", "oryx", "direct"),
    _tree("vendors", "/usr/local/python/3.11.2", "devcontainers", "venv"),
    _tree("vendors", "/opt/hostedtoolcache/Python/3.11.2/x64", "tool-cache", "direct"),
    _tree("vendors", "/opt/bitnami/python", "bitnami", "venv"),
    _tree("vendors", "/opt/ActivePython-3.11", "activestate", "venv"),
    _tree("buildpacks", PAKETO, "buildpack", "venv"),
    _tree("buildpacks", "/layers/heroku_python/python", "buildpack", "venv"),
    _tree("lambda", "/var/lang", "lambda", "venv"),
    _tree("venvs", "/usr/local", "docker-library", "direct", form="real"),
    _venv("venvs", "/opt/venv"),
    _venv("venvs", "/opt/copies"),
    Expected(FAMILY, "nested", "debian11", "/usr/bin/python3.9", "distro", True, "venv"),
    Expected(FAMILY, "nested", "debian11", "/opt/venv/bin/python", "venv", False, "as-is"),
    Expected(FAMILY, "nested", "debian11", "/opt/nested/bin/python", "venv", False, "as-is"),
    _tree("s2i", "/usr/local", "docker-library", "direct", form="real"),
    _venv("s2i", "/opt/app-root", "s2i", FORM),
    Expected(FAMILY, "pypy", "debian13-pypy", f"{PYPY}/bin/pypy3.11", "pypy", False, "venv", FORM),
    Expected(FAMILY, "pypy", "debian13-pypy", "/usr/bin/python3.13", "distro", True, "venv"),
    _tree("apk", "/usr", "distro", "venv", managed=True),
    _tree("portage", "/usr", "distro", "venv", managed=True),
    _tree("xbps", "/usr", "distro", "venv", managed=True),
)
