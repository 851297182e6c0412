from __future__ import annotations

import glob
import io
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from dataclasses import replace
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple

import pytest

from tests.integration.index import Index
from tests.integration.installations import distribution, home_of_installed, installed  # noqa: F401  # fixtures
from tests.integration.shelf import shelf  # noqa: F401  # a fixture
from tests.integration.synced import prepared, synced  # noqa: F401  # fixtures
from tests.integration.tool import HARMLESS, Tool, Wheels
from tests.integration.wheelhouse import make_project, make_wheel

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TELLER = """
import sys
print(sys.executable)
print("%d.%d" % sys.version_info[:2], sys.flags.isolated, sys.flags.no_site, sys.flags.dont_write_bytecode)
print(sys.argv)
"""


@pytest.fixture(scope="session")
def root() -> str:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Path of the one file: the one that VB_TEST_FILE names, or one built for this session."""
    named = os.environ.get("VB_TEST_FILE")
    if named:
        return os.path.abspath(named)
    path = str(tmp_path_factory.mktemp("dist") / "venvboot")
    subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "build_zipapp.py"), "--output", path], check=True)
    return path


@pytest.fixture(scope="session")
def legacy(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Path of venvboot-legacy: the one that VB_TEST_LEGACY_FILE names, or one built for this session."""
    named = os.environ.get("VB_TEST_LEGACY_FILE")
    if named:
        return os.path.abspath(named)
    path = str(tmp_path_factory.mktemp("dist") / "venvboot-legacy")
    build = os.path.join(ROOT, "scripts", "build_zipapp.py")
    subprocess.run([sys.executable, build, "--legacy", "--output", path], check=True)
    return path


@pytest.fixture(scope="session")
def teller(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The launcher in front of an archive that only tells which Python runs it, with which flags and arguments."""
    buffer = io.BytesIO()
    with open(os.path.join(ROOT, "scripts", "launcher.sh"), "rb") as file:
        buffer.write(file.read())
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("__main__.py", TELLER)
    path = tmp_path_factory.mktemp("teller") / "venvboot"
    path.write_bytes(buffer.getvalue())
    path.chmod(0o755)
    return str(path)


def _version(path: str) -> Tuple[int, int]:
    code = "import sys; print('%d %d' % sys.version_info[:2])"
    done = subprocess.run([path, "-E", "-S", "-c", code], capture_output=True, text=True, check=False)
    major, minor = done.stdout.split() if done.returncode == 0 else ("0", "0")
    return int(major), int(minor)


@pytest.fixture(scope="session")
def every_python() -> Dict[Tuple[int, int], str]:
    """One real interpreter of each version on PATH and in pyenv's versions, old ones too."""
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    found = sorted(glob.glob(os.path.join(glob.escape(root), "versions", "*", "bin", "python")))
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        found += sorted(glob.glob(os.path.join(glob.escape(folder), "python[23].[0-9]*[0-9]")))
    versions: Dict[Tuple[int, int], str] = {}
    for path in found:
        with open(path, "rb") as file:
            shim = file.read(2) == b"#!"
        if not shim:
            versions.setdefault(_version(path), os.path.realpath(path))
    return versions


@pytest.fixture(scope="session")
def pythons(every_python: Dict[Tuple[int, int], str]) -> Dict[Tuple[int, int], str]:
    """The interpreters from 3.9 to 3.13 among them."""
    return {version: path for version, path in every_python.items() if (3, 9) <= version <= (3, 13)}


@pytest.fixture(params=[(3, 9), (3, 10), (3, 11), (3, 12), (3, 13)], ids=lambda version: "{}.{}".format(*version))
def python(request: pytest.FixtureRequest, pythons: Dict[Tuple[int, int], str]) -> str:
    """Each supported CPython in turn."""
    if request.param not in pythons:
        pytest.skip("no Python {}.{} on this machine".format(*request.param))
    return pythons[request.param]


@pytest.fixture(params=["dash", "bash", "bash --posix", "busybox sh"])
def shell(request: pytest.FixtureRequest) -> List[str]:
    """Each shell in turn, as the start of a command line."""
    words: List[str] = request.param.split()
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} isn't installed")
    return words


@pytest.fixture
def reachable() -> Iterator[str]:
    """A folder that any user can reach and write; pytest's own are private to the user who runs it."""
    base = "/var/tmp" if os.path.isdir("/var/tmp") else "/tmp"
    folder = os.path.join(base, f"venvboot-test-{os.getpid()}")
    os.mkdir(folder)
    os.chmod(folder, 0o1777)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Wheels:
    folder = tmp_path_factory.mktemp("wheelhouse")
    pins = (("demo", "1.0"), ("demo", "2.0"), ("other", "1.0"))
    return Wheels(folder, {f"{name}=={version}": make_wheel(folder, name, version) for name, version in pins})


