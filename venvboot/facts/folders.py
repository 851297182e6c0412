"""Where images keep their interpreters, as data: the names to look for, and the folders to look into."""

from __future__ import annotations

import re
from typing import Tuple

# python, python3, python3.12, python3.13t; d, m and u are the suffixes of debug and of older builds.
NAME = re.compile(r"(?:python|pypy|graalpy|graalpython|platform-python)(?:[23](?:\.[0-9]{1,2}[dmu]{0,3})?)?t?d?\Z")

# At most so many folders of one pattern are looked into: a store may hold thousands.
MOST_FOLDERS = 64

FOLDERS: Tuple[str, ...] = (
    # Distros, builds from source, docker-library
    "/usr/local/bin",
    "/usr/bin",
    "/bin",
    # RHEL 8's interpreter for its own tools
    "/usr/libexec",
    # A tree of its own: conda, PyPy, GraalPy, ActiveState, a virtual environment
    "/opt/*/bin",
    "/opt/bitnami/python/bin",
    # Software Collections, also where /etc/scl does not name them
    "/opt/*/*/root/usr/bin",
    "/opt/*/root/usr/bin",
    # conda's environments, and its roots elsewhere
    "/opt/*/envs/*/bin",
    "/opt/intel/oneapi/intelpython/*/bin",
    "/srv/conda/bin",
    "/srv/conda/envs/*/bin",
    "/usr/local/mini*/bin",
    "/usr/local/mini*/envs/*/bin",
    "/*conda*/bin",
    "/*conda*/envs/*/bin",
    "/*forge*/bin",
    "/*forge*/envs/*/bin",
    # An application's own environment: pixi's, uv's, poetry's
    "/*/.pixi/envs/*/bin",
    "/*/.venv/bin",
    "/venv/bin",
    # uv, as its guide for images puts it
    "/python/*/bin",
    # manylinux, Oryx
    "/opt/python/*/bin",
    "/opt/_internal/*/bin",
    # devcontainers
    "/usr/local/python/*/bin",
    # Hosted tool cache
    "/opt/hostedtoolcache/Python/*/*/bin",
    "/opt/hostedtoolcache/PyPy/*/*/bin",
    "/opt/hostedtoolcache/GraalPy/*/*/bin",
    # Buildpacks
    "/layers/*/*/bin",
    "/app/.heroku/python/bin",
    # AWS Lambda
    "/var/lang/bin",
    # pyenv, asdf, uv for all users
    "/opt/*/versions/*/bin",
    "/usr/local/pyenv/versions/*/bin",
    "/opt/*/installs/python/*/bin",
    "/opt/*/python/*/bin",
    # Nix: the profiles' links outlive an upgrade, so they come first
    "/nix/var/nix/profiles/default/bin",
    "/nix/var/nix/profiles/per-user/*/*/bin",
    "/run/current-system/sw/bin",
    "/nix/store/*-python3-*/bin",
    "/nix/store/*-python-2.*/bin",
    "/nix/store/*-pypy*/bin",
    # Guix, in the same order
    "/var/guix/profiles/per-user/*/*/bin",
    "/run/current-system/profile/bin",
    "/gnu/store/*-python-[23].*/bin",
    "/gnu/store/*-python-wrapper-*/bin",
)

# Below the home directory of each user.
IN_HOME: Tuple[str, ...] = (
    # Links that uv and others make
    ".local/bin",
    # pyenv, asdf, mise
    ".pyenv/versions/*/bin",
    ".asdf/installs/python/*/bin",
    ".local/share/mise/installs/python/*/bin",
    # python-build-standalone as uv, rye, hatch, pdm, poetry and pipx store it
    ".local/share/uv/python/*/bin",
    ".rye/py/*/bin",
    ".rye/py/*/install/bin",
    ".local/share/hatch/pythons/*/*/bin",
    ".local/share/pdm/python/*/bin",
    ".local/share/pypoetry/python/*/bin",
    ".local/share/pipx/py/*/bin",
    # pixi, conda
    ".pixi/envs/*/bin",
    ".conda/envs/*/bin",
    "*conda*/bin",
    "*conda*/envs/*/bin",
    "*forge*/bin",
    "*forge*/envs/*/bin",
    "micromamba/bin",
    "micromamba/envs/*/bin",
    # ActiveState's State Tool
    ".cache/activestate/*/bin",
    ".cache/activestate/*/usr/bin",
    # Nix, Guix
    ".nix-profile/bin",
    ".local/state/nix/profile/bin",
    ".guix-profile/bin",
)

# Below Homebrew's prefix: opt/ has the links that outlive an upgrade.
HOMEBREW: Tuple[str, ...] = (
    "bin",
    "opt/python@*/bin",
    "opt/python@*/libexec/bin",
    "opt/pypy*/bin",
    "Cellar/python@*/*/bin",
    "Cellar/pypy*/*/bin",
)

# Roots that many images share, and what to look into below them.
ROOTS: Tuple[Tuple[str, Tuple[str, ...]], ...] = (
    ("/root", IN_HOME),
    ("/home/*", IN_HOME),
    ("/home/linuxbrew/.linuxbrew", HOMEBREW),
)

# Variables that name such a root.
VARIABLES: Tuple[Tuple[str, Tuple[str, ...]], ...] = (
    ("PYENV_ROOT", ("versions/*/bin",)),
    ("ASDF_DATA_DIR", ("installs/python/*/bin",)),
    ("MISE_DATA_DIR", ("installs/python/*/bin",)),
    ("VIRTUAL_ENV", ("bin",)),
    ("APP_ROOT", ("bin",)),
    ("CONDA_PREFIX", ("bin", "envs/*/bin")),
    ("CONDA_ROOT", ("bin", "envs/*/bin")),
    ("MAMBA_ROOT_PREFIX", ("bin", "envs/*/bin")),
    ("PIXI_HOME", ("envs/*/bin",)),
    ("UV_PYTHON_INSTALL_DIR", ("*/bin",)),
    ("RYE_HOME", ("py/*/bin", "py/*/install/bin")),
    ("RUNNER_TOOL_CACHE", ("Python/*/*/bin", "PyPy/*/*/bin", "GraalPy/*/*/bin")),
    ("HOMEBREW_PREFIX", HOMEBREW),
    ("GUIX_PROFILE", ("bin",)),
    ("HOME", IN_HOME),
)

# scl-utils: each file is called as a collection, and its text is the folder that the collection lies in.
COLLECTIONS = "/etc/scl/prefixes/*"
COLLECTIONS_LIMIT = 4096
