"""The pip.conf of a prefix: which sections it has, and when another's says the same."""

from __future__ import annotations

import pytest

from venvboot.activation.template import SIGNATURE
from venvboot.policy import pip_conf


@pytest.mark.parametrize(
    ("pip", "python", "manager", "wanted"),
    [
        ("20.3.4", (3, 9, 2), "dpkg", True),
        ("22.3.1", (3, 11, 2), "rpm", True),
        ("23.0", (3, 9, 2), "dpkg", False),
        ("23.0.1", (3, 11, 2), "dpkg", False),
        ("9.0.3", (3, 12, 0), "rpm", True),
        ("100.1", (3, 6, 0), "rpm", False),
        ("", (3, 9, 2), "dpkg", True),
        ("", (3, 11, 2), "dpkg", False),
        ("", (3, 11, 2), "apk", False),
        ("", (3, 10, 2), "apk", True),
        ("", (3, 11, 2), "rpm", True),
        ("", (3, 12, 1), "rpm", False),
        ("", (3, 11, 2), "pacman", True),
        ("odd", (3, 12, 1), "pacman", False),
    ],
)
def test_installs_are_refused_there_where_the_pip_knows_no_marker(
    pip: str,
    python: tuple[int, int, int],
    manager: str,
    wanted: bool,
) -> None:
    assert pip_conf.refuses_installs(pip, python, manager) is wanted


@pytest.mark.parametrize("install", [True, False])
def test_what_is_written_says_what_it_is_for_and_is_known_again(install: bool) -> None:
    text = pip_conf.text(install=install)
    assert text.startswith(SIGNATURE)
    assert pip_conf.intact(text)
    assert not pip_conf.intact(text + "\n")
    assert pip_conf.guards(text, install=False)
    assert pip_conf.guards(text, install=True) is install


@pytest.mark.parametrize(
    ("text", "install", "uninstall"),
    [
        ("[global]\nrequire-virtualenv = true\n", True, True),
        ("[global]\nrequire_virtualenv = 1\n", True, True),
        ("[uninstall]\n--Require-Virtualenv: yes\n", False, True),
        ("[uninstall]\nrequire-virtualenv = on\n[install]\nrequire-virtualenv = no\n", False, True),
        ("[install]\nrequire-virtualenv = true\n", False, False),
        ("[uninstall]\nrequire-virtualenv = false\n", False, False),
        ("[global]\nindex-url = https://%(x)s.example\n", False, False),
        ("no section\n", False, False),
        ("", False, False),
    ],
)
def test_another_s_file_guards_as_well_if_it_says_so(text: str, *, install: bool, uninstall: bool) -> None:
    assert pip_conf.guards(text, install=True) is install
    assert pip_conf.guards(text, install=False) is uninstall