@pytest.fixture(scope="session")
def old_wheels(tmp_path_factory: pytest.TempPathFactory) -> Wheels:
    """Those that Python 2.7 takes too."""
    folder = tmp_path_factory.mktemp("old-wheelhouse")
    pins = (("demo", "1.0"), ("demo", "2.0"))
    tag = "py2.py3-none-any"
    return Wheels(
        folder, {f"{name}=={version}": make_wheel(folder, name, version, tag=tag) for name, version in pins}
    )


@pytest.fixture
def tool(bundle: str, tmp_path: Path, wheels: Wheels) -> Tool:
    home = tmp_path / "home"
    home.mkdir()
    environ = {
        # pip asks rustc for its version, and rustup's makes a folder in HOME for that
        "PATH": os.pathsep.join(f for f in os.environ["PATH"].split(os.pathsep) if not os.path.exists(f"{f}/rustc")),
        "HOME": str(home),
        "TMPDIR": str(home),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels.folder),
    }
    return Tool(bundle, tmp_path, environ)


@pytest.fixture
def legacy_tool(legacy: str, tool: Tool, old_wheels: Wheels) -> Tool:
    return replace(tool, bundle=legacy, environ={**tool.environ, "PIP_FIND_LINKS": str(old_wheels.folder)})


@pytest.fixture
def dest(tool: Tool, python: str, tmp_path: Path) -> Path:
    """An environment of each supported Python."""
    path = tmp_path / "venv"
    done = tool("init", str(path), "--python", python, *HARMLESS)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture
def one(tool: Tool, one_python: str, tmp_path: Path) -> Path:
    """An environment of one Python, for what doesn't differ between them."""
    path = tmp_path / "venv"
    done = tool("init", str(path), "--python", one_python, *HARMLESS)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="session")
def one_python(pythons: Dict[Tuple[int, int], str]) -> str:
    return pythons[max(pythons)]


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheels that something speaks against, and one that needs the worst of them."""
    folder = tmp_path_factory.mktemp("house")
    make_wheel(folder, "enum34", "1.0", module="enum")
    make_wheel(folder, "enum34", "2.0", module="enum")
    make_wheel(folder, "needy", "1.0", requires=("enum34",))
    make_wheel(folder, "starter", "1.0", more={"starter.pth": "import starter\n"})
    make_wheel(folder, "lister", "1.0", more={"DATA/scripts/ls": "#!python\n"})
    make_wheel(folder, "good", "1.0")
    make_wheel(folder, "held", "1.0")
    make_wheel(folder, "victim", "1.0", more={"DATA/data/pyvenv.cfg": "home = /tmp\n"})
    return folder


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Where the project tells each time it is built."""
    return tmp_path / "built"


@pytest.fixture
def project(tmp_path: Path, built: Path) -> Path:
    return make_project(tmp_path / "sources/project-1.0", built)


@pytest.fixture
def door(tool: Tool, one: Path, house: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def install(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return tool("install", "--venv", str(one), *words, **{"PIP_FIND_LINKS": str(house), **variables})

    return install


@pytest.fixture
def told(tool: Tool, one: Path, house: Path) -> Callable[..., Dict[str, Any]]:
    def install(*words: str, code: int = 0, **variables: str) -> Dict[str, Any]:
        environ = {"PIP_FIND_LINKS": str(house), **variables}
        return tool.json("install", "--venv", str(one), *words, code=code, **environ)

    return install


@pytest.fixture
def held() -> threading.Event:
    return threading.Event()


@pytest.fixture
def fetched() -> List[str]:
    """The paths that were asked of the index."""
    return []


@pytest.fixture
def index(house: Path, held: threading.Event, fetched: List[str]) -> Iterator[Dict[str, str]]:
    """What leads pip to that index."""
    handler = partial(Index, directory=str(house), held=held, fetched=fetched)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        yield {"PIP_FIND_LINKS": address, "PIP_TRUSTED_HOST": "127.0.0.1", "PIP_NO_INDEX": "1"}
        server.shutdown()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one with 4 GB: much is written here, and removed again."""
    memory = Path("/dev/shm")
    is_fit = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 << 30
    with tempfile.TemporaryDirectory(prefix="venvboot-", dir=memory if is_fit else tmp_path) as folder:
        yield Path(folder)
