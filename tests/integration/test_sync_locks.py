"""Locks of odd names and in odd places: each is read as it is, or nothing is changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import List

import pytest

from tests.integration.synced import Synced
from tests.integration.tool import codes, site
from tests.integration.wheelhouse import make_project, make_wheel

LET_IN = ("--allow", "demo:locked-changed", "--because", "the file is what is looked at")


@pytest.mark.parametrize("name", [b"a b.txt", b"a\xc2\xa0b.txt", b"\xff.txt", b"a\nb.txt", "ä.txt".encode()])
def test_whatever_a_lock_is_called_the_environment_stays_one(synced: Synced, name: bytes) -> None:
    synced.lock()
    lock = os.fsdecode(name)
    (synced.tool.folder / lock).write_bytes((synced.tool.folder / "requirements.txt").read_bytes())
    for _ in range(2):
        done = synced(lock, "--replace-parent")
        assert done.returncode == 0, done.stderr
    os.unlink(synced.tool.folder / lock)
    assert "nothing to do" in done.stderr


def _by(synced: Synced, verb: str, place: str, lock: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run with a file as standard input."""
    words = [synced.tool.bundle, verb, "--venv", str(synced.venv), place, *more]
    environ = {**synced.tool.environ, "PIP_FIND_LINKS": str(synced.wheels.folder)}
    with lock.open() as file:
        return subprocess.run(
            words, env=environ, cwd=synced.tool.folder, stdin=file, capture_output=True, text=True, check=False
        )


