"""The text that pip prints when it refuses the base interpreter."""

from __future__ import annotations

import configparser
from typing import Callable, Optional

import pytest

from venvboot.activation.template import SIGNATURE
from venvboot.model import Diversion, Interpreter, Probe, SystemPackage
from venvboot.policy import marker


def as_pip_reads(text: str) -> str:
    """PEP 668: the Error value of the section, by configparser without interpolation."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return parser["externally-managed"]["Error"]


@pytest.mark.parametrize("owner", [None, SystemPackage("dpkg", "python3.11-minimal", "3.11.2-6")], ids=["", "owned"])
def test_the_text_names_the_ways_out_and_never_the_option_that_breaks_it(owner: Optional[SystemPackage]) -> None:
    told = as_pip_reads(marker.text("/opt/venv", owner))
    assert "/opt/venv/bin/pip install NAME" in told
    assert "venvboot sync --venv /opt/venv requirements.txt" in told
    assert "ENV PATH=/opt/venv/bin:$PATH" in told
    assert "break-system-packages" not in told
    assert ("python3.11-minimal (dpkg)" in told) is bool(owner)


def test_without_an_environment_the_text_says_how_to_make_one() -> None:
    told = as_pip_reads(marker.text("", SystemPackage("dpkg", "python3.11-minimal", "3.11.2-6")))
    assert "venvboot init /opt/venv" in told
    assert "of this image" not in told


@pytest.mark.parametrize("dest", ["", "/opt/venv", "/srv/app-1.0/.venv"])
def test_an_intact_text_is_told_from_a_changed_one_whosever_it_is(dest: str) -> None:
    for owner in (None, SystemPackage("rpm", "python3", "3.11")):
        text = marker.text(dest, owner)
        assert marker.intact(text)
        for changed in (text + "\n", text[:-2], text.replace("venvboot", "us"), text.replace("pip install", "pip")):
            assert not marker.intact(changed)
    assert not marker.intact("")


def test_the_text_begins_as_every_file_of_ours() -> None:
    assert marker.text("/opt/venv", None).startswith(SIGNATURE)


def test_the_text_is_the_golden_one(golden: Callable[[str, str], None], debian_package: SystemPackage) -> None:
    golden("marker_dpkg.txt", marker.text("/opt/venv", debian_package))
    golden("marker_unknown.txt", marker.text("/srv/env", None))
    golden("marker_alone.txt", marker.text("", debian_package))


def test_the_marker_stands_in_the_standard_library_of_the_base(
    make_interpreter: Callable[..., Interpreter], make_probe: Callable[..., Probe]
) -> None:
    base = make_interpreter(probe=make_probe(stdlib="/opt/py/lib/python3.12"))
    assert marker.path(base) == "/opt/py/lib/python3.12/EXTERNALLY-MANAGED"
    assert marker.path(make_interpreter(starts=False)) == ""


@pytest.mark.parametrize(
    ("owner", "diverted"),
    [(None, False), (SystemPackage("rpm", "python3", "3"), False), (SystemPackage("dpkg", "python3", "3"), True)],
)
def test_only_dpkg_diverts(
    make_interpreter: Callable[..., Interpreter], owner: Optional[SystemPackage], *, diverted: bool
) -> None:
    path = "/usr/lib/python3.11/EXTERNALLY-MANAGED"
    wanted = Diversion(path, f"{path}.distro") if diverted else None
    assert marker.diversion(make_interpreter(owner=owner)) == wanted
