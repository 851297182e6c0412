"""A script that only starts one program is read; a real shell confirms what was read."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Optional

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot.facts import wrappers
from venvboot.system import System

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

TARGET = "/opt/tool/bin/python3.11"


@pytest.mark.parametrize(
    "text",
    [
        f'#!/bin/sh\nexec {TARGET} "$@"\n',
        f'#!/bin/sh -e\nexec "{TARGET}" "$@"',
        f"#!/usr/bin/env bash\n\n# made by a tool\n  exec '{TARGET}' \"$@\"\n\n",
        f'#! /bin/bash\nexec -a "$0" "{TARGET}" "$@"\n',
        f'#!/usr/bin/dash\nexec -a python3 {TARGET} "$@"\n',
    ],
)
def test_a_script_that_only_starts_a_program_is_that_program(text: str) -> None:
    assert wrappers.parse(text) == TARGET


@pytest.mark.parametrize(
    "text",
    [
        "",
        "exec",
        f'exec {TARGET} "$@"\n',
        f'#!/usr/bin/python3\nexec {TARGET} "$@"\n',
        f'#!/bin/sh\nexport LD_LIBRARY_PATH=/opt/lib\nexec {TARGET} "$@"\n',
        f'#!/bin/sh\nexec env PYTHONPATH=/x {TARGET} "$@"\n',
        f'#!/bin/sh\nexec {TARGET} -E "$@"\n',
        f"#!/bin/sh\nexec {TARGET} $@\n",
        f"#!/bin/sh\nexec {TARGET} '$@'\n",
        f"#!/bin/sh\nexec {TARGET}\n",
        f'#!/bin/sh\n{TARGET} "$@"\n',
        f'#!/bin/sh\nexec {TARGET} "$@" &\n',
        f'#!/bin/sh\nexec {TARGET} "$@"; rm -rf /\n',
        '#!/bin/sh\nexec python3 "$@"\n',
        '#!/bin/sh\nexec "$HOME/bin/python3" "$@"\n',
        '#!/bin/sh\nexec "/opt/`id`/python3" "$@"\n',
        '#!/bin/sh\nexec /opt/*/python3 "$@"\n',
        f'#!/bin/sh\nexec {TARGET} "$@"\nexec /bin/true "$@"\n',
        f'#!/bin/sh\r\nexec {TARGET} "$@"\r\n',
        f'#!/bin/sh\nexec {TARGET} \\\n "$@"\n',
    ],
)
def test_any_other_script_is_not_read(text: str) -> None:
    assert wrappers.parse(text) is None


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=12))
@example("a b")
@example("$x")
@example('a"b')
@example("a\\b")
@example("a\nb")
@example("~")
def test_a_real_shell_starts_what_was_read(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.mktemp("wrapper")
    for quote in ('"', "'", ""):
        script = folder / "script"
        words = f"{quote}{folder}/{name}{quote}"
        try:
            script.write_bytes(f'#!/bin/sh\nexec {words} "$@"\n'.encode())
        except UnicodeEncodeError:
            return
        target = wrappers.target(System(), str(script))
        if target is None:
            continue
        try:
            Path(target).write_text("#!/bin/sh\necho started $1\n")
        except OSError:  # "." and "..", and names that are too long
            return
        Path(target).chmod(0o755)
        done = subprocess.run(["/bin/sh", script, "so"], capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr) == ("started so\n", ""), words


@given(st.text() | st.text('#!/bin/sh exec"$@\n', max_size=60))
def test_no_text_is_too_odd(text: str) -> None:
    told = wrappers.parse(text)
    assert told is None or (told.startswith("/") and told in text)


def _target(tree: Tree, content: bytes) -> Optional[str]:
    return wrappers.target(tree.system(), tree.file("/usr/bin/python3", content, 0o755))


def test_a_path_that_is_no_utf_8_is_read_as_the_file_system_has_it(tree: Tree) -> None:
    assert _target(tree, b'#!/bin/sh\nexec "/opt/\xff/python3" "$@"\n') == os.fsdecode(b"/opt/\xff/python3")


def test_a_script_that_is_too_long_or_is_no_file_is_not_read(tree: Tree) -> None:
    assert _target(tree, f'#!/bin/sh\nexec {TARGET} "$@"\n'.encode() + b"#" * wrappers.LIMIT) is None
    assert wrappers.target(tree.system(), "/usr/bin/none") is None
    os.mkfifo(tree.host("/usr/bin/pipe"))
    assert wrappers.target(tree.system(), "/usr/bin/pipe") is None
