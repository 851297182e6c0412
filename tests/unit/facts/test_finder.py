"""Interpreters are found by their files, without starting one; names of one file are one interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Dict, List, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit import conftest
from venvboot.facts import finder, folders
from venvboot.system import System

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

PATH = "/usr/local/bin:/usr/bin:/bin"


def paths(system: System) -> List[str]:
    return [candidate.path for candidate in finder.find(system)]


def test_all_names_of_one_file_are_one_interpreter(debian: Tree) -> None:
    (found,) = finder.find(debian.system(PATH=PATH))
    assert (found.path, found.real_path) == ("/usr/bin/python3", "/usr/bin/python3.11")
    assert found.names == ("/usr/bin/python3", "/usr/bin/python3.11", "/bin/python3", "/bin/python3.11")
    assert found.first_on_path
    assert found.venv is None


def test_hard_links_are_one_interpreter_as_well(tree: Tree) -> None:
    tree.elf("/usr/bin/python3.11")
    os.link(tree.host("/usr/bin/python3.11"), tree.host("/usr/bin/python3"))
    (found,) = finder.find(tree.system(PATH=PATH))
    assert found.names == ("/usr/bin/python3", "/usr/bin/python3.11")


def test_the_order_is_that_of_path_and_then_the_other_folders(debian: Tree) -> None:
    debian.elf("/usr/local/bin/python3")
    debian.elf("/opt/python/cp312/bin/python3.12")
    debian.elf("/srv/bin/python3")
    debian.elf("/home/x/bin/python3")
    found = paths(debian.system(PATH=f"/srv/bin:{PATH}"))
    assert found == [
        "/srv/bin/python3",
        "/usr/local/bin/python3",
        "/usr/bin/python3",
        "/opt/python/cp312/bin/python3.12",
    ]


def test_python3_on_path_is_first_and_python_only_where_there_is_no_python3(debian: Tree) -> None:
    debian.elf("/usr/local/bin/python")
    first = [found.path for found in finder.find(debian.system(PATH=PATH)) if found.first_on_path]
    assert first == ["/usr/bin/python3"]
    debian.host("/usr/bin/python3").unlink()
    first = [found.path for found in finder.find(debian.system(PATH=PATH)) if found.first_on_path]
    assert first == ["/usr/local/bin/python"]


def test_off_path_nothing_is_first(debian: Tree) -> None:
    assert [found.first_on_path for found in finder.find(debian.system(PATH="/sbin"))] == [False]


def test_folders_broken_links_and_what_may_not_run_are_no_interpreters(tree: Tree) -> None:
    tree.file("/usr/local/bin/python3", "echo no program\n", 0o755)
    tree.file("/usr/local/bin/python", "#!/bin/sh\n", 0o644)
    tree.directory("/usr/bin/python3")
    tree.link("/usr/bin/python3.11", "/nowhere")
    tree.link("/usr/bin/python3.10", "python3.10")
    tree.elf("/usr/bin/python3.12", mode=0o644)
    tree.file("/usr/bin/python2", "", 0o755)
    tree.file("/usr/bin/python2.7", "#", 0o755)
    os.mkfifo(tree.host("/usr/bin/python"), 0o755)
    tree.link("/usr/bin/pypy3", "loop")
    tree.link("/usr/bin/loop", "pypy3")
    assert finder.find(tree.system(PATH=PATH)) == ()


@pytest.mark.parametrize(
    "path",
    [
        "/usr/local/bin/python3.13",
        "/usr/bin/python3.11",
        "/bin/python3",
        "/usr/libexec/platform-python3.6",
        "/opt/conda/bin/python3.11",
        "/opt/conda/envs/web/bin/python3.12",
        "/opt/miniconda3/bin/python",
        "/opt/miniforge3/envs/web/bin/python",
        "/root/miniconda3/envs/web/bin/python",
        "/root/miniconda/bin/python3.12",
        "/home/app/miniconda/envs/web/bin/python",
        "/miniconda3/bin/python",
        "/conda/envs/web/bin/python",
        "/miniforge3/bin/python",
        "/mambaforge/envs/web/bin/python3.12",
        "/app/.pixi/envs/default/bin/python",
        "/app/.venv/bin/python",
        "/venv/bin/python3",
        "/python/cpython-3.12.3-linux-x86_64-gnu/bin/python3.12",
        "/root/.pixi/envs/web/bin/python",
        "/opt/rh/rh-python38/root/usr/bin/python3.8",
        "/opt/rh/python27/root/usr/bin/python2.7",
        "/opt/vendor/collection/root/usr/bin/python3",
        "/opt/python/cp312-cp312/bin/python3.12",
        "/opt/_internal/cpython-3.12.1/bin/python3.12",
        "/opt/python/3.11.4/bin/python3.11",
        "/opt/bitnami/python/bin/python3",
        "/opt/hostedtoolcache/Python/3.12.1/x64/bin/python3",
        "/opt/hostedtoolcache/PyPy/3.10.14/x64/bin/pypy3.10",
        "/opt/ActivePython-3.6/bin/python3.6",
        "/opt/pypy3.10-v7.3.15-linux64/bin/pypy3.10",
        "/opt/graalpy-24.0.0/bin/graalpy",
        "/var/lang/bin/python3.12",
        "/layers/paketo-buildpacks_cpython/cpython/bin/python3",
        "/layers/google.python.runtime/python/bin/python3",
        "/usr/local/python/3.12.1/bin/python3",
        "/usr/local/python/current/bin/python3",
        "/root/.pyenv/versions/3.12.1/bin/python3.12",
        "/home/app/.pyenv/versions/3.12.1/bin/python3.12",
        "/opt/pyenv/versions/3.12.1/bin/python3.12",
        "/root/.asdf/installs/python/3.12.1/bin/python3",
        "/root/.local/share/mise/installs/python/3.12.1/bin/python3",
        "/root/.local/share/uv/python/cpython-3.12.3-linux-x86_64-gnu/bin/python3.12",
        "/root/.rye/py/cpython@3.12.3/bin/python3",
        "/root/.local/share/hatch/pythons/3.12/python/bin/python3",
        "/root/.local/share/pdm/python/cpython@3.12.3/bin/python3",
        "/root/.local/bin/python3.12",
        "/nix/var/nix/profiles/default/bin/python3",
        "/root/.nix-profile/bin/python3",
        "/run/current-system/sw/bin/python3",
        "/nix/store/0c9xx7s8yz0f5yz9d3i8q0k9w6w2x1ab-python3-3.11.8/bin/python3.11",
        "/gnu/store/0c9xx7s8yz0f5yz9d3i8q0k9w6w2x1ab-python-3.10.7/bin/python3.10",
        "/var/guix/profiles/per-user/root/guix-profile/bin/python3",
        "/home/linuxbrew/.linuxbrew/bin/python3",
        "/home/linuxbrew/.linuxbrew/opt/python@3.11/bin/python3.11",
        "/home/linuxbrew/.linuxbrew/Cellar/python@3.11/3.11.9/bin/python3.11",
    ],
)
def test_interpreters_are_found_off_path_where_their_makers_put_them(tree: Tree, path: str) -> None:
    assert paths(tree.system()) == []
    tree.elf(path)
    assert paths(tree.system()) == [path]


@pytest.mark.parametrize("file", ["vendor", "vendor\n"])
def test_a_collection_is_found_where_scl_s_own_files_name_it(tree: Tree, file: str) -> None:
    program = tree.elf("/srv/vendor/rh-python38/root/usr/bin/python3.8")
    assert paths(tree.system()) == []
    tree.file("/etc/scl/prefixes/rh-python38", f"/srv/{file}")
    assert paths(tree.system()) == [program]
    tree.file("/etc/scl/prefixes/rh-python38", "srv/vendor")
    assert paths(tree.system()) == []


def test_of_a_store_without_end_some_folders_are_looked_into(tree: Tree) -> None:
    for number in range(folders.MOST_FOLDERS + 20):
        tree.elf(f"/nix/store/{number:032}-python3-3.11.8/bin/python3.11")
    assert len(paths(tree.system())) == folders.MOST_FOLDERS


def test_a_link_that_outlives_an_upgrade_is_among_the_names(tree: Tree) -> None:
    brew = "/home/linuxbrew/.linuxbrew"
    real = tree.elf(f"{brew}/Cellar/python@3.11/3.11.9/bin/python3.11")
    tree.link(f"{brew}/bin/python3.11", "../Cellar/python@3.11/3.11.9/bin/python3.11")
    tree.link(f"{brew}/opt/python@3.11", "../Cellar/python@3.11/3.11.9")
    store = tree.elf("/nix/store/0c9xx7s8yz0f5yz9d3i8q0k9w6w2x1ab-python3-3.11.8/bin/python3.11")
    tree.link("/nix/var/nix/profiles/default", "/nix/store/0c9xx7s8yz0f5yz9d3i8q0k9w6w2x1ab-python3-3.11.8")
    names = {found.real_path: found.names for found in finder.find(tree.system())}
    assert names == {
        real: (f"{brew}/bin/python3.11", f"{brew}/opt/python@3.11/bin/python3.11", real),
        store: ("/nix/var/nix/profiles/default/bin/python3.11", store),
    }


@pytest.mark.parametrize(
    ("variable", "value", "path"),
    [
        ("PYENV_ROOT", "/srv/pyenv", "/srv/pyenv/versions/3.12.1/bin/python3.12"),
        ("ASDF_DATA_DIR", "/srv/asdf", "/srv/asdf/installs/python/3.12.1/bin/python3"),
        ("MISE_DATA_DIR", "/srv/mise", "/srv/mise/installs/python/3.12.1/bin/python3"),
        ("VIRTUAL_ENV", "/srv/env", "/srv/env/bin/python"),
        ("CONDA_PREFIX", "/srv/forge", "/srv/forge/bin/python"),
        ("CONDA_PREFIX", "/srv/forge", "/srv/forge/envs/web/bin/python"),
        ("MAMBA_ROOT_PREFIX", "/srv/mamba", "/srv/mamba/bin/python"),
        ("MAMBA_ROOT_PREFIX", "/srv/mamba", "/srv/mamba/envs/web/bin/python"),
        ("UV_PYTHON_INSTALL_DIR", "/srv/uv", "/srv/uv/cpython-3.12/bin/python3.12"),
        ("UV_PYTHON_INSTALL_DIR", "/srv/u[v]*", "/srv/u[v]*/cpython-3.12/bin/python3.12"),
        ("HOME", "/srv/app", "/srv/app/.pyenv/versions/3.12.1/bin/python"),
        ("HOME", "/srv/app", "/srv/app/.rye/py/cpython@3.12.3/bin/python3"),
        ("APP_ROOT", "/opt/app-root/x/y", "/opt/app-root/x/y/bin/python"),
        ("HOMEBREW_PREFIX", "/srv/brew", "/srv/brew/opt/python@3.11/bin/python3.11"),
        ("RUNNER_TOOL_CACHE", "/srv/cache", "/srv/cache/Python/3.12.1/x64/bin/python3"),
    ],
)
def test_variables_lead_to_further_folders_when_they_are_absolute(
    tree: Tree, variable: str, value: str, path: str
) -> None:
    tree.elf(path)
    assert paths(tree.system(**{variable: value})) == [path]
    assert paths(tree.system(**{variable: value[1:]})) == []
    assert paths(tree.system()) == []


def test_a_shim_on_path_is_the_interpreter_it_stands_for(tree: Tree) -> None:
    tree.file("/opt/pyenv/shims/python3", "#!/bin/sh\n", 0o755)
    tree.file("/opt/pyenv/version", "3.12.1")
    program = tree.elf("/opt/pyenv/versions/3.12.1/bin/python3")
    (found,) = finder.find(tree.system(PATH="/opt/pyenv/shims"))
    assert (found.path, found.real_path, found.first_on_path) == ("/opt/pyenv/shims/python3", program, True)
    assert found.names == ("/opt/pyenv/shims/python3", program)


def test_rhel_s_platform_python_is_found(tree: Tree) -> None:
    tree.elf("/usr/libexec/platform-python3.6")
    tree.link("/usr/libexec/platform-python", "platform-python3.6")
    (found,) = finder.find(tree.system(PATH="/usr/bin"))
    assert found.names == ("/usr/libexec/platform-python", "/usr/libexec/platform-python3.6")


def test_links_lead_nowhere_outside_the_image(tree: Tree) -> None:
    """``/opt/tool`` is an absolute link: inside an unpacked image it means a folder of that image."""
    program = tree.elf("/srv/venvboot-test/tool/bin/python3")
    tree.link("/opt/tool", "/srv/venvboot-test/tool")
    (found,) = finder.find(tree.system(PATH="/usr/bin"))
    assert (found.path, found.real_path) == ("/opt/tool/bin/python3", program)


@given(st.lists(st.sampled_from(["", ".", "bin", "/bin", "/bin/", "//bin", "/usr/../bin", "/usr/bin"]), max_size=6))
def test_the_search_path_has_absolute_folders_once_each(entries: List[str]) -> None:
    found = finder.search_path(System(environ={"PATH": ":".join(entries)}))
    assert all(folder.startswith("/") for folder in found)
    assert len(set(found)) == len(found)
    assert ("/bin" in found) is bool({"/bin", "/bin/", "/usr/../bin"} & set(entries))


@pytest.mark.parametrize("path", ["/usr/bin/python3", "/usr/bin/python3.11", "/bin/python3", "/srv/python"])
def test_a_named_interpreter_is_the_one_that_is_found_whatever_it_is_called(debian: Tree, path: str) -> None:
    debian.link("/srv/python", "/usr/bin/python3.11")
    system = debian.system(PATH=PATH)
    (found,) = finder.find(system)
    named = finder.examine(system, path)
    assert named is not None
    assert (named.path, named.names[0]) == (path, path)
    assert set(named.names) == {*found.names, path}
    assert replace(named, path=found.path, names=found.names) == found


def test_of_hard_links_the_one_that_is_typed_tells_nothing(tree: Tree) -> None:
    tree.elf("/usr/libexec/platform-python3.6")
    os.link(tree.host("/usr/libexec/platform-python3.6"), tree.host("/usr/libexec/platform-python3.6m"))
    named = finder.examine(tree.system(), "/usr/libexec/platform-python3.6m")
    assert named is not None
    assert named.real_path == "/usr/libexec/platform-python3.6"


def test_a_named_interpreter_that_is_not_found_is_its_own(tree: Tree) -> None:
    tree.elf("/srv/x/y/z/python3")
    found = finder.examine(tree.system(PATH=PATH), "/srv/x/y/z/python3")
    assert found is not None
    assert (found.names, found.first_on_path) == (("/srv/x/y/z/python3",), False)


def test_a_named_shim_leads_to_its_interpreter(tree: Tree) -> None:
    tree.file("/opt/pyenv/shims/python3", "#!/bin/sh\n", 0o755)
    tree.file("/opt/pyenv/version", "3.12.1")
    program = tree.elf("/opt/pyenv/versions/3.12.1/bin/python3")
    found = finder.examine(tree.system(), "/opt/pyenv/shims/python3")
    assert found is not None
    assert found.real_path == program


def test_a_shim_that_stands_for_nothing_is_no_interpreter(tree: Tree) -> None:
    tree.file("/opt/pyenv/shims/python3", "#!/bin/sh\n", 0o755)
    assert finder.find(tree.system(PATH="/opt/pyenv/shims")) == ()
    assert finder.examine(tree.system(), "/opt/pyenv/shims/python3") is None


def test_a_path_without_a_program_is_no_interpreter(debian: Tree) -> None:
    debian.file("/usr/bin/tool", "no program", 0o755)
    for path in ("/usr/bin/none", "/usr/bin", "/usr/bin/tool", "", "/\0", "/\ud800"):
        assert finder.examine(debian.system(), path) is None


def test_a_named_script_has_to_be_started_to_know_what_it_is(debian: Tree) -> None:
    debian.file("/usr/bin/tool", "#!/bin/sh\n", 0o755)
    found = finder.examine(debian.system(), "/usr/bin/tool")
    assert found is not None
    assert (found.real_path, found.script) == ("/usr/bin/tool", True)


def test_names_that_are_no_utf_8_are_kept_as_the_file_system_has_them(tree: Tree) -> None:
    program = tree.elf(os.fsdecode(b"/opt/\xff/bin/python3"))
    (found,) = finder.find(tree.system(PATH=os.fsdecode(b"/opt/\xff/bin")))
    assert (found.path, found.first_on_path) == (program, True)
    assert os.fsencode(found.real_path) == b"/opt/\xff/bin/python3"


def test_the_interpreters_of_this_machine_are_found(pythons: Dict[str, str]) -> None:
    found = {candidate.real_path for candidate in finder.find(System())}
    assert {os.path.realpath(path) for path in pythons.values() if not path.startswith(sys.prefix)} <= found


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["python", "python3", "python3.11", "loop"]),
            st.sampled_from(
                ["python", "python3", "python3.11", "/usr/bin/python3", "/opt/x/bin/python", "/", "..", "loop"]
            ),
        ),
        max_size=6,
    ),
    st.binary(max_size=40),
)
def test_whatever_links_lead_to_whatever_the_search_ends(
    tmp_path_factory: pytest.TempPathFactory, links: List[Tuple[str, str]], content: bytes
) -> None:
    tree = conftest.Tree(tmp_path_factory.mktemp("image"))
    tree.elf("/opt/x/bin/python3.11")
    tree.file("/opt/x/bin/python", b"#!" + content, 0o755)
    for name, target in dict(links).items():
        tree.link(f"/usr/bin/{name}", target)
    system = tree.system(PATH=PATH)
    found = finder.find(system)
    names = [name for candidate in found for name in candidate.names]
    assert len(names) == len(set(names))
    assert finder.merge(system, found, {one: one.real_path for one in found}) == found


@pytest.mark.parametrize("words", [["detect"], ["detect", "-v"], ["detect", "--json"]])
@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_names_that_are_no_utf_8_can_be_printed(
    tmp_path: Path, repository: Path, words: List[str], locale: str
) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xc3\xa9\n"))
    folder.mkdir()
    (folder / "python3").write_text("#!/bin/sh\nexit 3\n")
    (folder / "python3").chmod(0o755)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from venvboot.cli import main; sys.exit(main(sys.argv[2:]))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", program, str(repository), *words, str(folder / "python3")],
        env={"PATH": "/usr/bin", "LC_ALL": locale},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    if "--json" in words:
        (found,) = json.loads(done.stdout)["interpreters"]
        assert os.fsencode(found["path"]) == os.fsencode(folder / "python3")
    else:
        assert "?é?/python3" in done.stdout.decode()
