"""Lines for a Dockerfile, a shell and an env file: literal values, one variable a line."""

from __future__ import annotations

import subprocess
from typing import Callable

import pytest

from venvboot.policy.image_config import image_config
from venvboot.render import dockerfile

CONFIG = image_config("/opt/venv")
PATH = "/usr/local/bin:/usr/bin:/bin"


def test_the_printed_lines_are_the_golden_ones(golden: Callable[[str, str], None]) -> None:
    golden("env.Dockerfile", dockerfile.env_lines(CONFIG))
    golden("env_sh.txt", dockerfile.shell(CONFIG))
    golden("env.env", dockerfile.env_file(CONFIG, PATH))


def test_no_line_expands_what_another_of_them_sets() -> None:
    for line in dockerfile.env_lines(CONFIG).splitlines():
        assert line.startswith("ENV ")
        assert "$VIRTUAL_ENV" not in line


def test_a_shell_that_evaluates_the_lines_finds_the_environment_first() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'{dockerfile.shell(CONFIG)}\necho "$VIRTUAL_ENV $PATH $PYTHONNOUSERSITE"'],
        env={"PATH": "/bin dir:/usr/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "/opt/venv /opt/venv/bin:/bin dir:/usr/bin 1\n"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (PATH, f"/opt/venv/bin:{PATH}"),
        (f"/opt/venv/bin:{PATH}", f"/opt/venv/bin:{PATH}"),
        (f"/bin:/opt/venv/bin:{PATH}", f"/opt/venv/bin:/bin:{PATH}"),
        ("/bin::/usr/bin:", "/opt/venv/bin:/bin:/usr/bin"),
        ("", "/opt/venv/bin"),
    ],
)
def test_an_env_file_has_path_written_out_with_the_environment_once(path: str, told: str) -> None:
    lines = dockerfile.env_file(CONFIG, path).splitlines()
    assert f"PATH={told}" in lines
    assert not any("$" in line for line in lines)


def test_every_form_says_the_same_variables() -> None:
    forms = (dockerfile.env_lines(CONFIG), dockerfile.shell(CONFIG), dockerfile.env_file(CONFIG, PATH))
    names = [[line.partition("=")[0].split()[-1] for line in form.splitlines()] for form in forms]
    assert names == [["VIRTUAL_ENV", "PATH", "PYTHONNOUSERSITE"]] * 3