@pytest.mark.parametrize("place", ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
def test_a_file_as_standard_input_is_that_file(synced: Synced, place: str) -> None:
    """Programs that are started have another one, in which nothing is: that would remove everything."""
    synced.lock()
    lock, source = synced.tool.folder / "requirements.txt", synced.tool.folder / "source.in"
    done = _by(synced, "sync", place, lock, "--replace-parent")
    assert done.returncode == 0, done.stderr
    assert (site(synced.venv) / "demo-2.0.dist-info").is_dir()
    source.write_text("demo<2\n")
    done = _by(synced, "compile", place, source, "-o", "out.txt")
    assert done.returncode == 0, done.stderr
    assert "demo==1.0" in (synced.tool.folder / "out.txt").read_text()
    done = _by(synced, "install", f"--requirement={place}", source, *LET_IN)
    assert done.returncode == 0, done.stderr
    assert (site(synced.venv) / "demo-1.0.dist-info").is_dir()


@pytest.mark.parametrize("place", [".", "/dev/stdin"])
def test_what_is_no_file_is_no_lock_and_is_not_said_to_be_absent(synced: Synced, place: str) -> None:
    """Standard input is a pipe here."""
    words = [synced.tool.bundle, "sync", "--venv", str(synced.venv), place]
    done = subprocess.run(
        words, env=synced.tool.environ, cwd=synced.tool.folder, input="", capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "is no file that could be a lock" in done.stderr
    words[1:] = ["install", "--venv", str(synced.venv), "-r", place]
    done = subprocess.run(
        words, env=synced.tool.environ, cwd=synced.tool.folder, input="", capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "is no file of requirements" in done.stderr


def test_a_lock_that_can_t_be_read_is_told(synced: Synced) -> None:
    """This one no program may read from its beginning on."""
    told = synced.fails(1, "/proc/self/mem")
    assert codes(told) == ["lock-unreadable"]


def test_a_lock_with_an_address_can_be_synced_again(synced: Synced) -> None:
    lock = synced.tool.folder / "address.txt"
    wheel = synced.wheels.folder / "demo-2.0-py3-none-any.whl"
    lock.write_text(f"Demo @ file://{wheel} --hash=sha256:{synced.wheels.digests['demo==2.0']}\n")
    for _ in range(2):
        done = synced(lock.name, "--replace-parent")
        assert done.returncode == 0, done.stderr
        assert (site(synced.venv) / "demo-2.0.dist-info").is_dir()
    done = synced(synced.wheels.lock(lock, "other==1.0").name)
    assert done.returncode == 0, done.stderr
    assert not (site(synced.venv) / "demo-2.0.dist-info").exists()


@pytest.mark.parametrize("place", ["./{}", "demo @ file://{}/{}"])
@pytest.mark.parametrize("options", [[], ["--no-require-hashes"]])
def test_what_a_path_leads_to_is_there_as_it_is_now(synced: Synced, place: str, options: List[str]) -> None:
    """Of what has the same version pip says that it is already installed."""
    name = "demo-3.0-py3-none-any.whl"
    place = place.format(synced.tool.folder, name) if "@" in place else place.format(name)
    lock, inode = synced.tool.folder / "path.txt", -1
    for content in ("first", "second"):
        digests = {
            place: make_wheel(synced.tool.folder, "demo", "3.0", more={"demo_content.py": content}),
            "other==1.0": synced.wheels.digests["other==1.0"],
        }
        lines = (one if options else f"{one} --hash=sha256:{digest}" for one, digest in digests.items())
        lock.write_text("".join(f"{line}\n" for line in lines))
        for changes in (1, 0):
            done = synced(lock.name, "--replace-parent", *options)
            assert done.returncode == 0, done.stderr
            assert len(json.loads(done.stdout)["changes"]["change"]) == changes
            assert (site(synced.venv) / "demo_content.py").read_text() == content
            inode = inode if inode != -1 else (site(synced.venv) / "other.py").stat().st_ino
            assert (site(synced.venv) / "other.py").stat().st_ino == inode, "what is as it should be was touched"


def test_a_commit_is_there_as_the_lock_says(synced: Synced) -> None:
    """A branch may have gone on; of what has the same version pip says that it is already installed."""
    project = make_project(synced.tool.folder / "project", synced.tool.folder / "built")
    git = [
        "git",
        "-C",
        str(project),
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@example.org",
        "-c",
        "init.defaultBranch=b",
    ]
    subprocess.run([*git, "init", "--quiet"], check=True)
    commits = []
    for line in ("VALUE = 1", "VALUE = 2"):
        backend = project / "backend.py"
        backend.write_text(backend.read_text().replace("VALUE = 1", line))
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "--quiet", "-m", line], check=True)
        told = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
        commits.append(told.stdout.strip())
    lock = synced.tool.folder / "commit.txt"
    for revision, value, changes in ((commits[0], 1, 0), (commits[0], 1, 0), (commits[1], 2, 1), ("b", 2, 1)):
        lock.write_text(f"project @ git+file://{project}@{revision}\n")
        done = synced(lock.name, "--replace-parent", "--no-require-hashes", "--build", "project")
        assert done.returncode == 0, done.stderr
        assert len(json.loads(done.stdout)["changes"]["change"]) == changes
        assert (site(synced.venv) / "project.py").read_text() == f"VALUE = {value}\n"


def test_what_came_from_no_address_that_can_be_is_compared_by_its_version(synced: Synced) -> None:
    place = site(synced.venv) / "demo-1.0.dist-info/direct_url.json"
    place.write_text('{"url": "http://[", "archive_info": {"hash": "sha256=0"}}')
    synced.lock()
    done = synced("--replace-parent")
    assert done.returncode == 0, done.stderr
    assert (site(synced.venv) / "demo-2.0.dist-info").is_dir()


def test_pip_stays_wherever_it_came_from(synced: Synced) -> None:
    (pip,) = site(synced.venv).glob("pip-*.dist-info")
    (pip / "direct_url.json").write_text('{"url": "file:///pip.whl", "archive_info": {"hash": "sha256=0"}}')
    synced.lock()
    done = synced("--replace-parent")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["changes"]["remove"] == {}
    assert pip.is_dir()


def test_what_has_no_name_is_told_by_its_address(synced: Synced) -> None:
    (synced.tool.folder / "folder").mkdir(exist_ok=True)
    (synced.tool.folder / "folder/setup.py").touch()
    lock = synced.tool.folder / "nameless.txt"
    lock.write_text(f"-e {synced.tool.folder}/folder\n")
    told = synced.fails(1, lock.name, "--no-require-hashes")
    assert codes(told) == ["lock-unreadable"]
    assert f"{synced.tool.folder}/folder: write NAME @ ADDRESS" in told["findings"][0]["evidence"]


def test_a_path_in_a_lock_is_one_from_the_working_directory_on(synced: Synced) -> None:
    """As pip takes it; so is that of a project, which is built."""
    synced.lock()
    shutil.copy(synced.wheels.folder / "demo-1.0-py3-none-any.whl", synced.tool.folder)
    (synced.tool.folder / "locks").mkdir(exist_ok=True)
    lock = synced.tool.folder / "locks/path.txt"
    lock.write_text("./demo-1.0-py3-none-any.whl\n")
    done = synced("locks/path.txt", "--no-require-hashes", "--replace-parent")
    assert done.returncode == 0, done.stderr
    assert (site(synced.venv) / "demo-1.0.dist-info").is_dir()


def _twice(synced: Synced, kind: str = "dist-info") -> None:
    """Sync demo 2.0, and give it the metadata of 1.0 as well."""
    synced.lock()
    assert synced().returncode == 0
    here = site(synced.venv)
    there = next(Path(f"{synced.venv}-as-it-was").glob("lib/python3*/site-packages"))
    shutil.copytree(there / "demo-1.0.dist-info", here / f"demo-1.0.{kind}")
    if kind == "egg-info":
        (here / f"demo-1.0.{kind}/METADATA").rename(here / f"demo-1.0.{kind}/PKG-INFO")
        (here / f"demo-1.0.{kind}/RECORD").unlink()
    shutil.copy(there / "demo.py", here)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_what_is_there_twice_is_there_once_as_the_lock_says(synced: Synced, version: str) -> None:
    """Which of both pip finds first depends on the file system."""
    _twice(synced)
    lock = synced.wheels.lock(synced.tool.folder / "requirements.txt", f"demo=={version}")
    planned = synced("--dry-run", "--json")
    assert json.loads(planned.stdout)["changes"]["change"] == {"demo": {"from": "1.0, 2.0", "to": version}}
    for told in ("wrote", "nothing to do"):
        done = synced(lock.name)
        assert done.returncode == 0, done.stderr
        assert told in done.stderr
        assert [path.name for path in site(synced.venv).glob("demo-*")] == [f"demo-{version}.dist-info"]
        assert version in (site(synced.venv) / "demo.py").read_text()


def test_what_is_there_twice_goes_as_a_whole(synced: Synced) -> None:
    _twice(synced)
    (synced.tool.folder / "requirements.txt").write_text("")
    assert synced().returncode == 0
    assert list(site(synced.venv).glob("demo*")) == []


@pytest.mark.parametrize(("kind", "options"), [("egg-info", []), ("dist-info", ["--no-require-hashes"])])
def test_what_is_there_twice_and_can_t_be_removed_is_told(synced: Synced, kind: str, options: list[str]) -> None:
    _twice(synced, kind)
    told = synced.fails(3, *options)
    assert codes(told) == ["installed-twice"]
    assert f"rm -r {site(synced.venv)}/demo-1.0.{kind} " in told["findings"][0]["hint"]
