"""The front door with real pips: what has arrived is judged before anything is written; a refusal leaves no trace."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import pytest

from tests.integration import pips
from tests.integration.tool import HARMLESS, Tool, Wheels, codes, site, snapshot
from tests.integration.wheelhouse import make_wheel

OLDEST = (3, 9)
WHY = ("--because", "the test needs it")


def exceptions(venv: Path) -> List[Dict[str, str]]:
    recorded: List[Dict[str, str]] = json.loads((venv / "venvboot.json").read_text())["exceptions"]
    return recorded


@pytest.mark.parametrize("version", pips.VERSIONS)
def test_each_pip_waits_for_the_judgement(
    tool: Tool, pythons: Dict[Tuple[int, int], str], tmp_path: Path, house: Path, version: str
) -> None:
    venv = tmp_path / "venv"
    assert tool("init", str(venv), "--python", pythons[OLDEST], *HARMLESS).returncode == 0
    (wheel,) = pips.fetched().glob(f"pip-{version}-*.whl")
    own = [str(venv / "bin/python"), "-m", "pip"]
    subprocess.run([*own, "install", "--quiet", "--no-index", "--force-reinstall", str(wheel)], check=True)
    before = snapshot(site(venv))

    refused = tool.json("install", "--venv", str(venv), "enum34", code=3, PIP_FIND_LINKS=str(house))
    after = snapshot(site(venv))
    assert codes(refused) == ["shadow-stdlib"]
    assert {path: state for path, state in after.items() if "__pycache__" not in path} == {
        path: state for path, state in before.items() if "__pycache__" not in path
    }

    assert tool("install", "--venv", str(venv), "good", PIP_FIND_LINKS=str(house)).returncode == 0
    assert (site(venv) / "good.py").exists()
    done = subprocess.run([*own, "--version"], check=True, capture_output=True, text=True)
    assert done.stdout.startswith(f"pip {version} ")


def test_a_pip_that_has_no_place_for_the_gate_is_not_used(
    door: Callable[..., subprocess.CompletedProcess[str]], one: Path
) -> None:
    for name in ("commands/install.py", "req/__init__.py"):
        path = site(one) / "pip/_internal" / name
        path.write_text(path.read_text().replace("install_given_reqs", "install_them_all"))
    assert door("enum34").returncode == 3
    done = door("good")
    assert done.returncode == 0, done.stderr
    assert (site(one) / "good.py").exists()


def test_an_environment_without_pip_is_served_by_the_one_that_venvboot_carries(
    door: Callable[..., subprocess.CompletedProcess[str]], one: Path
) -> None:
    subprocess.run([str(one / "bin/python"), "-m", "pip", "uninstall", "--yes", "--quiet", "pip"], check=True)
    assert door("enum34").returncode == 3
    assert door("good").returncode == 0
    assert (site(one) / "good.py").exists()


def test_a_refused_run_has_written_nothing_anywhere(
    told: Callable[..., Dict[str, Any]], one: Path, tool: Tool, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    told("good", "--cache", str(cache))
    places = (one, cache, Path(tool.environ["HOME"]))
    before = [snapshot(place) for place in places]
    refused = told("enum34", "starter", "lister", "--cache", str(cache), code=3)
    assert [snapshot(place) for place in places] == before
    # All of the run at once, the refusals and what only would have been told.
    assert {(one["code"], one["subject"]) for one in refused["findings"]} == {
        ("shadow-stdlib", "enum34"),
        ("startup-hook", "starter"),
        ("hide-command", "lister"),
    }


@pytest.mark.parametrize("how", ["variable", "file"])
def test_no_log_of_pip_is_written_wherever_it_is_asked_for(
    told: Callable[..., Dict[str, Any]], tmp_path: Path, how: str
) -> None:
    (tmp_path / "pip.conf").write_text(f"[global]\nlog = {tmp_path}/log.pth\n")
    variables = (
        {"PIP_LOG": f"{tmp_path}/log.pth"} if how == "variable" else {"PIP_CONFIG_FILE": f"{tmp_path}/pip.conf"}
    )
    told("enum34", code=3, **variables)
    told("good", **variables)
    assert not (tmp_path / "log.pth").exists()


def test_a_dry_run_looks_at_the_same_and_writes_nothing(
    told: Callable[..., Dict[str, Any]], one: Path, tool: Tool
) -> None:
    before = snapshot(one), snapshot(Path(tool.environ["HOME"]))
    assert codes(told("enum34", "--dry-run", code=3)) == ["shadow-stdlib"]
    found = told("starter", "--dry-run")
    assert found["changes"]["add"] == {"starter": "1.0"}
    assert codes(found) == ["startup-hook"]
    assert (snapshot(one), snapshot(Path(tool.environ["HOME"]))) == before


def test_a_dependency_on_what_the_library_has_is_a_warning(told: Callable[..., Dict[str, Any]]) -> None:
    found = told("needy")
    assert [(one["code"], one["severity"]) for one in found["findings"]] == [("shadow-stdlib", "warning")]
    assert "needy" in found["findings"][0]["evidence"]


def test_an_exception_is_recorded_and_covers_its_version(told: Callable[..., Dict[str, Any]], one: Path) -> None:
    found = told("enum34==1.0", "--allow", "enum34:shadow-stdlib", *WHY)
    assert codes(found) == ["exception-recorded"]
    (recorded,) = exceptions(one)
    assert (recorded["name"], recorded["version"], recorded["kind"]) == ("enum34", "1.0", "shadow-stdlib")
    assert recorded["reason"] == WHY[1]
    # The same again needs no word; another version does.
    assert codes(told("enum34==2.0", code=3)) == ["shadow-stdlib"]
    subprocess.run([str(one / "bin/python"), "-m", "pip", "uninstall", "--yes", "--quiet", "enum34"], check=True)
    assert codes(told("enum34==1.0")) == ["exception-recorded"]


def test_an_exception_that_matches_nothing_is_told(told: Callable[..., Dict[str, Any]], one: Path) -> None:
    assert codes(told("good", "--allow", "enum34:shadow-stdlib", *WHY)) == ["exception-unused"]
    assert exceptions(one) == []


def test_exceptions_may_stand_in_a_file(told: Callable[..., Dict[str, Any]], one: Path, tmp_path: Path) -> None:
    (tmp_path / "allowed.txt").write_text("# reviewed\nenum34:shadow-stdlib as old as it is, it is pinned\n")
    told("enum34==1.0", "--exceptions", "allowed.txt")
    assert [one["reason"] for one in exceptions(one)] == ["as old as it is, it is pinned"]


@pytest.mark.parametrize(
    ("words", "variables"),
    [
        (["--allow", "*:shadow-stdlib", *WHY], {}),
        (["--allow", "enum34:shadow-stdlib"], {}),
        (["--allow", "enum34:shadow-stdlib", "--because", " "], {}),
        (["--exceptions", "missing.txt"], {}),
    ],
)
def test_a_careless_exception_is_a_usage_error(
    door: Callable[..., subprocess.CompletedProcess[str]], words: List[str], variables: Dict[str, str]
) -> None:
    assert door("enum34", *words, **variables).returncode == 2


def test_no_variable_makes_an_exception(told: Callable[..., Dict[str, Any]]) -> None:
    variables = {"VENVBOOT_ALLOW": "enum34:shadow-stdlib", "VENVBOOT_BECAUSE": "x"}
    found = told("enum34", code=3, **variables)
    assert codes(found) == ["shadow-stdlib", "unknown-variable", "unknown-variable"]


@pytest.mark.parametrize("option", ["--target=/x", "--prefix=/x", "--root=/", "--user", "--break-system-packages"])
def test_an_option_that_leads_elsewhere_is_refused_by_name(
    told: Callable[..., Dict[str, Any]], one: Path, option: str
) -> None:
    before = snapshot(one)
    found = told("good", option, code=3)
    (refusal,) = found["findings"]
    assert (refusal["code"], refusal["subject"]) == ("foreign-path", option.partition("=")[0])
    assert snapshot(one) == before


def test_a_variable_that_leads_elsewhere_is_not_obeyed_and_told(
    told: Callable[..., Dict[str, Any]], one: Path, tmp_path: Path
) -> None:
    found = told("good", PIP_TARGET=str(tmp_path / "elsewhere"), PIP_USER="1")
    assert [one["subject"] for one in found["findings"]] == ["PIP_TARGET", "PIP_USER"]
    assert (site(one) / "good.py").exists()
    assert not (tmp_path / "elsewhere").exists()


def test_a_refused_sync_removes_nothing(tool: Tool, one: Path, house: Path, wheels: Wheels) -> None:
    lock = wheels.lock(tool.folder / "requirements.txt", "demo==1.0")
    assert tool("sync", "--venv", str(one)).returncode == 0
    digest = make_wheel(house, "enum34", "3.0", module="enum")
    lock.write_text(f"enum34==3.0 --hash=sha256:{digest}\n")
    before = snapshot(one)
    dry = tool.json("sync", "--venv", str(one), "--dry-run", code=3, PIP_FIND_LINKS=str(house))
    found = tool.json("sync", "--venv", str(one), code=3, PIP_FIND_LINKS=str(house))
    assert codes(found) == codes(dry) == ["shadow-stdlib"]
    assert "requirements.txt (line 1)" in found["findings"][0]["hint"]
    assert snapshot(one) == before
    allowed = ("--allow", "enum34:shadow-stdlib", *WHY)
    dry = tool.json("sync", "--venv", str(one), "--dry-run", *allowed, PIP_FIND_LINKS=str(house))
    assert dry["changes"] == {"add": {"enum34": "3.0"}, "change": {}, "remove": {"demo": "1.0"}}
    assert snapshot(one) == before
    done = tool("sync", "--venv", str(one), *allowed, PIP_FIND_LINKS=str(house))
    assert done.returncode == 0, done.stderr
    assert [one["version"] for one in exceptions(one)] == ["3.0"]
    # What was recorded needs no second word.
    assert tool("sync", "--venv", str(one), PIP_FIND_LINKS=str(house)).returncode == 0
    assert [one["version"] for one in exceptions(one)] == ["3.0"]


@pytest.mark.parametrize("name", ["requirements.in", "reqs", "requirements.txt"])
def test_a_file_of_requirements_may_have_any_name(
    told: Callable[..., Dict[str, Any]], tmp_path: Path, one: Path, name: str
) -> None:
    (tmp_path / name).write_text("good==1.0\n")
    assert told("-r", name)["changes"]["add"] == {"good": "1.0"}
    assert (site(one) / "good.py").exists()


def test_no_secret_of_an_address_is_recorded(
    told: Callable[..., Dict[str, Any]], house: Path, index: Dict[str, str], one: Path
) -> None:
    (house / "req.txt").write_text("enum34==1.0\n")
    address = index["PIP_FIND_LINKS"].replace("http://", "http://user:S3CRET@") + "req.txt"
    told(
        "-r", address, "--allow", "enum34:shadow-stdlib", "--because", "as on https://me:T0KEN@example.org/x", **index
    )
    recorded = (one / "venvboot.json").read_text()
    assert "shadow-stdlib" in recorded
    assert "S3CRET" not in recorded
    assert "T0KEN" not in recorded


def test_with_a_distribution_goes_its_exception(told: Callable[..., Dict[str, Any]], one: Path) -> None:
    told("enum34==1.0", "--allow", "enum34:shadow-stdlib", *WHY)
    subprocess.run([str(one / "bin/python"), "-m", "pip", "uninstall", "--yes", "--quiet", "enum34"], check=True)
    told("good")
    assert exceptions(one) == []


def test_nothing_is_said_to_be_let_in_where_nothing_is(told: Callable[..., Dict[str, Any]]) -> None:
    allowed = ("--allow", "enum34:shadow-stdlib", *WHY)
    assert codes(told("enum34", "--dry-run", *allowed)) == []
    refused = told("enum34", "lister", "victim", *allowed, code=3)
    assert set(codes(refused)) == {"hide-command", "environment-file"}


def test_a_lost_working_folder_is_told(tool: Tool, one: Path) -> None:
    lost = tool.folder / "lost"
    lost.mkdir()
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    for words, code in ((["install", "--venv", str(one), "good"], 1), (["env", "--venv", str(one)], 0)):
        lost.mkdir(exist_ok=True)
        done = subprocess.run(
            ["sh", "-c", script, "sh", str(lost), tool.bundle, *words],
            env=tool.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert ("[working-directory-gone]" in done.stderr) is (code == 1)


@pytest.mark.parametrize("words", [["--target=/x"], ["good", "--target=/x"]])
def test_an_option_that_leads_elsewhere_is_told_before_anything_else(
    told: Callable[..., Dict[str, Any]], words: List[str]
) -> None:
    assert codes(told(*words, code=3)) == ["foreign-path"]


def test_a_lock_may_name_another_by_its_address(tool: Tool, one: Path, house: Path, index: Dict[str, str]) -> None:
    digest = hashlib.sha256((house / "good-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    (house / "more.txt").write_text(f"good==1.0 --hash=sha256:{digest}\n")
    (tool.folder / "requirements.txt").write_text(f"-r {index['PIP_FIND_LINKS']}more.txt\n")
    done = tool("sync", "--venv", str(one), **index)
    assert done.returncode == 0, done.stderr
    assert (site(one) / "good.py").exists()
