"""A base whose libraries the system doesn't find is wired by the linker's cache, or by a variable."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.actions import LinkLibraries
from venvboot.model import Image, LinkerFacts, Record, RecordedFile
from venvboot.policy import libraries

FOLDER = "/opt/rh/rh-python38/root/usr/lib64"
ROOT = Image({}, {}, 0, 0, (0,))
USER = Image({}, {}, 1001, 0, (0,))
CACHE = LinkerFacts(has_ldconfig=True)


def test_root_adds_the_folders_to_the_linkers_cache() -> None:
    found = libraries.wiring(f"{FOLDER}:/opt/more", ROOT, CACHE)
    assert found.file is not None
    assert found.file.path == "/etc/ld.so.conf.d/venvboot-opt-rh-rh-python38-root-usr-lib64.conf"
    assert found.file.content == f"# Written by venvboot\n{FOLDER}\n/opt/more\n"
    assert (found.file.mode, found.variable, found.findings) == (0o644, "", ())


@pytest.mark.parametrize(
    ("image", "linker", "why"),
    [
        (USER, CACHE, "user 1001 may not run ldconfig"),
        (ROOT, LinkerFacts(), "no ldconfig"),
        (ROOT, replace(CACHE, hidden=("libpython2.7.so.1.0",)), "libpython2.7.so.1.0"),
        (ROOT, replace(CACHE, hidden=tuple("abcdefg")), "a, b, c …"),
        (ROOT, replace(CACHE, exposed="/opt/rh belongs to user 1000"), "/opt/rh belongs to user 1000, and"),
    ],
)
def test_otherwise_a_variable_serves_and_the_line_for_it_is_told(image: Image, linker: LinkerFacts, why: str) -> None:
    found = libraries.wiring(FOLDER, image, linker)
    assert (found.file, found.variable) == (None, FOLDER)
    (told,) = found.findings
    assert why in told.evidence
    assert told.hint == f"ENV LD_LIBRARY_PATH={FOLDER}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"


def test_where_some_names_are_the_system_s_the_cache_gets_links_to_the_others() -> None:
    found = replace(
        CACHE, hidden=("libpython3.so",), lacking=(("libpython3.8.so.rh", f"{FOLDER}/libpython3.8.so.rh"),)
    )
    made = libraries.wiring(FOLDER, ROOT, found)
    links = f"{libraries.LINKS}/opt-rh-rh-python38-root-usr-lib64"
    assert made.file is not None
    assert made.file.content == f"# Written by venvboot\n{links}\n"
    assert (made.links, made.variable) == (LinkLibraries(links, found.lacking), "")
    assert libraries.wiring(FOLDER, ROOT, replace(found, linked=True)).links is None
    assert libraries.wiring(FOLDER, ROOT, replace(found, exposed="others write it")).variable == FOLDER


def test_a_base_that_needs_none_gets_none() -> None:
    assert libraries.wiring("", ROOT, CACHE) == libraries.Wiring()


def test_the_variable_is_needed_where_no_file_was_recorded(make_record: Callable[..., Record]) -> None:
    assert libraries.recorded_variable(make_record()) == ""
    assert libraries.recorded_variable(make_record(library_path=FOLDER)) == FOLDER
    file = RecordedFile(libraries.path(FOLDER), "ab" * 32, libraries.PURPOSE)
    assert libraries.recorded_variable(make_record(library_path=FOLDER, files=(file,))) == ""


@given(
    st.lists(st.sampled_from(["/a", "/b", ""]), max_size=4), st.lists(st.sampled_from(["/a", "/c", ""]), max_size=4)
)
def test_what_was_there_stays_behind_and_the_working_directory_stays_out(ours: list[str], theirs: list[str]) -> None:
    found = libraries.with_libraries(":".join(ours), ":".join(theirs)).split(":")
    wanted = [folder for folder in [*ours, *theirs] if folder]
    assert [folder for folder in found if folder] == list(dict.fromkeys(wanted))
    assert "" not in found or not wanted
