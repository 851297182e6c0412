"""The start-up hook: umask 002 for pip's own command lines, and nothing for any other start."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot import hook
from venvboot.model import site_packages

Umask = Callable[..., int]
VERSION = "{}.{}.{}".format(*sys.version_info)

# What stands for a program prints the umask it was started with; site-packages has them as modules too.
PRINTS = "import os; print('umask', oct(os.umask(0)))\n"
FLAGS = st.sampled_from(
    [
        "-I",
        "-B",
        "-S",
        "-E",
        "-s",
        "-u",
        "-v",
        "-O",
        "-OO",
        "-bb",
        "-IB",
        "-q",
        "-P",
        "-X",
        "-W",
        "-Werror",
        "-Xdev",
        "-BXdev",
        "-IWm",
        "--check-hash-based-pycs",
    ]
)
VALUES = st.sampled_from(["-m", "m", "pip", "importtime", "error", "always"])
NEEDS_VALUE = ("-X", "-W", "--check-hash-based-pycs")


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real environment without pip, with the hook as it is installed and programs in place of pip's."""
    made = tmp_path_factory.mktemp("hook") / "env"
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", str(made)], check=True)
    site = Path(site_packages(str(made), VERSION, "cpython"))
    for name, content in hook.files().items():
        (site / name).write_text(content)
    for name in ("pip", "pipx", "app", "pipdeptree"):
        (site / name).mkdir()
        (site / name / "__init__.py").write_text("")
        (site / name / "__main__.py").write_text(PRINTS)
    (site / "pip" / "__pip-runner__.py").write_text(PRINTS)
    for name in ("pip", "pip3", "pip3.11", "pip-3.11", "pipx", "app", "pip-compile", "mypip", "pip_tool"):
        (made / "bin" / name).write_text(f"#!{made}/bin/python\n{PRINTS}")
        (made / "bin" / name).chmod(0o755)
    return made


@pytest.fixture
def umask(environment: Path, known_umask: None) -> Umask:  # noqa: ARG001  # for its effect
    """Start the environment's Python with the given words under umask 022; say which umask the program had."""

    def start(*words: str, program: str = "bin/python", cwd: Optional[Path] = None, **environ: str) -> int:
        done = subprocess.run(
            [str(environment / program), *words],
            env=environ,
            cwd=cwd or environment,
            capture_output=True,
            text=True,
            check=False,
        )
        told = re.search(r"umask 0o(\d+)", done.stdout)
        assert told, done
        return int(told.group(1), 8)

    return start


@pytest.mark.parametrize(
    "line",
    [
        "-m pip",
        "-mpip",
        "-m pip install x",
        "-I -m pip",
        "-I -B -m pip",
        "-IBm pip",
        "-W ignore -m pip",
        "-Wignore -m pip",
        "-X utf8 -m pip",
        "-Xutf8 -Impip",
        "-X utf8 -W ignore -I -m pip",
        "--check-hash-based-pycs never -m pip",
        "bin/pip",
        "bin/pip3",
        "bin/pip3.11",
        "bin/pip-3.11",
        "-I bin/pip install",
        "SITE/pip/__main__.py",
        "SITE/pip/__pip-runner__.py install",
    ],
)
def test_pip_s_own_command_lines_get_umask_002(umask: Umask, environment: Path, line: str) -> None:
    site = site_packages(str(environment), VERSION, "cpython")
    assert umask(*line.replace("SITE", site).split()) == 0o002


@pytest.mark.parametrize("name", ["pip", "pip3", "pip3.11", "pip-3.11"])
def test_pip_s_scripts_get_it_by_their_own_first_line(umask: Umask, name: str) -> None:
    assert umask(program=f"bin/{name}") == 0o002


@pytest.mark.parametrize(
    "line",
    [
        "-m app",
        "-m app pip",
        "-m pipx",
        "-m pipdeptree",
        "-W ignore -m app -m pip",
        "-X utf8 -m app",
        "bin/app",
        "bin/app pip install",
        "bin/app -m pip",
        "bin/pipx",
        "bin/pip-compile",
        "bin/mypip",
        "bin/pip_tool",
    ],
)
def test_any_other_start_keeps_its_umask(umask: Umask, line: str) -> None:
    assert umask(*line.split()) == 0o022


