"""The file that stands in place of a directory: where, what it says, and what is believed when it is read back."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.model import Interpreter, Probe, Remembered, SystemPackage
from venvboot.policy import guard_seal

PATH = "/usr/local/lib/python3.11/dist-packages"
FEDORA = ("/usr/local/lib/python3.11/site-packages", "/usr/local/lib64/python3.11/site-packages")
PYPY = {
    "implementation": "pypy",
    "stdlib": "/usr/lib/pypy3.11",
    "site_packages": ("/usr/local/lib/pypy3.11/dist-packages", "/usr/lib/python3/dist-packages"),
}
IDS = st.integers(0, guard_seal.LARGEST_ID)
MODES = st.integers(0, 0o7777).map(lambda mode: mode & ~guard_seal.NEVER)
MEMORIES = st.one_of(
    st.builds(Remembered, MODES, IDS, IDS), st.builds(Remembered, made=st.integers(0, guard_seal.DEEPEST))
)


def system(manager: str) -> SystemPackage:
    return SystemPackage(manager, "python3", "3")


@pytest.mark.parametrize(
    ("owner", "probe", "wanted"),
    [
        (system("dpkg"), {}, (PATH,)),
        (system("rpm"), {}, FEDORA),
        (system("apk"), {}, ()),
        (system("pacman"), {}, ()),
        (system("portage"), {}, ()),
        (system("xbps"), {}, ()),
        (None, {}, ()),
        (system("rpm"), {"base_prefix": "/opt/rh/rh-python38/root/usr"}, ()),
        (system("dpkg"), PYPY, ("/usr/local/lib/pypy3.11/dist-packages",)),
        (system("rpm"), PYPY, ()),
        (system("rpm"), {"stdlib": "/usr/lib64/python3.11"}, FEDORA),
    ],
)
def test_sealed_is_where_the_pip_of_that_manager_installs(
    make_interpreter: Callable[..., Interpreter],
    make_probe: Callable[..., Probe],
    owner: Optional[SystemPackage],
    probe: Dict[str, Any],
    wanted: Tuple[str, ...],
) -> None:
    assert guard_seal.places(make_interpreter(owner=owner, probe=make_probe(**probe))) == wanted


@given(MEMORIES)
def test_what_was_written_is_remembered(before: Remembered) -> None:
    assert guard_seal.remembered(PATH, guard_seal.text(PATH, before)) == before


def test_the_text_is_the_golden_one(golden: Callable[[str, str], None]) -> None:
    golden("seal_directory.txt", guard_seal.text(PATH, Remembered(0o2775, 0, 50)))
    golden("seal_nothing.txt", guard_seal.text(PATH, Remembered(made=1)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mode 2775", "mode 4755"),
        ("mode 2775", "mode 0777"),
        ("mode 2775", "mode 775"),
        ("mode 2775", "mode 9999"),
        ("mode 2775", "mode 02775"),
        ("0:50", "0:4294967295"),
        ("0:50", "-1:50"),
        ("0:50", "\u0660:50"),
        ("0:50.\n", "0:50.\n\n"),
        ("0:50.\n", "0:50."),
        ("a directory, mode 2775, owner 0:50", "nothing, and 4 of the folders above"),
        ("Make an environment", "Make a mess"),
        ("python3.11", "python3.12"),
    ],
)
def test_a_text_that_was_changed_is_no_memory(old: str, new: str) -> None:
    text = guard_seal.text(PATH, Remembered(0o2775, 0, 50))
    assert old in text
    assert guard_seal.remembered(PATH, text.replace(old, new)) is None


@given(st.text(max_size=80))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert guard_seal.remembered(PATH, text) is None
    assert guard_seal.remembered(PATH, guard_seal.text(PATH, Remembered()) + text) in (None, Remembered())
