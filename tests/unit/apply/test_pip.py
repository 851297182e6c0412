"""What pip is told: an environment without anything that would send an installation elsewhere."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Dict, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.apply import pip
from venvboot.model import Arrival, InstallTarget, Isolation
from venvboot.report import Reporter
from venvboot.system import System

KEPT = {
    "PIP_INDEX_URL": "https://example.org/simple",
    "PIP_CERT": "/ca.pem",
    "PIP_CONSTRAINT": "/constraints.txt",
    "https_proxy": "http://proxy",
    "SSL_CERT_FILE": "/ca.pem",
    "PATH": "/usr/bin",
    "HOME": "/root",
}
ENVIRON = st.dictionaries(
    st.sampled_from([*pip.DROPPED, *KEPT, "PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "X"]),
    st.text("ab1", max_size=3),
)


def refuse(_: Arrival) -> bool:
    return False


@pytest.mark.parametrize(
    "name",
    [
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_ROOT",
        "PIP_PYTHON",
        "PIP_BREAK_SYSTEM_PACKAGES",
        "PIP_DRY_RUN",
        "PIP_NO_DEPS",
        "PIP_REQUIRE_VIRTUALENV",
        "DEB_PYTHON_INSTALL_LAYOUT",
        "RPM_BUILD_ROOT",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONUSERBASE",
        "PYTHONDONTWRITEBYTECODE",
        "__PYVENV_LAUNCHER__",
    ],
)
def test_what_would_redirect_an_installation_is_not_passed_on(name: str) -> None:
    assert pip.environment({name: "1"}).get(name) == pip.OURS.get(name) != "1"


def test_indexes_proxies_and_certificates_are_passed_on() -> None:
    assert KEPT.items() <= pip.environment(KEPT).items()
    assert "PIP_CONSTRAINT" not in pip.environment(KEPT, ["PIP_CONSTRAINT"])


@given(ENVIRON)
def test_user_installs_are_off_whatever_was_set(environ: dict[str, str]) -> None:
    told = pip.environment(environ)
    assert told["PIP_USER"] == "0"
    assert pip.environment(told) == told
    assert all(told[name] == environ[name] for name in environ if name in KEPT)


@pytest.mark.parametrize(("version", "start"), [("3.8.18", "-I -B -c"), ("2.7.18", "-E -s -B -c")])
@pytest.mark.parametrize("isolation", Isolation)
def test_the_target_s_own_python_is_started_and_told_its_place(
    tmp_path: Path, version: str, start: str, isolation: Isolation
) -> None:
    """A script stands for the environment's Python and says what it is given."""
    python = tmp_path / "python"
    count = len(start.split())
    told_by_it = f'i=0; while [ $i -lt {count} ]; do printf "%s " "$1"; shift; i=$((i + 1)); done; shift; echo'
    python.write_text(f'#!/bin/sh\n{told_by_it}\nprintf "%s\\n" "$*" "${{PIP_BREAK_SYSTEM_PACKAGES-not set}}"\n')
    python.chmod(0o755)
    target, told = InstallTarget(isolation, str(python), "/opt/venv", version), io.StringIO()
    said = pip.install(System(environ={"PATH": "/usr/bin:/bin"}), Reporter(1, told), target, ["six"], None, refuse)
    place = "" if isolation is Isolation.SYSTEM else "--root / --prefix /opt/venv "
    words = f"install --target  {place}--no-cache-dir six"
    assert told.getvalue() == f"+ {python} -m pip {words}\n"
    breaks = "1" if isolation is Isolation.SYSTEM else "not set"
    assert said.splitlines() == [f"{start} ", words, breaks]


def test_what_no_index_offers_has_another_way_out_than_other_failures() -> None:
    """Of an index that answered 401 pip says nothing more; a person at a terminal it would ask for a password."""
    told = "ERROR: Could not find a version that satisfies the requirement here==1.0 (from versions: none)\n"
    assert "password of a private index" in pip.hint(told)
    assert "rm -rf and init" in pip.hint("error: uninstall-no-record-file\n\nCannot uninstall here 1.0\n")
    assert pip.hint("ERROR: (from versions: 1.0, 1.1)\n") == "pip's own message is above"


@pytest.mark.parametrize(
    ("found", "environ", "home"),
    [("~", {}, "/"), ("~", {"HOME": "/home/me"}, "/home/me"), ("/home/me", {}, None)],
)
def test_a_user_whom_the_system_does_not_know_has_a_home(
    monkeypatch: pytest.MonkeyPatch, found: str, environ: Dict[str, str], home: Optional[str]
) -> None:
    monkeypatch.setattr("posixpath.expanduser", lambda _: found)
    assert pip.environment(environ).get("HOME") == home
