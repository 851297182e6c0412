"""The downloads that runs share: what was let in is kept there, and nothing else touches them."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, List

from tests.integration.tool import Tool, site, snapshot


def test_a_cache_gets_what_was_let_in_and_nothing_of_a_refused_run(
    told: Callable[..., Dict[str, Any]], tmp_path: Path, index: Dict[str, str]
) -> None:
    cache = tmp_path / "a/cache"
    told("enum34", "--cache", str(cache), code=3, **index)
    assert not cache.parent.exists()
    cache.mkdir(parents=True)
    told("enum34", "--cache", str(cache), code=3, **index)
    assert list(cache.iterdir()) == []
    told("good", "--cache", str(cache), **index)
    kept = {path.name for path in cache.rglob("*") if path.is_file()}
    assert kept
    assert [path.name for path in cache.iterdir()] == ["pip"]
    before = snapshot(cache.parent)
    told("enum34", "good", "--cache", str(cache), code=3, **index)
    assert snapshot(cache.parent) == before


def test_what_is_in_the_cache_is_not_fetched_again(
    told: Callable[..., Dict[str, Any]], tmp_path: Path, index: Dict[str, str], fetched: List[str]
) -> None:
    cache = ("--cache", str(tmp_path / "cache"))
    for _ in range(2):
        told("good", *cache, **index)
        subprocess.run([str(tmp_path / "venv/bin/python"), "-m", "pip", "uninstall", "-yq", "good"], check=True)
    assert fetched.count("/good-1.0-py3-none-any.whl") == 1


def test_what_was_built_is_taken_from_the_cache_as_a_link(
    told: Callable[..., Dict[str, Any]], tmp_path: Path, one: Path, project: Path, built: Path
) -> None:
    """An archive by its address is what pip keeps a wheel of."""
    cache = ("--cache", str(tmp_path / "cache"))
    archive = tmp_path / "project-1.0.tar.gz"
    subprocess.run(["tar", "-czf", str(archive), "-C", str(project.parent), project.name], check=True)
    for _ in range(2):
        told(f"project @ {archive.as_uri()}", *cache)
        assert (site(one) / "project.py").read_text() == "VALUE = 1\n"
        subprocess.run([str(one / "bin/python"), "-m", "pip", "uninstall", "-yq", "project"], check=True)
    assert built.read_text() == "built\n"


def test_runs_at_the_same_time_share_a_cache_and_are_not_in_each_other_s_way(
    tool: Tool, one: Path, tmp_path: Path, index: Dict[str, str], held: threading.Event, fetched: List[str]
) -> None:
    cache = tmp_path / "cache"
    words = ["install", "--venv", str(one), "--cache", str(cache)]
    environ = {**tool.environ, **index}
    with subprocess.Popen([tool.bundle, *words, "held"], env=environ, cwd=tmp_path, stderr=subprocess.PIPE) as slow:
        assert _happens(lambda: any(path.startswith("/held-") for path in fetched))
        assert not cache.exists()
        done = tool(*words, "good", **index)
        assert done.returncode == 0, done.stderr
        assert [path.name for path in cache.iterdir()] == ["pip"]
        held.set()
        _, told = slow.communicate(timeout=60)
    assert slow.returncode == 0, told
    assert (site(one) / "good.py").exists()
    assert (site(one) / "held.py").exists()
    assert [path.name for path in cache.iterdir()] == ["pip"]


def _happens(what: Callable[[], bool]) -> bool:
    """Wait for it, a minute at most."""
    end = time.monotonic() + 60
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
