"""What is copied from the cache is what was laid out; what isn't whole, or leads elsewhere, isn't copied."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

import pytest

from tests.unit.apply import real
from tests.unit.apply.conftest import layout
from tests.unit.apply.test_bytecode import compiled
from venvboot.apply import indexed, laid_out, placing, stage
from venvboot.apply.bytecode import Compiled
from venvboot.apply.laid_out import Keeping, Kind, LaidOut
from venvboot.apply.layout import lay_out
from venvboot.apply.sharing import UMASK
from venvboot.model import Bytecode, Wheel
from venvboot.system import System

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = "[console_scripts]\npkg = pkg:main\npip = pkg:main\n"
FILES = {
    "pkg/__init__.py": "VALUE = 1\n",
    "pkg/broken.py": "def\n",
    "pkg/empty.py": "",
    "pkg/data.bin": "x" * (indexed.CHUNK + 1),
    "pkg/tool.sh": "#!/bin/sh\n",
    "a,b.txt": "x",
    "DATA/purelib/other.py": "",
    "DATA/platlib/third.py": "",
    "DATA/headers/pkg.h": "int pkg;\n",
    "DATA/scripts/plain.py": "import sys\n",
    "DATA/scripts/rewritten.py": "#!python -E\nimport sys\n",
    "DATA/scripts/pkg": "replaced by the entry point\n",
    "DATA/data/share/pkg/x.txt": "x\n",
    "DATA/data/share/pkg/x.py": "x = 1\n",
}
Found = Dict[str, Tuple[int, int, Optional[bytes]]]


def found(top: Path) -> Found:
    """Return mode, time and content of all that is below a folder."""
    paths = {str(path.relative_to(top)): (path, path.lstat()) for path in top.rglob("*")}
    return {
        name: (info.st_mode, 0 if path.is_dir() else info.st_mtime_ns, None if path.is_dir() else path.read_bytes())
        for name, (path, info) in paths.items()
    }


@pytest.fixture
def wheel(tmp_path: Path) -> Wheel:
    return real.wheel(tmp_path, FILES, programs=["pkg/tool.sh", "DATA/scripts/plain.py"], commands=COMMANDS)


@pytest.fixture
def code(place: real.Environment, wheel: Wheel) -> Compiled:
    return Compiled(compiled(place, wheel)["pkg"].read_bytes())


@pytest.fixture(params=[indexed.SMALL, 0], ids=["read at once", "read in parts"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let files of the cache be read at once up to a size."""
    monkeypatch.setattr(indexed, "SMALL", request.param)
    return int(request.param)


@pytest.mark.usefixtures("known_umask", "size")
@pytest.mark.parametrize("first", Bytecode)
def test_a_copy_is_what_was_laid_out_whatever_its_bytecode_and_time(
    place: real.Environment, wheel: Wheel, code: Compiled, tmp_path: Path, first: Bytecode
) -> None:
    kept = tmp_path / "new/kept"
    with stage.opened(System(), place.record) as staged, System().umask(UMASK):
        made = layout(place, staged.folder)
        its_code = None if first is Bytecode.NONE else code
        lay_out(wheel, "first", replace(made, bytecode=first), its_code, Keeping(str(kept)))
        for form in Bytecode:
            one = replace(made, bytecode=form, moment=made.moment + 7)
            its_code = None if form is Bytecode.NONE else code
            expected = lay_out(wheel, f"{form.value}-laid-out", one, its_code)
            with laid_out.opened(System(), str(kept), one.dest) as before:
                assert before is not None
                copied = placing.copy(before, wheel, f"{form.value}-copied", one, its_code)
            assert (copied.files, copied.size) == (expected.files, expected.size)
            trees = [found(Path(staged.path, f"{form.value}-{how}")) for how in ("laid-out", "copied")]
            assert trees[0] == trees[1]
            assert sum(name.endswith(".pyc") for name in trees[0]) == {Bytecode.NONE: 0, Bytecode.TIMESTAMP: 7}.get(
                form, 6
            )


# -- what isn't as it was written ----------------------------------------------------------------------------


def content(**more: Any) -> bytes:
    """Return one of a single file in the environment /venv."""
    file = io.BytesIO()
    writer = indexed.Writer(file)
    writer.add(b"VALUE")
    site = "/venv/lib/site-packages"
    told = {
        "name": "kept",
        "library": site,
        "record": f"{site}/pkg-1.0.dist-info/RECORD",
        "rows": [["pkg.py", "sha256=x", "5"]],
    }
    writer.finish({**told, "files": [[f"{site}/pkg.py", 0o664, 1, 5]], **more})
    return file.getvalue()


def test_one_is_read_as_it_was_written() -> None:
    kept = LaidOut(io.BytesIO(content()), "kept", "/venv")
    (file,) = kept.files
    assert file == ("/venv/lib/site-packages/pkg.py", 0o664, Kind.SOURCE, 0, 5)
    assert list(kept.content(file)) == [b"VALUE"]
    assert kept.rows == {"pkg.py": ("pkg.py", "sha256=x", "5")}