@pytest.mark.parametrize("program", [PRINTS, PRINTS + "# -m pip"])
def test_a_program_given_in_words_keeps_its_umask(umask: Umask, program: str) -> None:
    assert umask("-c", program, "pip") == 0o022
    assert umask("-c", program, "-m", "pip") == 0o022


def test_a_program_of_which_the_folder_is_called_pip_keeps_its_umask(umask: Umask, tmp_path: Path) -> None:
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip" / "tool.py").write_text(PRINTS)
    assert umask("pip/tool.py", cwd=tmp_path) == 0o022


def test_a_folder_called_pip_run_as_a_program_is_pip_s(umask: Umask, environment: Path) -> None:
    """What ``python /path/to/pip`` starts is pip's __main__ as well (pip's own way out of a broken environment)."""
    site = site_packages(str(environment), VERSION, "cpython")
    assert umask(f"{site}/pip", "install") == 0o002


def test_no_site_and_so_no_hook_with_option_s(umask: Umask) -> None:
    assert umask("-S", "bin/pip") == 0o022


def test_an_odd_start_without_argv_is_no_fault(environment: Path) -> None:
    """Embedded interpreters have no sys.argv when site runs; the line of the .pth file must not raise then."""
    line = next(text for name, text in hook.files().items() if name.endswith(".pth"))
    for argv in ("del sys.argv", "sys.argv = []", "sys.argv = ['']", "sys.argv = None"):
        done = subprocess.run(
            [str(environment / "bin/python"), "-I", "-c", f"import sys; {argv}; exec({line!r})"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), argv


def test_the_pth_file_is_one_line_that_site_executes() -> None:
    (pth,) = [text for name, text in hook.files().items() if name.endswith(".pth")]
    assert pth.startswith("import ")
    assert pth.count("\n") <= 1


@pytest.fixture(params=["2.7", *(f"3.{minor}" for minor in range(6, 14))])
def started(request: pytest.FixtureRequest, pythons: Dict[str, str], tmp_path: Path, known_umask: None) -> Umask:  # noqa: ARG001  # for its effect
    """Start each real Python with the hook in its user's site-packages; real environments of each take seconds."""
    if request.param not in pythons:
        pytest.skip(f"no Python {request.param} on this machine")
    site = Path(site_packages(str(tmp_path), f"{request.param}.0", "cpython"))
    for name in ("pip", "app"):
        (site / name).mkdir(parents=True)
        (site / name / "__init__.py").write_text("")
        (site / name / "__main__.py").write_text(PRINTS)
    for name, content in hook.files().items():
        (site / name).write_text(content)
    for name in ("pip", "pip2.7", "pip-3.6", "pip-compile"):
        (tmp_path / name).write_text(PRINTS)

    def start(*words: str) -> int:
        done = subprocess.run(
            [os.path.realpath(pythons[request.param]), *words],  # in an environment there is no user's
            env={"PYTHONUSERBASE": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), done
        return int(re.sub("[^0-7]", "", done.stdout), 8)

    return start


@pytest.mark.parametrize(
    "line", ["-m pip", "-mpip install", "-W ignore -m pip", "-Bm pip", "pip install", "-B pip2.7", "-Wignore pip-3.6"]
)
def test_pip_s_own_command_lines_get_umask_002_on_every_python(started: Umask, line: str) -> None:
    assert started(*line.split()) == 0o002


@pytest.mark.parametrize(
    "line", ["-m app", "-m app pip", "-W ignore -mapp -m pip", "pip-compile", "-B pip-compile -m pip"]
)
def test_any_other_start_keeps_its_umask_on_every_python(started: Umask, line: str) -> None:
    assert started(*line.split()) == 0o022


def test_a_program_given_in_words_keeps_its_umask_on_every_python(started: Umask) -> None:
    assert started("-c", PRINTS, "-m", "pip") == 0o022
    assert started("-Bc", PRINTS, "pip") == 0o022


def test_the_hook_is_clean_under_warnings_as_errors_on_every_python(started: Umask) -> None:
    assert started("-W", "error", "pip") == 0o002


@pytest.fixture(scope="session")
def module() -> Any:
    """The hook as a module, for the reading of command lines alone; it changes nothing unless applied."""
    path = Path(hook.__file__).parent / "_venvboot_pip.py"
    spec = importlib.util.spec_from_file_location("_venvboot_pip", path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def read(module: Any, words: List[str]) -> Any:
    """Let the module read a command line as CPython hands it on (``sys.orig_argv``)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "orig_argv", words, raising=False)
        return module._started(module._command_line())


@given(
    st.lists(st.tuples(FLAGS, VALUES), max_size=4),
    st.sampled_from(["pip", "app", "pip.x"]),
    st.sampled_from(["-m", "-Im", "-BIm"]),
    st.booleans(),
    st.lists(st.sampled_from(["-m", "pip", "install", "-X", "--"]), max_size=3),
)
@example([("-X", "-m"), ("-W", "m")], "app", "-m", False, ["-m", "pip"])
def test_the_module_is_read_past_all_options_and_their_values(
    module: Any, options: List[Any], name: str, flag: str, joined: bool, rest: List[str]
) -> None:
    words = [word for option, value in options for word in ((option, value) if option in NEEDS_VALUE else (option,))]
    last = [flag + name] if joined else [flag, name]
    assert read(module, ["/opt/venv/bin/python", *words, *last, *rest]) == name


@given(st.lists(st.text(max_size=4) | FLAGS | VALUES, max_size=6))
@example([])
@example(["python", "-m"])
@example(["python", "-X"])
@example(["python", "--check-hash-based-pycs"])
@example(["python", "-"])
def test_any_command_line_is_read_without_a_fault(module: Any, words: List[str]) -> None:
    told = read(module, words)
    assert told == "" or any(told in word for word in words)


@given(
    st.lists(FLAGS.filter(lambda flag: flag not in NEEDS_VALUE), max_size=3),
    st.sampled_from(["app.py", "-", "bin/pip"]),
)
def test_behind_a_program_nothing_is_an_option(module: Any, flags: List[str], program: str) -> None:
    assert read(module, ["python", *flags, program, "-m", "pip"]) == program


@given(st.lists(FLAGS.filter(lambda flag: flag not in NEEDS_VALUE and "m" not in flag), max_size=3))
def test_behind_the_words_of_a_program_nothing_is_an_option(module: Any, flags: List[str]) -> None:
    assert read(module, ["python", *flags, "-c", "pass", "-m", "pip"]) == ""


def test_the_words_of_a_server_that_embeds_python_are_not_read(module: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(sys, "argv")
        assert module._started(["/usr/sbin/uwsgi", "--ini", "pip"]) == ""
        assert module._started(["/opt/venv/bin/python3", "pip"]) == "pip"


def test_without_orig_argv_the_process_s_own_record_is_read(module: Any) -> None:
    """Python 3.9."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(sys, "orig_argv", raising=False)
        assert [os.fsencode(word) for word in module._command_line()] == Path(
            "/proc/self/cmdline"
        ).read_bytes().split(b"\0")


def test_any_other_start_pays_a_third_of_a_millisecond_at_most(tmp_path: Path) -> None:
    """What site does with the file at each start: read it, and run its line, where the command line isn't pip's."""
    for name, content in hook.files().items():
        (tmp_path / name).write_text(content)
    program = (
        "import site, statistics, sys, time\n"
        "times = []\n"
        "for _ in range(201):\n"
        "    begin = time.perf_counter()\n"
        "    site.addpackage(sys.argv[1], 'venvboot_pip.pth', set())\n"
        "    times.append(time.perf_counter() - begin)\n"
        "assert '_venvboot_pip' not in sys.modules\n"
        "print(statistics.median(times) * 1000)\n"
    )
    script = tmp_path / "serve.py"
    script.write_text(program)
    told = subprocess.run([sys.executable, script, tmp_path], capture_output=True, text=True, check=True).stdout
    assert float(told) <= 0.3
