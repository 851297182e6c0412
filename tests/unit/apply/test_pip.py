"""What pip is told: an environment without anything that would send an installation elsewhere."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.apply import pip
from venvboot.errors import Unsupported
from venvboot.model import Record
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


def test_without_a_cache_none_is_kept() -> None:
    assert pip.cache_words(None) == ["--no-cache-dir"]
    assert pip.cache_words("/cache") == ["--cache-dir", "/cache/pip"]


@pytest.mark.parametrize(("version", "start"), [("3.8.18", "-I -B -m pip"), ("2.7.18", "-E -s -B {dest}/bin/pip")])
def test_the_environment_s_own_pip_is_started_and_told_its_place(
    tmp_path: Path, make_record: Callable[..., Record], version: str, start: str
) -> None:
    """A script stands for the environment's Python and says what it is given."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_text('#!/bin/sh\nprintf "%s\\n" "$*"\n')
    (tmp_path / "bin" / "python").chmod(0o755)
    record, told = make_record(dest=str(tmp_path), base_version=version), io.StringIO()
    pip.install(System(), Reporter(1, told), record, ["six"], None)
    place = f"install --root / --prefix {tmp_path} --no-cache-dir six"
    assert told.getvalue() == f"+ {tmp_path}/bin/python {start.format(dest=tmp_path)} {place}\n"


@pytest.mark.parametrize("version", ["2.7.18", "3.5.10", "3.6.15"])
def test_what_an_old_pip_would_install_is_not_asked(make_record: Callable[..., Record], version: str) -> None:
    with pytest.raises(Unsupported) as caught:
        pip.would_install(System(), Reporter(), make_record(base_version=version), ["six"], None)
    (finding,) = caught.value.findings
    assert (finding.code, caught.value.status.value) == ("dry-run-not-offered", 5)
    assert version in finding.evidence