@pytest.mark.parametrize(
    "more",
    [
        {"files": [["/venv/../etc/passwd", 0o664, 1, 5]]},
        {"files": [["/etc/passwd", 0o664, 1, 5]]},
        {"files": [["/venv-of-another/x", 0o664, 1, 5]]},
        {"files": [["/venv", 0o664, 1, 5]]},
        {"files": [["/venv//x", 0o664, 1, 5]]},
        {"files": [["/venv/x/./y", 0o664, 1, 5]]},
        {"files": [["x", 0o664, 1, 5]]},
        {"files": [["/venv/x", 0o4775, 1, 5]]},
        {"files": [["/venv/x", 0o666, 1, 5]]},
        {"files": [["/venv/x", 0o664, 9, 5]]},
        {"files": [["/venv/x", 0o664, 1, 6]]},
        {"files": [["/venv/x", 0o664, 1, 4]]},
        {"files": [["/venv/x", 0o664, 1, -1], ["/venv/y", 0o664, 1, 6]]},
        {"files": [["/venv/x", 0o664, 1]]},
        {"files": None},
        {"record": "/etc/RECORD"},
        {"rows": [["pkg.py"]]},
        {"rows": None},
        {"rows": [["../../../etc/passwd", "", ""]]},
        {"rows": [["other.py", "", ""]]},
        {"library": "/"},
        {"name": "another"},
        {"files": [["/venv/lib/site-packages/pkg-1.0.dist-info/RECORD", 0o664, 1, 5]]},
        {"files": [["/venv/x", 0o664, 1, 5], ["/venv/x", 0o664, 1, 0]]},
        {"files": [["/venv/x\0", 0o664, 1, 5]]},
        {"files": [["/venv/x", 436.5, 1, 5]]},
        {"files": [["/venv/x", 0o664, 1, 5.0]]},
    ],
)
def test_what_leads_elsewhere_or_is_none_is_refused(more: Dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each says its own
        LaidOut(io.BytesIO(content(**more)), "kept", "/venv")


@pytest.mark.usefixtures("size")
@pytest.mark.parametrize("how", ["damaged", "short", "gone", "a folder", "none"])
def test_what_is_not_whole_is_nothing(tmp_path: Path, how: str) -> None:
    path = tmp_path / "kept"
    if how == "damaged":
        path.write_bytes(content()[:-1])
    elif how == "short":
        path.write_bytes(b"x")
    elif how == "a folder":
        path.mkdir()
    with laid_out.opened(System(), None if how == "none" else str(path), "/venv") as kept:
        assert kept is None


def test_an_index_of_great_depth_is_nothing(tmp_path: Path) -> None:
    depth = b"[" * 100_000
    body = depth + indexed.LENGTH.pack(len(depth))
    path = tmp_path / "kept"
    path.write_bytes(body + hashlib.sha256(body).digest())
    with laid_out.opened(System(), str(path), "/venv") as kept:
        assert kept is None


def test_what_is_cut_off_meanwhile_is_told_or_was_read_before(tmp_path: Path, size: int) -> None:
    path = tmp_path / "kept"
    path.write_bytes(content())
    with laid_out.opened(System(), str(path), "/venv") as kept:
        assert kept
        os.truncate(path, 3)
        if size:
            assert b"".join(kept.content(kept.files[0])) == b"VALUE"
        else:
            with pytest.raises(OSError, match="changed while it was read"):
                list(kept.content(kept.files[0]))


@pytest.mark.usefixtures("known_umask")
def test_the_file_is_not_the_group_s(tmp_path: Path) -> None:
    """Who can write it decides what others install."""
    path = tmp_path / "new/kept"
    with System().umask(UMASK):
        keeping = Keeping(str(path))
        keeping.finish("/venv", "/venv/RECORD", {})
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


# -- for what it holds ---------------------------------------------------------------------------------------


def test_its_name_depends_on_all_that_decides(place: real.Environment, wheel: Wheel) -> None:
    scheme = place.scheme
    folders = ("purelib", "platlib", "headers", "scripts", "data", "python")
    names = [
        laid_out.name("program", wheel, scheme, "3.11.2", "script"),
        laid_out.name("other", wheel, scheme, "3.11.2", "script"),
        laid_out.name("program", replace(wheel, sha256="0" * 64), scheme, "3.11.2", "script"),
        laid_out.name("program", replace(wheel, name="other"), scheme, "3.11.2", "script"),
        *(
            laid_out.name("program", wheel, replace(scheme, **{folder: "/x"}), "3.11.2", "script")
            for folder in folders
        ),
        laid_out.name("program", wheel, scheme, "3.12.2", "script"),
        laid_out.name("program", wheel, scheme, "3.11.2", "another"),
    ]
    assert len(set(names)) == len(names)
    assert laid_out.name("program", replace(wheel, path="/elsewhere/x.whl"), scheme, "3.11.2", "script") == names[0]


# -- no room -------------------------------------------------------------------------------------------------


LITTLE_ROOM = """
import os, resource, sys
from venvboot.apply.laid_out import Keeping, Kind
path, size = sys.argv[1], int(sys.argv[2])
keeping = Keeping(path)
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
for number in range(3):
    keeping.add(os.urandom(1 << 20))
    keeping.end(f"/venv/{number}", 0o664, Kind.DATA, 1 << 20)
keeping.finish("/venv", "/venv/RECORD", {})
os.stat(path)
"""


@pytest.mark.parametrize(("size", "is_kept"), [(0, False), (100, False), (1 << 20, False), (1 << 22, True)])
def test_where_there_is_no_room_nothing_is_kept_and_all_goes_on(tmp_path: Path, size: int, *, is_kept: bool) -> None:
    """In a process of its own, which may write no file of more bytes."""
    path = tmp_path / "new/kept"
    words = [sys.executable, "-c", LITTLE_ROOM, str(path), str(size)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert path.exists() == is_kept
    assert done.stderr.strip().splitlines()[-1:] == (
        [] if is_kept else [f"FileNotFoundError: [Errno 2] No such file or directory: '{path}'"]
    )


def test_where_it_can_not_be_made_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file/kept"):
        keeping = Keeping(str(path))
        keeping.add(b"x")
        keeping.end("/venv/x", 0o664, Kind.DATA, 1)
        keeping.finish("/venv", "/venv/RECORD", {})
    assert (tmp_path / "file").read_bytes() == b""
