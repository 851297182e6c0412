"""The probe: real interpreters asked, and answers that no interpreter gave."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Callable, Dict

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.facts.conftest import Transplant, transplant
from venvboot.facts import probe as probing
from venvboot.facts.probe import parse, probe
from venvboot.model import Probe
from venvboot.system import System

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)
# What the interpreter itself is asked; the rest is told by how it had to be started.
FIELDS = tuple(name for name in Probe.__dataclass_fields__ if name not in ("library_path", "started"))
LISTS = ("site_packages", "schemes", "missing_modules")


def ask(path: str, **environ: str) -> Probe | str:
    return probe(System(environ={"PATH": os.environ["PATH"], **environ}), path)


def script(folder: Path, text: str, name: str = "python3") -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_this_interpreter_says_what_it_is() -> None:
    base = os.path.realpath(sys.executable)
    told = ask(base)
    assert isinstance(told, Probe)
    assert told.version == sys.version_info[:3]
    assert told.implementation == sys.implementation.name
    assert os.path.realpath(told.executable) == base
    assert told.base_prefix == sys.base_prefix
    assert told.stdlib == sysconfig.get_path("stdlib")
    assert told.missing_modules == ()
    assert told.banner == " ".join(sys.version.split())
    assert told.soabi == sysconfig.get_config_var("SOABI")
    assert (told.started, told.library_path, told.standalone) == (True, "", False)


def test_every_python_of_this_machine_answers(pythons: Dict[str, str]) -> None:
    answers = {minor: ask(path) for minor, path in pythons.items()}
    assert {
        minor: ".".join(map(str, told.version[:2])) for minor, told in answers.items() if isinstance(told, Probe)
    } == {minor: minor for minor in pythons}


def test_python_2_is_started_once_with_the_options_it_has(pythons: Dict[str, str], tmp_path: Path) -> None:
    if "2.7" not in pythons:
        pytest.skip("no Python 2.7 on this machine")
    program = os.path.join(os.path.dirname(os.path.realpath(pythons["2.7"])), "python2.7")
    for name, starts in (("python2.7", 1), ("python2", 1), ("python", 2)):
        count = tmp_path / f"of {name}"
        wrapper = script(tmp_path, f'echo >> "{count}"; exec {program} "$@"', name)
        told = ask(wrapper)
        assert isinstance(told, Probe)
        assert told.version[:2] == (2, 7)
        assert count.read_text() == "\n" * starts, name


HOSTILE = "import os, sys; os.write(1, b'let in'); os.write(2, b'let in'); sys.exit(3)"


def test_the_environment_of_the_process_is_not_let_in(tmp_path: Path, pythons: Dict[str, str]) -> None:
    for name in ("sysconfig.py", "os.py", "sitecustomize.py", "usercustomize.py", "_sysconfigdata_x.py"):
        (tmp_path / name).write_text(HOSTILE)
    variables = {
        "PYTHONPATH": str(tmp_path),
        "PYTHONHOME": str(tmp_path),
        "PYTHONSTARTUP": str(tmp_path / "os.py"),
        "VIRTUAL_ENV": str(tmp_path),
        "_PYTHON_SYSCONFIGDATA_NAME": "_sysconfigdata_x",
        "_PYTHON_SYSCONFIGDATA_PATH": str(tmp_path),
        "LC_ALL": "C",
    }
    for minor, path in pythons.items():
        assert isinstance(ask(path, **variables), Probe), minor


def test_modules_in_the_working_directory_are_not_let_in(
    tmp_path: Path, pythons: Dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sysconfig.py", "os.py", "site.py"):
        (tmp_path / name).write_text(HOSTILE)
    monkeypatch.chdir(tmp_path)
    for minor, path in pythons.items():
        assert isinstance(ask(path), Probe), minor


def test_nothing_of_the_site_is_run(transplanted: Transplant) -> None:
    packages = transplanted.stdlib / "site-packages"
    packages.mkdir()
    (packages / "sitecustomize.py").write_text(HOSTILE)
    (packages / "hostile.pth").write_text(f"{HOSTILE}\n")
    control = subprocess.run([transplanted.program, "-B", "-c", ""], capture_output=True, check=False)
    assert b"let in" in control.stdout + control.stderr
    told = ask(str(transplanted.program))
    assert isinstance(told, Probe)
    assert (told.prefix, told.stdlib) == (str(transplanted.prefix), str(transplanted.stdlib))


def test_no_bytecode_is_left_beside_a_library_that_has_none(transplanted: Transplant) -> None:
    assert isinstance(ask(str(transplanted.program)), Probe)
    assert transplanted.bytecode() == []
    subprocess.run([transplanted.program, "-I", "-c", ""], check=True)
    assert transplanted.bytecode() != [], "this interpreter writes none anyway: the test shows nothing"


def test_one_process_is_started(transplanted: Transplant) -> None:
    log = transplanted.count_starts()
    assert isinstance(ask(str(transplanted.program)), Probe)
    assert log.read_text() == "start\n"


def test_the_prefix_it_was_built_for_is_told_although_it_runs_elsewhere(transplanted: Transplant) -> None:
    told = ask(str(transplanted.program))
    assert isinstance(told, Probe)
    assert told.build_prefix == sysconfig.get_config_var("prefix")
    assert told.build_prefix != told.base_prefix


def test_a_tree_whose_name_is_no_utf_8_is_told_as_the_file_system_has_it(tmp_path: Path) -> None:
    prefix = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xc3\xa9"))
    program = transplant(os.path.realpath(sys.executable), prefix).program
    for variables in ({}, {"LC_ALL": "C"}, {"LC_ALL": "C.UTF-8"}, {"LANG": "de_DE.ISO-8859-1"}):
        told = ask(str(program), **variables)
        assert isinstance(told, Probe)
        assert os.fsencode(told.prefix) == os.fsencode(prefix)


def test_a_missing_library_is_looked_for_in_the_tree_and_then_told_as_needed(
    tmp_path: Path, without_its_library: Callable[[Path], Transplant]
) -> None:
    """As in a Software Collection: outside of ``scl enable`` its Python ends with 127."""
    made = without_its_library(tmp_path / "root" / "usr")
    control = subprocess.run([made.program, "-c", ""], capture_output=True, text=True, check=False)
    assert (control.returncode, "error while loading shared libraries: libpython3" in control.stderr) == (127, True)
    told = ask(str(made.program))
    assert isinstance(told, Probe)
    assert told.library_path == str(made.prefix / "lib64")


def test_a_library_that_is_nowhere_is_named(
    tmp_path: Path, without_its_library: Callable[[Path], Transplant]
) -> None:
    made = without_its_library(tmp_path / "usr")
    (library,) = (made.prefix / "lib64").iterdir()
    library.unlink()
    told = ask(str(made.program))
    assert isinstance(told, str)
    assert f"error while loading shared libraries: {library.name}" in told


@pytest.mark.parametrize(
    ("prefix", "enable", "told_path"), [("root/usr", True, True), ("root/usr", False, False), ("usr", True, False)]
)
def test_what_an_enabled_collection_needs_is_told_although_it_starts(
    tmp_path: Path,
    without_its_library: Callable[[Path], Transplant],
    prefix: str,
    *,
    enable: bool,
    told_path: bool,
) -> None:
    made = without_its_library(tmp_path / prefix)
    if enable:
        (tmp_path / "enable").touch()
    folder = str(made.prefix / "lib64")
    told = ask(str(made.program), LD_LIBRARY_PATH=f"/usr/lib/x:{folder}")
    assert isinstance(told, Probe)
    assert told.library_path == (folder if told_path else "")


def test_of_an_unpacked_image_nothing_is_started(tree: Tree, transplanted: Transplant) -> None:
    log = transplanted.count_starts()
    (transplanted.stdlib / "os.py").unlink()  # a link that leads out of the image
    (transplanted.stdlib / "os.py").touch()
    told = probe(System(root=str(transplanted.prefix.parent)), f"/tree/bin/{transplanted.program.name}")
    assert isinstance(told, Probe)
    assert (told.started, told.stdlib) == (False, f"/tree/lib/{transplanted.stdlib.name}")
    assert log.read_text() == ""
    tree.file("/usr/bin/python3", "#!/bin/sh\ntouch /tmp/started\n", 0o755)
    assert probe(tree.system(), "/usr/bin/python3") == "it is a script, and nothing of an unpacked image is started"


def test_a_script_that_hangs_is_ended_sooner_than_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With lower limits than the real ones."""
    assert probing.SCRIPT_TIMEOUT < probing.TIMEOUT
    monkeypatch.setattr(probing, "SCRIPT_TIMEOUT", 0.3)
    begun = time.monotonic()
    assert ask(script(tmp_path, "sleep 30 & wait")) == "exit status 124: no answer within 0.3 seconds"
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("text", ["exec yes", "exec yes >&2", "exec cat /dev/zero"])
def test_a_script_that_prints_garbage_for_ever_is_ended_at_once(tmp_path: Path, text: str) -> None:
    begun = time.monotonic()
    assert ask(script(tmp_path, text)) == "exit status 125: it said more than 1 MiB"
    assert time.monotonic() - begun < probing.SCRIPT_TIMEOUT


