"""What every activation has in common."""

from __future__ import annotations

import re
import subprocess
from typing import Callable

import pytest

from venvboot import activation
from venvboot.activation import template, wrappers
from venvboot.model import Placement

DEST = "/srv/@env+1"


@pytest.mark.parametrize("found", activation.ACTIVATIONS, ids=lambda found: str(found.NAME))
def test_each_is_signed_complete_and_known_by_name(found: activation.Activation) -> None:
    assert activation.by_name()[found.NAME] is found
    assert found.SERVES
    for piece in found.pieces(DEST):
        lines = piece.text.splitlines()
        assert lines[1 if lines[0].startswith("#!") else 0].startswith(template.SIGNATURE)
        assert piece.text.endswith("\n")
        assert DEST in piece.text
        assert not re.search(r"@[A-Z]+@", piece.text)
        assert piece.purpose == found.NAME


@pytest.mark.parametrize("found", activation.ACTIVATIONS, ids=lambda found: str(found.NAME))
def test_nothing_outside_is_written_by_the_group_or_read_by_nobody(found: activation.Activation) -> None:
    for piece in found.pieces(DEST):
        assert not piece.mode & 0o002
        assert not piece.mode & 0o020 or piece.path.startswith(f"{DEST}/")
        assert piece.needs or piece.trusted == DEST
        # A file of others has to be there, or its folder has.
        assert piece.placement is Placement.WHOLE or piece.path.startswith(piece.needs) or piece.needs == "/etc/pam.d"


@pytest.mark.parametrize("found", activation.ACTIVATIONS, ids=lambda found: str(found.NAME))
def test_each_text_is_the_golden_one(found: activation.Activation, golden: Callable[[str, str], None]) -> None:
    for text in {piece.text for piece in found.pieces("/opt/venv")}:
        golden(f"activation/{found.NAME}", text)


def test_a_wrapper_is_the_golden_one(golden: Callable[[str, str], None]) -> None:
    golden("activation/wrapper", wrappers.text("/opt/venv", "flask"))


def test_sudo_takes_the_file() -> None:
    """Sudo passes over names with a dot, and visudo reads what is in it where it is installed."""
    (piece,) = activation.sudoers.pieces("/opt/venv")
    assert "." not in piece.path.rpartition("/")[2]
    assert piece.mode == 0o440


def test_what_is_left_out_by_default_is_one_that_has_a_name() -> None:
    assert set(activation.ON_REQUEST) <= set(activation.by_name())


def test_a_wrapper_starts_the_program_with_its_words(tmp_path_factory: pytest.TempPathFactory) -> None:
    dest = tmp_path_factory.mktemp("env")
    (dest / "bin").mkdir()
    program = dest / "bin" / "echo-it"
    program.write_text('#!/bin/sh\nprintf "%s|" "$0" "$@"\n')
    program.chmod(0o755)
    wrapper = dest / "wrapper"
    wrapper.write_text(wrappers.text(str(dest), "echo-it"))
    wrapper.chmod(0o755)
    told = subprocess.run([wrapper, "a b", "", "$x"], env={}, capture_output=True, text=True, check=True).stdout
    assert told == f"{program}|a b||$x|"
