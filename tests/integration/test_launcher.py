"""The sh launcher under each shell, with real interpreters behind it, and the gate that stands after it."""

from __future__ import annotations

import glob
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Tuple

import pytest

Versions = Dict[Tuple[int, int], str]
PLAIN = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"}


def run(
    argv: List[str], env: Optional[Mapping[str, str]] = None, cwd: str = "/", user: int = 0
) -> subprocess.CompletedProcess[str]:
    identity = {"user": user, "group": 0, "extra_groups": []} if user else {}
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        argv, env=PLAIN if env is None else env, cwd=cwd, capture_output=True, text=True, check=False, **identity
    )


def told(done: subprocess.CompletedProcess[str]) -> Tuple[str, str, str]:
    assert (done.returncode, done.stderr) == (0, "")
    executable, flags, argv = done.stdout.splitlines()
    return executable, flags, argv


def link(target: str, *names: Path) -> None:
    for name in names:
        name.parent.mkdir(parents=True, exist_ok=True)
        name.symlink_to(target)


def need(versions: Versions, *wanted: Tuple[int, int]) -> List[str]:
    for version in wanted:
        if version not in versions:
            pytest.skip("no Python {}.{} on this machine".format(*version))
    return [versions[version] for version in wanted]


def test_passes_arguments_on_unchanged(teller: str, shell: List[str]) -> None:
    words = ["", "a b", "*", "$HOME", "-c", "--", "ü", "line\nline"]
    executable, flags, argv = told(run([*shell, teller, *words], {**PLAIN, "LC_ALL": "C.UTF-8"}))
    assert flags.split()[1:] == ["1", "1", "1"]
    assert argv == repr([teller, *words])
    assert os.path.isabs(executable)


def test_runs_by_its_own_first_line(teller: str) -> None:
    told(run([teller]))


@pytest.mark.parametrize("path", [None, "", ":", ".", "::.:relative/bin", "/nonexistent:/also not"])
def test_finds_a_python_off_path(teller: str, shell: List[str], path: Optional[str]) -> None:
    env = {"HOME": "/nonexistent"} if path is None else {"HOME": "/nonexistent", "PATH": path}
    program = shutil.which(shell[0])
    assert program
    told(run([program, *shell[1:], teller], env))


def test_path_is_taken_in_order(teller: str, shell: List[str], every_python: Versions, tmp_path: Path) -> None:
    first, second = need(every_python, (3, 10), (3, 12))
    link(first, tmp_path / "a" / "python3")
    link(second, tmp_path / "b" / "python3", tmp_path / "b" / "python3.12")
    done = run([shutil.which(shell[0]) or "", *shell[1:], teller], {"PATH": f"{tmp_path}/a:{tmp_path}/b:/usr/bin"})
    assert told(done)[0] == f"{tmp_path}/a/python3"


@pytest.mark.parametrize("old", [(2, 7), (3, 6), (3, 8)])
def test_old_python3_gives_way_to_the_newest_on_path(
    teller: str, shell: List[str], every_python: Versions, tmp_path: Path, old: Tuple[int, int]
) -> None:
    too_old, older, newer = need(every_python, old, (3, 9), (3, 12))
    link(too_old, tmp_path / "a" / "python3")
    link(older, tmp_path / "a" / "python3.9")
    link(newer, tmp_path / "b" / "python3.12")
    done = run([shutil.which(shell[0]) or "", *shell[1:], teller], {"PATH": f"{tmp_path}/a:{tmp_path}/b"})
    assert told(done)[0] == f"{tmp_path}/b/python3.12"


def test_newest_off_path_wins_when_path_has_only_an_old_one(
    teller: str, shell: List[str], every_python: Versions, tmp_path: Path
) -> None:
    old, new = need(every_python, (3, 8), (3, 13))
    link(old, tmp_path / "bin" / "python3")
    link(new, tmp_path / "my root" / "versions" / "3.13.0" / "bin" / "python3.13")
    env = {"PATH": f"{tmp_path}/bin", "HOME": "/nonexistent", "PYENV_ROOT": f"{tmp_path}/my root"}
    executable, flags, _ = told(run([shutil.which(shell[0]) or "", *shell[1:], teller], env))
    newer = glob.glob("/opt/*/bin/python3.1[4-9]") + glob.glob("/usr/bin/python3.1[4-9]")
    assert executable != f"{tmp_path}/bin/python3"
    assert flags.startswith("3.13") or newer