def test_an_answer_made_to_end_who_reads_it_is_no_answer(tmp_path: Path) -> None:
    sums = tmp_path / "sums"
    sums.write_text("1" + "+1" * 500_000)
    told = ask(script(tmp_path, f'for last; do :; done; printf %s "$last"; cat {sums}; printf %s "$last"'))
    assert told == "it did not answer like a Python"


def test_a_program_ended_by_a_signal_is_told_so(tmp_path: Path) -> None:
    assert ask(script(tmp_path, "kill -SEGV $$")) == "ended by signal 11: no message"


def test_a_long_complaint_is_cut(tmp_path: Path) -> None:
    told = ask(script(tmp_path, "head -c 100000 /dev/zero | tr '\\0' x >&2; exit 3"))
    assert isinstance(told, str)
    assert len(told) < 600


def test_nothing_is_written_beside_the_interpreter(tmp_path: Path) -> None:
    """A tree of our own, with a standard library that has no bytecode: the probe leaves it as it is."""
    made = tmp_path / "env"
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", str(made)], check=True)
    before = sorted(made.rglob("*"))
    assert isinstance(ask(str(made / "bin" / "python")), Probe)
    assert sorted(made.rglob("*")) == before


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("echo ready; echo broken >&2; exit 3", "exit status 3: broken"),
        ("exit 4", "exit status 4: no message"),
        ("echo Python 3.11.2", "it did not answer like a Python"),
        ('for last; do :; done; echo "$last nonsense $last"', "it did not answer like a Python"),
        ('for last; do :; done; echo "$last {} $last"', "it did not answer like a Python"),
    ],
)
def test_a_program_that_is_no_python_is_told_with_its_reason(tmp_path: Path, text: str, reason: str) -> None:
    assert ask(script(tmp_path, text)) == reason


