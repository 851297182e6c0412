"""`sync --sbom`: valid, complete, equal for equal builds, and written where and when it was asked for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Dict, Set, Tuple

import pytest
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.integration.tool import HARMLESS, Tool, Wheels, codes, site, snapshot
from tests.integration.wheelhouse import make_wheel
from venvboot.model import canonical

VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)
EPOCH = "1700000000"
TIME = "2023-11-14T22:13:20Z"
INSTALLED = (
    "import importlib.metadata as m, json\n"
    "print(json.dumps([[one.metadata['Name'], one.version] for one in m.distributions()]))"
)


def valid(text: str) -> Dict[str, Any]:
    assert VALIDATOR.validate_str(text) is None
    told: Dict[str, Any] = json.loads(text)
    assert Bom.from_json(told).validate()  # type: ignore[attr-defined]
    return told


def told_by(text: str) -> Set[Tuple[str, str]]:
    libraries = [one for one in valid(text)["components"] if one["type"] == "library"]
    return {(canonical(one["name"]), one["version"]) for one in libraries}


def installed(venv: Path) -> Set[Tuple[str, str]]:
    done = subprocess.run(
        [str(venv / "bin/python"), "-I", "-c", INSTALLED], capture_output=True, text=True, check=True
    )
    return {(canonical(name), version) for name, version in json.loads(done.stdout)}


def listed(venv: Path) -> Set[Tuple[str, str]]:
    pip = [str(venv / "bin/python"), "-I", "-m", "pip", "list", "--format=json", "--disable-pip-version-check"]
    done = subprocess.run(pip, capture_output=True, text=True, check=True)
    return {(canonical(one["name"]), one["version"]) for one in json.loads(done.stdout)}


@pytest.fixture
def lock(tool: Tool, wheels: Wheels, tmp_path: Path) -> Path:
    """Two wheels, of which one needs the other where its marker says so."""
    house = tmp_path / "house"
    house.mkdir()
    more = {"needy-1.0.dist-info/licenses/LICENSE": "text\n"}
    digest = make_wheel(
        house, "needy", "1.0", requires=("demo; python_version >= '3'", "other; extra == 'x'"), more=more
    )
    tool.environ["PIP_FIND_LINKS"] = f"{wheels.folder} {house}"
    path = wheels.lock(tmp_path / "requirements.txt", "demo==1.0", "other==1.0")
    with path.open("a") as file:
        file.write(f"needy==1.0 --hash=sha256:{digest}\n")
    return path


def sync(tool: Tool, dest: Path, *words: str, code: int = 0, **variables: str) -> subprocess.CompletedProcess[str]:
    done = tool("sync", "--venv", str(dest), *words, **variables)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_it_has_what_is_installed_and_what_needs_what(tool: Tool, dest: Path, lock: Path, tmp_path: Path) -> None:
    assert lock.exists()
    sync(tool, dest, "--sbom", "sbom.json")
    text = (tmp_path / "sbom.json").read_text()
    assert told_by(text) == installed(dest) == listed(dest)
    told = valid(text)
    assert told["metadata"]["component"]["name"] == str(dest)
    depends = {one["ref"]: one.get("dependsOn", []) for one in told["dependencies"]}
    assert depends["needy==1.0"] == ["demo==1.0"]
    assert {"python", "needy==1.0", "other==1.0"} <= {*depends["environment"]}
    assert "demo==1.0" not in depends["environment"]


def test_the_base_is_what_the_record_says(tool: Tool, one: Path, lock: Path, tmp_path: Path) -> None:
    sync(tool, one, str(lock), VENVBOOT_SBOM="sbom.json")
    record = json.loads((one / "venvboot.json").read_text())
    (base,) = [
        part for part in valid((tmp_path / "sbom.json").read_text())["components"] if part["bom-ref"] == "python"
    ]
    (file,) = base["components"]
    assert file["hashes"] == [{"alg": "SHA-256", "content": record["base"]["sha256"]}]
    assert os.path.samefile(file["name"], record["base"]["path"])
    assert {"name": "venvboot:origin", "value": record["origin"]["kind"]} in base["properties"]
    owner = record["origin"]["owner"]
    assert base["version"] == (owner or record["base"])["version"]


def test_two_builds_are_equal_to_the_byte(tool: Tool, one_python: str, lock: Path, tmp_path: Path) -> None:
    found = []
    for umask in (0o022, 0o077):
        shutil.rmtree(tmp_path / "venv", ignore_errors=True)
        tool("init", str(tmp_path / "venv"), "--python", one_python, *HARMLESS)
        words = [tool.bundle, "sync", "--venv", str(tmp_path / "venv"), "--sbom", "out/sbom.json", str(lock)]
        (tmp_path / "out").mkdir(exist_ok=True)
        environ = {**tool.environ, "SOURCE_DATE_EPOCH": EPOCH}
        command = ["sh", "-c", f'umask {umask:o}; exec "$@"', "sh", *words]
        subprocess.run(command, env=environ, cwd=tmp_path, check=True, capture_output=True)
        path = tmp_path / "out" / "sbom.json"
        info = path.stat()
        found.append((path.read_bytes(), info.st_mode & 0o7777, info.st_mtime, path.parent.stat().st_mtime))
        path.unlink()
    assert found[0] == found[1]
    assert found[0][1:] == (0o644, float(EPOCH), float(EPOCH))
    assert valid(found[0][0].decode())["metadata"]["timestamp"] == TIME


def test_an_unchanged_sync_writes_it_only_where_it_differs(tool: Tool, one: Path, lock: Path, tmp_path: Path) -> None:
    path = tmp_path / "sbom.json"
    sync(tool, one, str(lock))
    before = snapshot(one)
    done = sync(tool, one, str(lock), "--sbom", str(path))
    assert "nothing to do" in done.stderr
    assert f"{path}: the SBOM of {one}, 4 distributions and their Python" in done.stderr
    first, info = path.read_text(), path.stat()
    done = sync(tool, one, str(lock), "--sbom", str(path))
    assert "the SBOM of" not in done.stderr
    assert (path.read_text(), path.stat().st_mtime_ns, path.stat().st_ino) == (first, info.st_mtime_ns, info.st_ino)
    sync(tool, one, str(lock), "--sbom", str(path), SOURCE_DATE_EPOCH=EPOCH)
    assert valid(path.read_text())["metadata"]["timestamp"] == TIME
    path.write_text(first.replace("needy", "greedy"))
    sync(tool, one, str(lock), "--sbom", str(path))
    assert told_by(path.read_text()) == told_by(first)
    assert snapshot(one) == before


def test_stdout_carries_the_document_alone(tool: Tool, one: Path, lock: Path) -> None:
    done = sync(tool, one, str(lock), "--sbom", "-")
    assert told_by(done.stdout) == installed(one)
    assert valid(sync(tool, one, str(lock), "--sbom", "-").stdout)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--sbom", "missing/sbom.json"), 1, "not-written"),
        (("--sbom", "."), 1, "not-written"),
        (("--sbom", "requirements.txt"), 1, "not-written"),
        (("--sbom", "-"), 2, "usage"),
    ],
)
def test_a_place_that_can_be_none_is_told_before_anything_is_installed(
    tool: Tool, one: Path, lock: Path, words: Tuple[str, ...], code: int, told: str
) -> None:
    before = (snapshot(one), lock.read_text())
    found = tool.json("sync", "--venv", str(one), *words, code=code)
    assert codes(found) == [told]
    assert (snapshot(one), lock.read_text()) == before


def test_a_dry_run_writes_none(tool: Tool, one: Path, lock: Path, tmp_path: Path) -> None:
    for _ in range(2):
        sync(tool, one, "--dry-run", "--sbom", "sbom.json")
        assert not (tmp_path / "sbom.json").exists()
        sync(tool, one, str(lock))


def test_in_the_environment_it_is_the_group_s(tool: Tool, one: Path, lock: Path) -> None:
    sync(tool, one, str(lock), "--sbom", str(one / "sbom.json"))
    assert (one / "sbom.json").stat().st_mode & 0o7777 == 0o664
    done = tool("check", "--venv", str(one), "--only", "sharing", "--json")
    assert codes(json.loads(done.stdout)) == []


def test_what_a_member_of_the_group_wrote_is_told_and_forges_nothing(
    tool: Tool, one: Path, lock: Path, tmp_path: Path
) -> None:
    sync(tool, one, str(lock))
    info = site(one) / "demo-1.0.dist-info"
    metadata = (info / "METADATA").read_text()
    more = (
        "Summary: \x1b]0;owned\x07 error: all is lost\n"
        "Home-page: https://me:secret@example.org/?token=secret\n"
        "License-Expression: MIT AND (\n"
        "Requires-Dist: other; python_version >\n"
        f"License: {'x' * (1 << 21)}\n"
    )
    (info / "METADATA").write_text(metadata + more)
    (info / "direct_url.json").write_text('{"url": "https://me:secret@example.org/a?sig=secret", "archive_info": 3}')
    stranger = site(one) / "evil\x1b-x.dist-info"
    stranger.mkdir()
    (stranger / "METADATA").write_text("Name: ../../../etc/passwd\n")
    os.mkfifo(site(one) / "pipe-x.dist-info")
    found = tool.json("sync", "--venv", str(one), str(lock), "--sbom", "sbom.json")
    assert "name-not-valid" in codes(found)
    text = (tmp_path / "sbom.json").read_text()
    assert "secret" not in text
    assert "\\u001b" not in text
    assert ("demo", "1.0") in told_by(text)
    assert len(text) < 20_000


def test_what_comes_from_a_folder_is_no_release_of_an_index(
    tool: Tool, one: Path, project: Path, tmp_path: Path
) -> None:
    (tmp_path / "requirements.txt").write_text(f"project @ file://{project}\n")
    sync(tool, one, "--no-require-hashes", "--build", "project", "--sbom", "sbom.json")
    text = (tmp_path / "sbom.json").read_text()
    (found,) = [part for part in valid(text)["components"] if part["name"] == "project"]
    assert "purl" not in found
    assert {"name": "venvboot:source", "value": "folder"} in found["properties"]
    assert str(project) not in text
