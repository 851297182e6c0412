"""Which Dockerfiles the lint is given: every block of the manual, the examples, and what is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.lint_dockerfiles import ROOT, collected, of_manual, whole


def test_a_block_of_the_manual_is_named_by_its_first_line() -> None:
    text = "# Title\n\n```sh\nls\n```\n\n```dockerfile\nFROM a:1\nRUN b\n```\n\n```dockerfile\nRUN c\n```\n"
    assert dict(of_manual(text)) == {
        "README.md-from-line-8": "FROM a:1\nRUN b\n",
        "README.md-from-line-13": "FROM debian:12-slim\nRUN c\n",
    }


def test_lines_that_only_continue_a_dockerfile_get_a_base() -> None:
    assert whole("ARG BASE\nFROM ${BASE}\n") == "ARG BASE\nFROM ${BASE}\n"
    assert whole("ONBUILD RUN true\n") == "FROM debian:12-slim\nONBUILD RUN true\n"


def test_all_that_readers_copy_is_collected() -> None:
    found = collected(ROOT)
    assert sum(name.startswith("README.md-") for name in found) == (ROOT / "README.md").read_text().count(
        "```dockerfile"
    )
    assert {"examples/debian/Dockerfile", "examples/devcontainer/.devcontainer/Dockerfile"} <= set(found)
    assert {"tests/data/golden/onbuild.Dockerfile", "tests/data/golden/env.Dockerfile"} <= set(found)


def test_a_manual_without_any_is_a_fault_of_the_lint(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("```Dockerfile\nFROM a\n```\n")
    with pytest.raises(SystemExit, match="no Dockerfile"):
        collected(tmp_path)