def test_what_cannot_be_started_is_told_with_the_systems_reason(tmp_path: Path) -> None:
    broken = tmp_path / "python3"
    broken.write_bytes(b"\x7fELF")
    broken.chmod(0o755)
    assert ask(str(broken)) == "exit status 127: Exec format error"
    assert ask(str(tmp_path / "none")) == "exit status 127: No such file or directory"


def test_an_environment_of_a_virtualenv_before_20_tells_with_its_bases_library(transplanted: Transplant) -> None:
    """It has a part of the standard library only, and its own site.py would lead to the rest."""
    for module in transplanted.stdlib.glob("*sysconfig*"):
        shutil.rmtree(module) if module.is_dir() else module.unlink()
    assert ask(str(transplanted.program)).__class__ is str
    (transplanted.stdlib / "orig-prefix.txt").write_text(sys.base_prefix)
    found = ask(str(transplanted.program))
    assert isinstance(found, Probe)
    assert (found.version, found.missing_modules) == (sys.version_info[:3], ())


def test_an_answer_is_read_back(make_probe: Callable[..., Probe]) -> None:
    told = make_probe(missing_modules=("json",), prerelease="rc1")
    assert parse(repr(asdict(told))) == told


@pytest.mark.parametrize(
    ("level", "serial", "told"), [("alpha", 1, "a1"), ("beta", 2, "b2"), ("candidate", 3, "rc3"), ("final", 0, "")]
)
def test_what_is_not_final_is_told_as_its_version_has_it(
    repository: Path, level: str, serial: int, told: str
) -> None:
    source = (repository / "venvboot/facts/probe_target.py").read_text()
    function = re.search(r"^def prerelease.*?(?=^def )", source, re.MULTILINE | re.DOTALL)
    assert function is not None
    space: Dict[str, Any] = {"sys": SimpleNamespace(version_info=(3, 15, 0, level, serial))}
    exec(function.group(), space)
    assert space["prerelease"]() == told


@given(st.text() | LITERALS.map(repr))
@example("{[]: 1}")
@example("{{}}")
@example("{'a': {[1]}}")
@example("(" * 5000)
@example("-" * 5000 + "1")
@example("{**{}}")
@example("\0")
@example("'\ud800'")
@example("1" * 5000)
def test_any_other_text_is_no_answer_and_raises_nothing(text: str) -> None:
    assert parse(text) is None


def _can_be_a_path(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value and not re.search("[\ud800-\udc7f\udd00-\udfff]", value)


@given(st.sampled_from(FIELDS), LITERALS)
@example("version", (3, 11))
@example("version", (3, 11, -1))
@example("version", (3, 11, True))
@example("version", (3, 11, 10**9))
@example("standalone", 1)
@example("prefix", "/usr/\0")
@example("prefix", "/opt/\udcff")
@example("prefix", "/opt/\ud800")
@example("version", [3, 11, 2])
@example("version", ("3", "11", "2"))
@example("stdlib", None)
@example("schemes", "deb_system")
@example("site_packages", [b"/usr/lib"])
def test_an_answer_with_a_value_of_another_type_is_none(
    make_probe: Callable[..., Probe], name: str, value: Any
) -> None:
    usual: Dict[str, Any] = asdict(make_probe())
    told = parse(repr({**usual, name: value}))
    if name == "standalone" and isinstance(value, bool):
        assert told == make_probe(standalone=value)
    elif name == "prerelease" and value:
        assert told is None
    elif isinstance(usual[name], str) and _can_be_a_path(value):
        assert told == make_probe(**{name: value})
    elif name in LISTS and isinstance(value, (list, tuple)) and all(map(_can_be_a_path, value)):
        assert told == make_probe(**{name: tuple(value)})
    else:
        assert told is None


@pytest.mark.parametrize("changed", [{"prefix": "x" * 40_000}, {"schemes": ("x",) * 1000}])
def test_an_overlong_answer_is_none(make_probe: Callable[..., Probe], changed: Dict[str, Any]) -> None:
    assert parse(repr(asdict(make_probe(**changed)))) is None


def test_an_answer_without_one_of_the_facts_is_none(make_probe: Callable[..., Probe]) -> None:
    usual = asdict(make_probe())
    for name in FIELDS:
        assert parse(repr({key: value for key, value in usual.items() if key != name})) is None, name
