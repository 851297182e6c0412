"""What an environment's Python tells of requirements and licences that anybody may have written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, Mapping, Sequence

import packaging
import pytest

from venvboot.apply import programs

LIBRARIES = os.path.dirname(os.path.dirname(os.fspath(packaging.__file__)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def ask(folder: Path, requires: Mapping[str, Sequence[str]], expressions: Sequence[str] = ()) -> Dict[str, Any]:
    path = folder / "asked.json"
    path.write_text(json.dumps({"requires": requires, "expressions": expressions}))
    word = json.dumps({"path": str(path), "libraries": [LIBRARIES]})
    argv = [sys.executable, "-I", "-S", "-B", "-c", programs.asking("sbom_target.py"), word]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    told: Dict[str, Any] = json.loads(done.stdout)
    assert "packaging.requirements" in told["imported"]
    return told


def depends(folder: Path, **requires: Sequence[str]) -> Dict[str, Any]:
    told: Dict[str, Any] = ask(folder, requires)["depends"]
    return told


def test_markers_are_those_of_the_python_that_is_asked(folder: Path) -> None:
    version = "{}.{}".format(*sys.version_info)
    a = [f'B.B>=1; python_version == "{version}"', 'c; python_version < "3"', "elsewhere", 'b_b; extra == "x"', "a"]
    assert depends(folder, a=a, **{"b-b": [], "c": []}) == {"a": ["b-b"], "b-b": [], "c": []}


def test_an_extra_counts_where_something_asks_for_it(folder: Path) -> None:
    b = ['c; extra == "fast"', 'b[deep]; extra == "fast"', 'd; extra == "deep"', 'e; extra == "other"']
    others: Dict[str, Sequence[str]] = {"b": b, "c": [], "d": [], "e": []}
    assert depends(folder, a=["b"], **others)["b"] == []
    assert depends(folder, a=["b[Fast]"], **others)["b"] == ["c", "d"]


@pytest.mark.parametrize(
    "word",
    [
        "",
        "b @",
        "b; python_version",
        'b; python_version < "x" and (',
        f"b; {'(' * 2000}python_version > '1'{')' * 2000}",
        "b; unknown == '1'",
        'b; python_version ~= "x"',
        "../b",
        "b\x00",
    ],
)
def test_what_is_no_requirement_is_passed_over(folder: Path, word: str) -> None:
    assert depends(folder, a=[word, "c"], b=[], c=[])["a"] == ["c"]


def test_made_up_extras_take_no_more_than_a_while(folder: Path) -> None:
    start = time.monotonic()
    depends(folder, a=[f'a[x{number}]; extra == "x{number - 1}" or extra == ""' for number in range(1000)])
    assert time.monotonic() - start < 30


def test_only_what_is_valid_in_spdx_is_an_expression(folder: Path) -> None:
    words = ["mit", "(Apache-2.0 OR mit)", "BSD", "MIT OR", "LicenseRef-Own", "__import__('os')", f"{'(' * 400}", ""]
    assert ask(folder, {}, words)["expressions"] == {
        "mit": "MIT",
        "(Apache-2.0 OR mit)": "(Apache-2.0 OR MIT)",
        "LicenseRef-Own": "LicenseRef-Own",
    }
