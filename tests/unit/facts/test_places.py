"""Signs of a maker: where a tree lies, and what stands in it."""

from __future__ import annotations

import time
from typing import Any, Callable, List, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.facts import places
from venvboot.model import Candidate, VenvConfig, Weight
from venvboot.policy.kinds import KINDS

HASH = "0123456789abcdfghijklmnpqrsvwxyz"


def _candidate(path: str, venv: Optional[VenvConfig] = None) -> Candidate:
    return Candidate(path, path, (path,), venv=venv)


@pytest.mark.parametrize(
    ("path", "files", "kinds"),
    [
        ("/opt/conda/bin/python3.11", ["/opt/conda/conda-meta/python-3.11.9-h955ad1f_0.json"], ["conda"]),
        ("/opt/conda/envs/a/bin/python3.11", ["/opt/conda/envs/a/conda-meta/python-3.11.9-0.json"], ["conda"]),
        ("/opt/conda/bin/pypy3.9", ["/opt/conda/conda-meta/pypy3.9-7.3.15-0.json"], ["conda"]),
        ("/opt/conda/bin/python3.11", ["/opt/conda/conda-meta/history"], []),
        ("/opt/conda/bin/python3.11", ["/opt/conda/conda-meta/python_abi-3.11.json"], []),
        (
            "/w/.pixi/envs/default/bin/python3.11",
            ["/w/.pixi/envs/default/conda-meta/pixi", "/w/.pixi/envs/default/conda-meta/python-3.11.9-0.json"],
            ["pixi", "conda"],
        ),
        (f"/nix/store/{HASH}-python3-3.11.9/bin/python3.11", [], ["nix"]),
        ("/nix/store/short-python3/bin/python3.11", [], []),
        (f"/gnu/store/{HASH}-python-3.11.9/bin/python3.11", [], ["guix"]),
        ("/home/linuxbrew/.linuxbrew/Cellar/python@3.11/3.11.9/bin/python3.11", [], ["homebrew"]),
        ("/opt/rh/rh-python38/root/usr/bin/python3.8", ["/opt/rh/rh-python38/enable"], ["scl"]),
        ("/opt/rh/rh-python38/root/usr/bin/python3.8", [], []),
        ("/srv/v/c/root/usr/bin/python3.8", ["/srv/v/c/enable"], ["scl"]),
        ("/root/.local/share/uv/python/cpython-3.12.3-linux-x86_64-gnu/bin/python3.12", [], ["uv", "uv"]),
        ("/opt/py/cpython-3.12.3-linux-x86_64-gnu/bin/python3.12", [], ["uv"]),
        ("/opt/bitnami/python/bin/python3.11", [], ["bitnami"]),
        ("/var/lang/bin/python3.11", [], ["lambda"]),
        ("/opt/_internal/cpython-3.11.9/bin/python3.11", [], ["manylinux"]),
        ("/opt/python/3.11.9/bin/python3.11", ["/etc/ld.so.conf.d/python.conf"], ["oryx"]),
        ("/opt/python/3.11.9/bin/python3.11", [], []),
        ("/usr/local/python/3.11.9/bin/python3.11", [], ["devcontainers"]),
        ("/opt/hostedtoolcache/Python/3.11.9/x64/bin/python3.11", [], ["tool-cache"]),
        ("/layers/paketo-buildpacks_cpython/cpython/bin/python3.11", [], ["buildpack"]),
        ("/layers/google.python.runtime/python/bin/python3.11", [], ["buildpack"]),
        ("/opt/ActivePython-3.11/bin/python3.11", [], ["activestate"]),
        ("/root/.pyenv/versions/3.11.9/bin/python3.11", [], ["pyenv"]),
        ("/opt/pyenv/versions/3.11.9/bin/python3.11", [], ["pyenv"]),
        ("/root/.asdf/installs/python/3.11.9/bin/python3.11", [], ["asdf"]),
        ("/usr/bin/python3.11", [], []),
        ("/usr/local/bin/python3.11", [], []),
    ],
)
def test_a_place_is_known_by_its_path_and_files(tree: Any, path: str, files: List[str], kinds: List[str]) -> None:
    tree.elf(path)
    for file in files:
        tree.file(file)
    found = places.marks(tree.system(), _candidate(path))
    assert [mark.kind for mark in found] == kinds
    assert all(path.startswith(mark.root) and mark.fact for mark in found)


def test_a_cellar_with_its_receipt_is_proved(tree: Any) -> None:
    keg = "/opt/brew/Cellar/python@3.11/3.11.9"
    assert [m.weight for m in places.marks(tree.system(), _candidate(f"{keg}/bin/python3"))] == [Weight.STRONG]
    tree.file(f"{keg}/INSTALL_RECEIPT.json")
    assert places.marks(tree.system(), _candidate(f"{keg}/bin/python3"))[0].weight is Weight.HARD


@pytest.mark.parametrize("folder", ["/opt/app-root", "/srv/app"])
def test_the_s2i_environment_is_known_by_its_folder_whatever_link_led_there(tree: Any, folder: str) -> None:
    tree.file("/opt/app-root/pyvenv.cfg")
    tree.link("/srv/app", "/opt/app-root")
    config = VenvConfig(folder, "/usr/bin", system_site_packages=False)
    candidate = Candidate(f"{folder}/bin/python3", "/usr/bin/python3.11", (), venv=config)
    assert [mark.kind for mark in places.marks(tree.system(), candidate)] == ["s2i"]


def test_every_place_is_a_kind_of_origin_and_every_hint_too() -> None:
    assert {place.kind for place in places.PLACES} <= set(KINDS)
    assert {kind for kind, _ in places.HINTS} <= set(KINDS)


def test_hints_tell_no_value() -> None:
    assert places.hints({"LAMBDA_TASK_ROOT": "secret", "HOME": "/root"}) == (
        "LAMBDA_TASK_ROOT is set (as with lambda)",
    )


@pytest.mark.parametrize(
    ("modes", "expected"),
    [
        ({}, ""),
        ({"/root": 0o700}, "/root"),
        ({"/root": 0o750}, ""),
        ({"/root/.pyenv": 0o700}, "/root/.pyenv"),
        ({"/root": 0o711}, ""),
    ],
)
def test_the_first_folder_that_others_may_not_search(tree: Any, modes: dict[str, int], expected: str) -> None:
    tree.elf("/root/.pyenv/bin/python3")
    for path, mode in modes.items():
        tree.directory(path, mode)
    assert places.unreachable(tree.system(), "/root/.pyenv/bin/python3") == expected


@given(st.lists(st.sampled_from(["pyenv", "versions", "installs", "python", "uv", "Cellar", "root", "usr", "x"])))
def test_a_long_hostile_path_is_judged_in_no_time(make_empty: Callable[[], Any], parts: List[str]) -> None:
    path = "/" + "/".join(parts * 40) + "/bin/python3"
    start = time.monotonic()
    places.marks(make_empty(), _candidate(path))
    assert time.monotonic() - start < 1


@pytest.fixture(scope="module")
def make_empty(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Any]:
    from venvboot.system import System  # noqa: PLC0415  # only here

    root = tmp_path_factory.mktemp("empty")
    return lambda: System(root=str(root), environ={})