def test_a_virtual_environment_is_the_last_resort(teller: str, every_python: Versions, tmp_path: Path) -> None:
    inside, outside = need(every_python, (3, 13), (3, 9))
    subprocess.run([inside, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    link(outside, tmp_path / "bin" / "python3")
    env = {**PLAIN, "PATH": f"{tmp_path}/venv/bin:{tmp_path}/bin"}
    assert told(run([teller], env))[0] == f"{tmp_path}/bin/python3"


def test_a_shim_is_not_started_while_there_is_a_real_interpreter(teller: str, tmp_path: Path) -> None:
    shim = tmp_path / "shims" / "python3"
    shim.parent.mkdir()
    shim.write_text(f"#!/bin/sh\necho started >>'{tmp_path}/log'\nexit 1\n")
    shim.chmod(0o755)
    told(run([teller], {**PLAIN, "PATH": f"{tmp_path}/shims:/usr/bin:/bin"}))
    assert not (tmp_path / "log").exists()


def test_a_wrapper_script_is_not_chosen_before_a_program(teller: str, every_python: Versions, tmp_path: Path) -> None:
    real, wrapped = need(every_python, (3, 11), (3, 12))
    wrapper = tmp_path / "a" / "python3"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nexec {wrapped} "$@"\n')
    wrapper.chmod(0o755)
    link(real, tmp_path / "b" / "python3")
    assert told(run([teller], {"PATH": f"{tmp_path}/a:{tmp_path}/b"}))[0] == f"{tmp_path}/b/python3"


def test_simulated_minimal_python_is_passed_over(teller: str, every_python: Versions, tmp_path: Path) -> None:
    """Not Debian's package: a real interpreter whose library lacks what python3-minimal lacks."""
    (real,) = need(every_python, (3, 12))
    library = tmp_path / "minimal" / "lib" / "python3.12"
    library.mkdir(parents=True)
    source = os.path.join(os.path.dirname(os.path.dirname(real)), "lib", "python3.12")
    for name in os.listdir(source):
        if name not in ("json", "shutil.py", "zipfile", "dataclasses.py"):
            (library / name).symlink_to(os.path.join(source, name))
    (tmp_path / "minimal" / "bin").mkdir()
    shutil.copy(real, tmp_path / "minimal" / "bin" / "python3")
    own = str(tmp_path / "minimal" / "bin" / "python3")
    lacking = subprocess.run([own, "-I", "-S", "-c", "import json"], capture_output=True, text=True, check=False)
    assert "No module named 'json'" in lacking.stderr
    assert told(run([teller], {"PATH": f"{tmp_path}/minimal/bin:/usr/bin"}))[0] != own


@pytest.mark.parametrize("how", ["absolute", "relative", "bare", "link", "spaces", "dash"])
def test_finds_itself(teller: str, shell: List[str], tmp_path: Path, how: str) -> None:
    folder = tmp_path / "with spaces"
    folder.mkdir()
    copy = folder / ("-x" if how == "dash" else "venvboot")
    shutil.copy(teller, copy)
    (tmp_path / "link").symlink_to(copy)
    word, cwd, expected = {
        "absolute": (str(copy), "/", str(copy)),
        "relative": ("with spaces/venvboot", str(tmp_path), str(copy)),
        "bare": ("venvboot", str(folder), str(copy)),
        "link": (str(tmp_path / "link"), "/", str(tmp_path / "link")),
        "spaces": (str(copy), str(folder), str(copy)),
        "dash": ("./-x", str(folder), f"{folder}/./-x"),
    }[how]
    assert told(run([*shell, word, "detect"], cwd=cwd))[2] == repr([expected, "detect"])


def test_runs_from_a_removed_working_directory(teller: str, tmp_path: Path) -> None:
    script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0"'
    assert run(["/bin/sh", "-c", script, teller], cwd=str(tmp_path)).returncode == 0  # the shell itself complains


def test_working_directory_is_not_trusted(teller: str, shell: List[str], tmp_path: Path) -> None:
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w')\n"
    for name in ("json", "sys", "os", "runpy", "zipimport", "encodings"):
        (tmp_path / f"{name}.py").write_text(trap)
    fake = tmp_path / "python3"
    fake.write_text(f"#!/bin/sh\ntouch '{tmp_path}/sprung'\n")
    fake.chmod(0o755)
    env = {**PLAIN, "PATH": f".::{PLAIN['PATH']}:", "PYTHONPATH": str(tmp_path), "PYTHONHOME": str(tmp_path)}
    told(run([shutil.which(shell[0]) or "", *shell[1:], teller], env, cwd=str(tmp_path)))
    assert not (tmp_path / "sprung").exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_runs_as_an_arbitrary_user_of_group_0(teller: str, shell: List[str], reachable: str) -> None:
    copy = shutil.copy(teller, os.path.join(reachable, "venvboot"))
    os.chmod(copy, 0o555)
    program = shutil.which(shell[0]) or ""
    told(run([program, *shell[1:], copy], {"PATH": PLAIN["PATH"]}, user=12345))


# -- images without a usable Python --------------------------------------------------------------------------


@pytest.fixture
def image(teller: str, tmp_path: Path) -> Path:
    """An empty root with the shells of this machine, their libraries and the launcher in it."""
    if os.getuid() != 0:
        pytest.skip("only root can enter another root")
    for name in ("dash", "bash", "busybox"):
        program = shutil.which(name)
        if program:
            install(tmp_path, program, f"/bin/{name}")
    (tmp_path / "etc").mkdir()
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "null").touch()
    shutil.copy(teller, tmp_path / "venvboot")
    return tmp_path


def install(root: Path, program: str, path: str) -> None:
    target = Path(f"{root}{path}")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(os.path.realpath(program), target)
    listing = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    for library in (word for word in listing.split() if word.startswith("/")):
        copy = Path(f"{root}{library}")
        copy.parent.mkdir(parents=True, exist_ok=True)
        if not copy.exists():
            shutil.copy(os.path.realpath(library), copy)


def inside(image: Path, shell: List[str], *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    argv = [
        shutil.which("chroot") or "/usr/sbin/chroot",
        str(image),
        f"/bin/{shell[0]}",
        *shell[1:],
        "/venvboot",
        *words,
    ]
    return subprocess.run(argv, env={"PATH": os.environ["PATH"], **env}, capture_output=True, text=True, check=False)


HINTS = {
    'ID=debian\nVERSION_ID="12"\n': "apt-get install -y --no-install-recommends python3",
    "ID=debian\n": "apt-get install -y --no-install-recommends python3",
    "ID=ubuntu\nID_LIKE=debian\nVERSION_ID='24.04'\n": "apt-get install -y --no-install-recommends python3",
    "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=20.04\n": "apt-get install -y --no-install-recommends python3.9",
    "ID=debian\nVERSION_ID=10\n": "install Python 3.9 or later in the image",
    'ID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"\n': "install Python 3.9 or later in the image",
    "ID=fedora\nVERSION_ID=43\n": "RUN dnf install -y python3",
    'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"': "RUN dnf install -y python3.12",
    'ID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\n': "RUN dnf install -y python3.12",
    "ID=alpine\nVERSION_ID=3.20.0\n": "RUN apk add --no-cache python3",
    "ID=wolfi\n": "RUN apk add --no-cache python-3.13",
    'ID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.6"\n': "RUN zypper install -y python311",
    "ID=arch\n": "RUN pacman -Sy --noconfirm python",
    "ID=manjaro\nID_LIKE=arch\n": "RUN pacman -Sy --noconfirm python",
    "ID=something\n": "install Python 3.9 or later in the image",
    "": "install Python 3.9 or later in the image",
}


@pytest.mark.parametrize("release", HINTS, ids=lambda text: text.replace("\n", " ").replace('"', "")[:40] or "empty")
def test_without_python_the_hint_fits_the_distro(image: Path, shell: List[str], release: str) -> None:
    (image / "etc" / "os-release").write_text(release)
    done = inside(image, shell, "init")
    error, because, hint = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (5, "")
    assert error == "error: no Python 3.9 or later that venvboot can run on [no-python]"
    assert because.startswith("  because: no python3 on PATH")
    assert hint.startswith("  hint: ")
    assert hint.endswith(HINTS[release]) or HINTS[release] in hint


def test_without_python_json_is_one_object(image: Path, shell: List[str]) -> None:
    done = inside(image, shell, "--venv", "/opt/x", "init", "--json")
    answer = json.loads(done.stdout)
    (finding,) = answer.pop("findings")
    assert done.returncode == 5
    assert answer == {"schema": "venvboot/1", "command": "init", "status": "unsupported"}
    assert sorted(finding) == ["code", "evidence", "hint", "message", "severity", "subject"]
    assert (finding["code"], finding["severity"], finding["subject"]) == ("no-python", "error", "")
    assert f"  because: {finding['evidence']}\n" in done.stderr
    assert json.loads(inside(image, shell, "--json").stdout)["command"] is None
    assert json.loads(inside(image, shell, "check", VENVBOOT_JSON="1").stdout)["command"] == "check"


def test_evidence_names_every_rejected_interpreter(image: Path, shell: List[str], every_python: Versions) -> None:
    (old,) = need(every_python, (3, 8))
    install(image, old, "/usr/local/bin/python3")
    library = os.path.join(os.path.dirname(os.path.dirname(old)), "lib", "python3.8")
    skipped = shutil.ignore_patterns(
        "site-packages", "test", "config-*", "idlelib", "lib2to3", "tkinter", "ensurepip"
    )
    shutil.copytree(library, image / "usr" / "local" / "lib" / "python3.8", ignore=skipped)
    broken = Path(f'{image}/opt/a "quoted"\\name/bin/python3')
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"\x7fELF\n not really")
    broken.chmod(0o755)
    done = inside(image, shell, "detect", "--json", PATH="/usr/local/bin")
    evidence = json.loads(done.stdout)["findings"][0]["evidence"]
    assert "/usr/local/bin/python3 is 3.8." in evidence
    assert "(a path with unusual characters) does not start" in evidence
    assert '"' not in evidence
    assert done.returncode == 5


def test_installed_python_is_found_without_any_other_program(
    image: Path, shell: List[str], every_python: Versions
) -> None:
    (new,) = need(every_python, (3, 9))
    install(image, new, "/opt/tool/bin/python3.9")
    library = os.path.join(os.path.dirname(os.path.dirname(new)), "lib", "python3.9")
    skipped = shutil.ignore_patterns(
        "site-packages", "test", "config-*", "idlelib", "lib2to3", "tkinter", "ensurepip"
    )
    shutil.copytree(library, image / "opt" / "tool" / "lib" / "python3.9", ignore=skipped)
    assert told(inside(image, shell, PATH=""))[0] == "/opt/tool/bin/python3.9"


def test_module_list_is_the_gates(root: str) -> None:
    namespace: Dict[str, object] = {"__name__": "gate"}
    with open(os.path.join(root, "venvboot", "__main__.py"), encoding="utf-8") as file:
        before = sys.dont_write_bytecode
        exec(compile(file.read(), "gate", "exec"), namespace)
        sys.dont_write_bytecode = before
    with open(os.path.join(root, "scripts", "launcher.sh"), encoding="utf-8") as file:
        needed = file.read().split('needed = "')[1].split('"')[0]
    assert tuple(needed.split()) == namespace["NEEDED"]


# -- the gate on the Python side -----------------------------------------------------------------------------


def test_restart_keeps_arguments_and_isolates(bundle: str, python: str, tmp_path: Path) -> None:
    """The gate in front of a program that only tells: not isolated by the caller, isolated when it runs."""
    with zipfile.ZipFile(bundle) as file:
        gate, imports = file.read("__main__.py"), file.read("venvboot/zip_imports.py")
    with zipfile.ZipFile(tmp_path / "tells", "w") as archive:
        archive.writestr("__main__.py", gate)
        archive.writestr("venvboot/__init__.py", "")
        archive.writestr("venvboot/zip_imports.py", imports)
        archive.writestr("venvboot/cli.py", TELLS)
    done = subprocess.run(
        [python, "tells", "a b", "", "--x"], cwd=str(tmp_path), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (7, "")
    assert done.stdout.splitlines() == ["['a b', '', '--x'] 1 1", str(tmp_path / "tells"), "None"]


TELLS = """
import os, sys
def main(argv):
    print(argv, sys.flags.isolated, sys.flags.no_site)
    print(sys.path[0])
    print(os.environ.get("_VENVBOOT_RESTARTED"))
    return 7
"""


@pytest.mark.parametrize("old", [(2, 7), (3, 6), (3, 7), (3, 8)], ids=lambda version: "{}.{}".format(*version))
@pytest.mark.parametrize("options", [[], ["-E", "-S"]])
def test_old_python_is_told_what_to_do(
    bundle: str, every_python: Versions, old: Tuple[int, int], options: List[str]
) -> None:
    if old not in every_python:
        pytest.skip("no Python {}.{} on this machine".format(*old))
    command = [every_python[old], *options, bundle, "detect", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 5
    error, because, hint = done.stderr.splitlines()
    assert error == "error: this Python is older than 3.9 [no-python]"
    assert "{}.{}.".format(*old) in because
    assert hint.startswith("  hint: run the venvboot file itself")
    assert json.loads(done.stdout)["findings"][0]["code"] == "no-python"


def test_working_directory_is_not_imported(bundle: str, python: str, tmp_path: Path) -> None:
    for name in ("json", "argparse", "venvboot", "dataclasses"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')\n")
    for options in ([], ["-I", "-S"]):
        done = subprocess.run(
            [python, *options, bundle, "--version"],
            env={"PYTHONPATH": str(tmp_path)}, cwd=str(tmp_path), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
    assert sorted(os.listdir(tmp_path)) == ["argparse.py", "dataclasses.py", "json.py", "venvboot.py"]
