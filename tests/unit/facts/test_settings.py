"""Settings that open the distro's Python: in variables, and in each file that pip and uv read."""

from __future__ import annotations

import pytest

from tests.unit.conftest import Tree
from venvboot.facts import settings


@pytest.mark.parametrize("name", settings.VARIABLES)
@pytest.mark.parametrize(("value", "told"), [("1", True), ("true", True), ("0", False), ("", False), ("no", False)])
def test_a_variable_counts_when_it_says_yes(tree: Tree, name: str, value: str, told: bool) -> None:
    assert settings.breaking(tree.system(**{name: value})) == ((f"{name}={value}",) if told else ())


@pytest.mark.parametrize(
    "path",
    [
        "/etc/pip.conf",
        "/etc/xdg/pip/pip.conf",
        "/root/.pip/pip.conf",
        "/root/.config/pip/pip.conf",
        "/etc/uv/uv.toml",
        "/root/.config/uv/uv.toml",
        "/usr/pip.conf",
        "/named.conf",
    ],
)
def test_each_file_is_read(tree: Tree, path: str) -> None:
    system = tree.system(HOME="/root", PIP_CONFIG_FILE="/named.conf")
    assert settings.breaking(system, ("/usr",)) == ()
    tree.file(path, "[install]\nbreak-system-packages = true\n")
    assert settings.breaking(system, ("/usr",)) == (path,)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[install]\nbreak-system-packages = true\n", True),
        ("[global]\n  break-system-packages: yes\n", True),
        ("[global]\nbreak_system_packages=1\n", True),
        ("break-system-packages = true", True),
        ("break-system-packages = false\n", False),
        ("# break-system-packages = true\n", False),
        ("no-break-system-packages-x = true\n", False),
        ("", False),
    ],
)
def test_only_a_yes_counts(tree: Tree, text: str, told: bool) -> None:
    tree.file("/etc/pip.conf", text)
    assert bool(settings.breaking(tree.system())) is told


def test_a_relative_home_is_nobody_s(tree: Tree) -> None:
    tree.file("/.config/pip/pip.conf", "break-system-packages = true\n")
    assert settings.breaking(tree.system(HOME="")) == ()
