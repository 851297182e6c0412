"""What pip is told: an environment without anything that would send an installation elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.apply import environment as creation
from venvboot.apply import pip

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


def test_virtualenv_is_told_nothing_of_others_settings() -> None:
    mine = {"PATH": "/bin", "LANG": "C.UTF-8", "https_proxy": "http://proxy"}
    others = {"PYTHONPATH": "/x", "VIRTUALENV_SYSTEM_SITE_PACKAGES": "1", "PIP_TARGET": "/x", "PYTHONHOME": "/x"}
    told = creation.clean_environment({**mine, **others, "VIRTUALENV_CONFIG_FILE": "/x"})
    assert told == {**mine, "PYTHONDONTWRITEBYTECODE": "1", "VIRTUALENV_CONFIG_FILE": "/dev/null"}
