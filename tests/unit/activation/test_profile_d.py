"""The profile.d file, read by real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Callable, Dict, List

import pytest

from venvboot.activation import profile_d

DEST = "/opt/venv"
BIN = f"{DEST}/bin"
SHELLS = {name: shutil.which(name.split()[0]) for name in ("sh", "dash", "bash", "busybox sh")}

Source = Callable[..., Dict[str, str]]


@pytest.fixture(params=SHELLS, ids=lambda name: str(name).replace(" ", "-"))
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    """Read the file in a shell under ``set -eu`` with nothing but the given environment; say what is set."""
    program = SHELLS[request.param]
    if program is None:
        pytest.skip(f"no {request.param} on this machine")
    shell = [program, *request.param.split()[1:]]
    file = tmp_path / "zz-venvboot.sh"
    file.write_text(profile_d.pieces(DEST)[0].text)

    def run(environ: Dict[str, str], *, times: int = 1, unset: str = "") -> Dict[str, str]:
        env = shutil.which("env") or "/usr/bin/env"
        lines = [f"unset {unset}"] if unset else []
        lines += ["set -eu", *[f". '{file}'"] * times, f"exec {env}"]
        done = subprocess.run(
            [*shell, "-c", "\n".join(lines)], env=environ, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        told = dict(line.split("=", 1) for line in done.stdout.splitlines())
        return {name: told[name] for name in ("VIRTUAL_ENV", "PATH", "PYTHONNOUSERSITE") if name in told}

    return run


def active(path: str, venv: str = DEST) -> Dict[str, str]:
    return {"VIRTUAL_ENV": venv, "PATH": path, "PYTHONNOUSERSITE": "1"}


def test_a_login_shell_finds_the_environment_first(source: Source) -> None:
    assert source({"PATH": "/usr/bin:/bin"}) == active(f"{BIN}:/usr/bin:/bin")


def test_it_works_in_an_empty_environment(source: Source) -> None:
    """A shell sets a PATH of its own where it gets none; here there is none at all."""
    assert source({}, unset="PATH VIRTUAL_ENV") == active(BIN)


def test_an_empty_path_gets_no_empty_entry_which_would_be_the_working_directory(source: Source) -> None:
    assert source({"PATH": ""}) == active(BIN)


@pytest.mark.parametrize("path", ["/usr/bin:/bin", f"/usr/bin:{BIN}", ""])
def test_read_twice_it_adds_nothing_twice(source: Source, path: str) -> None:
    assert source({"PATH": path}, times=2) == source({"PATH": path})


@pytest.mark.parametrize("path", [f"{BIN}:/bin", f"/bin:{BIN}", f"/sbin:{BIN}:/bin"])
def test_where_the_environment_is_on_path_already_the_order_is_kept(source: Source, path: str) -> None:
    assert source({"PATH": path}) == active(path)
    assert source({"PATH": path, "VIRTUAL_ENV": DEST}) == active(path)


def test_another_environment_that_is_active_is_left_alone(source: Source) -> None:
    environ = {"PATH": "/srv/env/bin:/bin", "VIRTUAL_ENV": "/srv/env"}
    assert source(environ) == active("/srv/env/bin:/bin", "/srv/env")


def test_another_environment_whose_path_was_reset_is_not_active(source: Source) -> None:
    """Debian's /etc/profile sets PATH anew: VIRTUAL_ENV alone would name one thing and start another."""
    assert source({"PATH": "/bin", "VIRTUAL_ENV": "/srv/env"}) == active(f"{BIN}:/bin")


@pytest.mark.parametrize("value", ["", DEST])
def test_the_variable_without_the_path_is_completed(source: Source, value: str) -> None:
    assert source({"PATH": "/bin", "VIRTUAL_ENV": value}) == active(f"{BIN}:/bin")


def test_a_folder_that_only_contains_the_name_is_not_taken_for_it(source: Source) -> None:
    path = f"{BIN}x:/srv{BIN}:{DEST}"
    assert source({"PATH": path}) == active(f"{BIN}:{path}")


def test_pattern_letters_in_path_are_letters(source: Source) -> None:
    assert source({"PATH": "*:/opt/?env/bin:/bin"}) == active(f"{BIN}:*:/opt/?env/bin:/bin")


def test_run_parts_reads_the_file() -> None:
    """Debian 13 takes names of letters, digits and ``._-`` that end in .sh, in their order."""
    name = os.path.basename(profile_d.PATH)
    others: List[str] = ["bash_completion.sh", "01-locale-fix.sh", "lang.sh", "vte.sh", "zlib.sh"]
    assert max([name, *others]) == name
    assert name.replace(".", "").replace("-", "").replace("_", "").isalnum()
    assert name.endswith(".sh")
