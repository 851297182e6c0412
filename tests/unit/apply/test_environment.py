"""What virtualenv is told, and the start-up hook: placed, shared, and compiled by the Python that runs it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Dict

import pytest

from venvboot import hook
from venvboot.actions import InstallHook
from venvboot.apply import environment
from venvboot.errors import ToolFailed
from venvboot.model import site_packages
from venvboot.system import System

VERSION = "{}.{}.{}".format(*sys.version_info)


@pytest.fixture
def made(tmp_path: Path) -> InstallHook:
    """A real environment without pip; site-packages holds the hooks of virtualenv and of setuptools as well."""
    dest = str(tmp_path / "env")
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", dest], check=True)
    folder = site_packages(dest, VERSION, "cpython")
    Path(folder, "_distutils_hack").mkdir()
    for name in ("_virtualenv.py", "_distutils_hack/__init__.py"):
        Path(folder, name).write_text("")
        Path(folder, name).chmod(0o664)
    return InstallHook(dest, f"{dest}/bin/python", folder)


def test_virtualenv_is_told_nothing_of_others_settings() -> None:
    mine = {"PATH": "/bin", "LANG": "C.UTF-8", "https_proxy": "http://proxy"}
    others = {"PYTHONPATH": "/x", "VIRTUALENV_SYSTEM_SITE_PACKAGES": "1", "PIP_TARGET": "/x", "PYTHONHOME": "/x"}
    told = environment.clean_environment({**mine, **others, "VIRTUALENV_CONFIG_FILE": "/x"}, "/data")
    ours = {
        "PYTHONDONTWRITEBYTECODE": "1",
        "VIRTUALENV_CONFIG_FILE": "/dev/null",
        "VIRTUALENV_OVERRIDE_APP_DATA": "/data",
    }
    assert told == {**mine, **ours}


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ({}, "/opt/rh/lib64"),
        ({"LD_LIBRARY_PATH": "/a:/b"}, "/opt/rh/lib64:/a:/b"),
        ({"LD_LIBRARY_PATH": ""}, "/opt/rh/lib64"),
    ],
)
def test_the_libraries_of_the_base_come_first(present: Dict[str, str], expected: str) -> None:
    told = environment.clean_environment(present, "/data", "/opt/rh/lib64")
    assert told["LD_LIBRARY_PATH"] == expected
    untouched = environment.clean_environment(present, "/data")
    assert untouched.get("LD_LIBRARY_PATH") == present.get("LD_LIBRARY_PATH")


@pytest.mark.usefixtures("known_umask")
def test_the_hook_is_placed_and_compiled_for_the_group(made: InstallHook) -> None:
    os.umask(0o077)
    environment.install_hook(System(), made, VERSION)
    folder = Path(made.site_packages)
    for name, content in hook.files().items():
        assert (folder / name).read_text() == content
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o664
    compiled = {path.name.split(".")[0]: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("__pycache__/*")}
    assert compiled == {"_venvboot_pip": 0o664, "_virtualenv": 0o664, "__init__": 0o664}
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o020 for path in folder.rglob("__pycache__"))


def test_what_stands_in_the_caller_s_way_is_not_run(made: InstallHook, tmp_path: Path) -> None:
    (tmp_path / "py_compile.py").write_text("raise SystemExit('hijacked')\n")
    Path(made.site_packages, "other.pth").write_text("import sys; sys.exit('hijacked')\n")
    environment.install_hook(System(environ={"PYTHONPATH": str(tmp_path)}), made, VERSION)


@pytest.mark.parametrize(
    ("version", "options"), [("3.8.18", "-I -S -B -c"), ("2.7.18", "-E -s -B -c")], ids=["Python 3", "Python 2"]
)
def test_a_script_in_place_of_python_is_given_its_libraries_and_isolating_options(
    made: InstallHook, tmp_path: Path, version: str, options: str
) -> None:
    script, said = tmp_path / "python", tmp_path / "said"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$LD_LIBRARY_PATH" "$*" >{said}\n')
    script.chmod(0o755)
    system = System(environ={"LD_LIBRARY_PATH": "/a", "PATH": "/usr/bin:/bin"})
    environment.install_hook(system, replace(made, python=str(script)), version, "/opt/rh/lib64")
    libraries, words = said.read_text().split("\n", 1)
    assert libraries == "/opt/rh/lib64:/a"
    assert words.startswith(options + " import py_compile")


def test_a_python_that_does_not_start_is_told_with_its_last_words(made: InstallHook) -> None:
    Path(made.python).unlink()
    Path(made.python).write_text(
        "#!/bin/sh\necho 'libpython2.7.so.1.0: cannot open shared object file' >&2\nexit 127\n"
    )
    Path(made.python).chmod(0o755)
    with pytest.raises(ToolFailed) as caught:
        environment.install_hook(System(), made, VERSION)
    (finding,) = caught.value.findings
    assert (finding.code, finding.subject) == ("environment-not-startable", made.python)
    assert "libpython2.7.so.1.0" in finding.evidence
