"""The base that a user names: by a version, by a path, or by an environment that was made from it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Callable, Dict

import pytest

from venvboot.commands import judged
from venvboot.errors import Unsupported, UsageError
from venvboot.system import System

Venv = Callable[..., Path]


@pytest.fixture
def venv(pythons: Dict[str, str], tmp_path: Path) -> Venv:
    """Make a real environment without pip and return its Python; the base is this machine's newest that has venv."""
    base = os.path.realpath(pythons[max((minor for minor in pythons if minor != "2.7"), key=_numbers)])

    def make(name: str, *options: str, base: str = base) -> Path:
        command = [base, "-I", "-m", "venv", "--without-pip", *options, str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"{base} can't make environments here: {done.stderr}")
        return tmp_path / name / "bin/python"

    return make


def _numbers(minor: str) -> tuple[int, ...]:
    return tuple(map(int, minor.split(".")))


def system() -> System:
    return System(environ={"PATH": os.environ["PATH"]})


def refused(wish: str) -> tuple[str, str, str]:
    with pytest.raises(Unsupported) as caught:
        judged.base(system(), wish)
    finding = caught.value.findings[0]
    return finding.code, finding.message, finding.evidence


def test_a_path_is_taken_as_it_is() -> None:
    base = os.path.realpath(sys.base_prefix + "/bin/python{}.{}".format(*sys.version_info))
    found, why = judged.base(system(), base)
    assert (found.real_path, why) == (base, "it was named")
    assert found.version == sys.version_info[:3]


def test_a_version_is_one_of_the_image() -> None:
    minor = "{}.{}".format(*sys.version_info)
    found, why = judged.base(system(), minor)
    assert found.version
    assert found.version[:2] == sys.version_info[:2]
    assert not found.facts.candidate.venv
    assert minor in why or "first python3 on PATH" in why


@pytest.mark.parametrize("options", [(), ("--copies",), ("--symlinks", "--system-site-packages")])
def test_an_environment_stands_for_its_base(venv: Venv, options: tuple[str, ...]) -> None:
    python = venv("one", *options)
    home = next(
        line[7:] for line in (python.parents[1] / "pyvenv.cfg").read_text().splitlines() if line[:7] == "home = "
    )
    found, why = judged.base(system(), str(python))
    assert why == f"it is the base of {python}"
    assert not found.facts.candidate.venv
    assert os.path.dirname(found.path) == home
    assert os.path.basename(found.path) != "python"


@pytest.mark.parametrize("options", [(), ("--copies",)])
def test_an_environment_of_an_environment_stands_for_the_base_of_both(venv: Venv, options: tuple[str, ...]) -> None:
    outer = venv("outer", *options)
    inner = venv("inner", *options, base=str(outer))
    # Later releases of venv name the base at once; older ones and other tools name the environment.
    config = inner.parents[1] / "pyvenv.cfg"
    lines = [
        line for line in config.read_text().splitlines() if not line.startswith(("home", "executable", "command"))
    ]
    config.write_text("\n".join([f"home = {outer.parent}", *lines]) + "\n")
    assert judged.base(system(), str(inner))[0].path == judged.base(system(), str(outer))[0].path


def test_a_base_that_is_gone_is_told(venv: Venv, tmp_path: Path) -> None:
    python = venv("one", "--copies")
    config = python.parents[1] / "pyvenv.cfg"
    config.write_text(f"home = {tmp_path}/gone\n")
    assert refused(str(python)) == (
        "no-interpreter",
        f"the base of {python} is gone",
        f"{config} has home = {tmp_path}/gone, and no interpreter stands there",
    )


def test_environments_that_name_each_other_have_no_base(venv: Venv) -> None:
    one, two = venv("one", "--copies"), venv("two", "--copies")
    for mine, other in ((one, two), (two, one)):
        (mine.parents[1] / "pyvenv.cfg").write_text(f"home = {other.parent}\n")
    assert refused(str(one))[:2] == ("no-interpreter", f"the base of {one} is gone")


def test_one_that_is_refused_tells_its_own_reason(tmp_path: Path) -> None:
    program = tmp_path / "bin/python3"
    program.parent.mkdir()
    program.write_bytes(b"\x7fELF" + bytes(12))
    program.chmod(0o755)
    code, message, _ = refused(str(program))
    assert (code, message) == ("interpreter-not-startable", f"{program} does not start")


@pytest.mark.parametrize(
    ("content", "why"), [(None, "nothing stands there"), ("text", "it is not an executable program")]
)
def test_a_path_without_an_interpreter_is_told(tmp_path: Path, content: str | None, why: str) -> None:
    path = tmp_path / "python3"
    if content:
        path.write_text(content)
    assert refused(str(path)) == ("no-interpreter", f"there is no interpreter at {path}", why)


def test_nonsense_is_a_usage_error() -> None:
    with pytest.raises(UsageError):
        judged.base(system(), "3.x")
