"""A lock in an image FROM one with an environment: what conflicts with its parent's pins, and what doesn't."""

from __future__ import annotations

import pytest

from tests.integration.synced import Synced
from tests.integration.tool import codes, site
from tests.integration.trees import exact
from tests.integration.wheelhouse import make_wheel


@pytest.mark.parametrize("asked", ["demo==1.0.0", "demo==1", "demo===1.0", "Demo==1.*"])
def test_what_the_pin_of_a_parent_will_do_for_is_no_conflict(synced: Synced, asked: str) -> None:
    lock = synced.tool.folder / "child.txt"
    lock.write_text(f"{asked} --hash=sha256:{synced.wheels.digests['demo==1.0']}\n")
    done = synced(lock.name)
    assert done.returncode == 0, done.stdout
    assert (site(synced.venv) / "demo-1.0.dist-info").is_dir()


def test_neither_is_a_version_without_the_part_that_says_who_built_it(synced: Synced) -> None:
    digest = make_wheel(synced.house, "local", "1.0+cpu")
    parent, child = synced.tool.folder / "local.txt", synced.tool.folder / "child.txt"
    parent.write_text(f"local==1.0+cpu --hash=sha256:{digest}\n")
    child.write_text(f"local==1.0 --hash=sha256:{digest}\n")
    for lock in (parent, child):
        done = synced(lock.name)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("asked", "told"), [("demo>=2", "demo >=2"), ("demo==2.0", "demo 2.0")])
def test_a_conflict_says_what_the_lock_asks_for(synced: Synced, asked: str, told: str) -> None:
    lock = synced.tool.folder / "child.txt"
    lock.write_text(f"{asked}\n")
    found = synced.fails(3, lock.name, "--no-require-hashes")
    assert codes(found) == ["parent-conflict"]
    assert f"asks for {told}, and " in found["findings"][0]["message"]


def test_the_same_lock_at_another_path_is_the_same(synced: Synced) -> None:
    (synced.tool.folder / "copied.txt").write_bytes((synced.tool.folder / "requirements.txt").read_bytes())
    before = exact(synced.venv)
    for name in ("copied.txt", "copied.txt", "requirements.txt"):
        assert "nothing to do" in synced(name).stderr
    assert exact(synced.venv) == before


def test_a_parents_lock_that_is_synced_again_holds_whatever_was_let_in(synced: Synced) -> None:
    child = synced.wheels.lock(synced.tool.folder / "child.txt", "other==1.0")
    let_in = ("--allow", "demo:locked-changed", "--because", "a fix", "demo==2.0")
    links = str(synced.wheels.folder)
    assert synced(child.name).returncode == 0
    assert synced.tool("install", "--venv", str(synced.venv), *let_in, PIP_FIND_LINKS=links).returncode == 0
    for _ in range(2):
        done = synced(child.name)
    assert "nothing to do" in done.stderr
    assert (site(synced.venv) / "demo-2.0.dist-info").is_dir()
    for _ in range(2):
        done = synced("requirements.txt")
        assert (site(synced.venv) / "demo-1.0.dist-info").is_dir()
    assert "nothing to do" in done.stderr
