"""Compiled code is kept whole or not used, and each form of it is what Python takes for that of its source."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import marshal
import os
import struct
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.apply import real
from tests.unit.apply.conftest import MOMENT, Bring
from venvboot.apply import bytecode
from venvboot.apply.bytecode import Compiled
from venvboot.errors import ToolFailed
from venvboot.facts import wheels
from venvboot.model import Bytecode, PythonFacts, Scheme, Wheel
from venvboot.report import Reporter
from venvboot.system import System

SOURCE = "VALUE = 'source'\n"


def module(source: str, final: str) -> Any:
    return compile(source, final, "exec", dont_inherit=True)


def kept(codes: Mapping[str, Tuple[str, str]]) -> bytes:
    """Return a file of compiled code: by final path what is compiled, and the source that it passes for."""
    body, index = b"", {}
    for final, (code, source) in codes.items():
        marshalled = marshal.dumps(module(code, final))
        index[final] = [len(body), len(marshalled), importlib.util.source_hash(source.encode()).hex()]
        body += marshalled
    told = json.dumps(index).encode()
    body += told + struct.pack("<Q", len(told))
    return body + hashlib.sha256(body).digest()


def compiled(place: real.Environment, *found: Wheel) -> Dict[str, Path]:
    """Compile wheels by a real Python, and return the files by the names of the wheels."""
    folder = place.dest.parent / "run"
    folder.mkdir(exist_ok=True)
    paths = {wheel.name: folder / "new" / wheel.name for wheel in found}
    todo = [
        (
            wheel,
            bytecode.modules(wheels.placed(wheel.path, wheel.name, place.scheme), real.TAG),
            str(paths[wheel.name]),
        )
        for wheel in found
    ]
    bytecode.compile_all(System(), Reporter(-1), place.record, todo, str(folder))
    return paths


def imported(place: real.Environment) -> str:
    """Return the value that a real Python finds in the module ``pkg``."""
    program = f"import sys; sys.path.insert(0, {str(place.site)!r}); import pkg; print(pkg.VALUE)"
    done = subprocess.run(
        [place.record.python, "-I", "-B", "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def altered(path: Path, content: str) -> None:
    """Write another source of the same time."""
    path.write_text(content)
    os.utime(path, (MOMENT, MOMENT))


@pytest.fixture
def brought(place: real.Environment, bring: Bring, tmp_path: Path) -> Callable[[Bytecode], Path]:
    """Lay a module out with code that isn't that of its source, and return its path."""

    def brought(form: Bytecode) -> Path:
        final = place.site / "pkg.py"
        code = Compiled(kept({str(final): ("VALUE = 'bytecode'\n", SOURCE)}))
        bring(real.wheel(tmp_path, {"pkg.py": SOURCE}), code=None if form is Bytecode.NONE else code, form=form)
        return final

    return brought


# -- the forms -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [form for form in Bytecode if form is not Bytecode.NONE])
def test_python_takes_the_bytecode_of_each_form(
    place: real.Environment, brought: Callable[[Bytecode], Path], form: Bytecode
) -> None:
    brought(form)
    assert imported(place) == "bytecode"


def test_without_bytecode_there_is_none(place: real.Environment, brought: Callable[[Bytecode], Path]) -> None:
    brought(Bytecode.NONE)
    assert imported(place) == "source"
    assert list(place.dest.rglob("__pycache__")) == []


def test_a_timestamp_tells_a_source_of_another_time_or_size(
    place: real.Environment, brought: Callable[[Bytecode], Path]
) -> None:
    final = brought(Bytecode.TIMESTAMP)
    altered(final, SOURCE.replace("source", "SOURCE"))
    assert imported(place) == "bytecode"
    altered(final, SOURCE.replace("source", "longer"[:5]))
    assert imported(place) == "longe"
    altered(final, SOURCE)
    os.utime(final, (MOMENT, MOMENT + 1))
    assert imported(place) == "source"


def test_a_checked_hash_tells_any_other_source(place: real.Environment, brought: Callable[[Bytecode], Path]) -> None:
    final = brought(Bytecode.CHECKED_HASH)
    os.utime(final)
    assert imported(place) == "bytecode"
    altered(final, SOURCE.replace("source", "SOURCE"))
    assert imported(place) == "SOURCE"


def test_an_unchecked_hash_tells_none(place: real.Environment, brought: Callable[[Bytecode], Path]) -> None:
    altered(brought(Bytecode.UNCHECKED_HASH), SOURCE.replace("source", "any other"))
    assert imported(place) == "bytecode"


@given(moment=st.integers(0, 1 << 40), size=st.integers(0, 1 << 40), source=st.binary(max_size=9))
def test_the_header_is_that_of_python(moment: int, size: int, source: bytes) -> None:
    own: Any = importlib.import_module("importlib._bootstrap_external")
    source_hash = importlib.util.source_hash(source)

    def header(form: Bytecode) -> bytes:
        return bytecode.header(form, real.MAGIC, moment, size, source_hash)

    assert header(Bytecode.TIMESTAMP) == bytes(own._code_to_timestamp_pyc(compile("", "", "exec"), moment, size)[:16])
    for form, checked in ((Bytecode.CHECKED_HASH, True), (Bytecode.UNCHECKED_HASH, False)):
        assert header(form) == bytes(own._code_to_hash_pyc(compile("", "", "exec"), source_hash, checked)[:16])


def test_bytecode_has_a_row_without_a_digest(
    place: real.Environment, brought: Callable[[Bytecode], Path], bring: Bring, tmp_path: Path
) -> None:
    brought(Bytecode.TIMESTAMP)
    rows = real.record(place.site / "pkg-1.0.dist-info")
    pyc = f"__pycache__/pkg.{real.TAG}.pyc"
    assert rows[pyc] == ("", "")
    assert (place.site / pyc).stat().st_mode & 0o777 == 0o664
    assert (place.site / pyc).stat().st_mtime == MOMENT
    script = Compiled(kept({f"{place.dest}/bin/tool.py": ("", "")}))
    bring(real.wheel(tmp_path, {"DATA/scripts/tool.py": ""}, name="other"), code=script, form=Bytecode.UNCHECKED_HASH)
    rows = real.record(place.site / "other-1.0.dist-info")
    assert rows[f"../../../bin/__pycache__/tool.{real.TAG}.pyc"] == ("", "")


def test_a_rewritten_script_has_bytecode_of_its_time_alone(
    place: real.Environment, bring: Bring, tmp_path: Path
) -> None:
    """Its hash would be that of the source as it was in the wheel."""
    code = Compiled(kept({f"{place.dest}/bin/tool.py": ("", "")}))
    for number, form in enumerate(Bytecode):
        name = f"pkg{number}"
        bring(real.wheel(tmp_path, {"DATA/scripts/tool.py": "#!python\n"}, name=name), code=code, form=form)
        pyc = place.dest / f"bin/__pycache__/tool.{real.TAG}.pyc"
        assert pyc.exists() == (form is Bytecode.TIMESTAMP)
        if form is Bytecode.TIMESTAMP:
            size = (place.dest / "bin/tool.py").stat().st_size
            assert pyc.read_bytes()[8:16] == struct.pack("<II", MOMENT, size)
            pyc.unlink()


# -- compiling -----------------------------------------------------------------------------------------------


def test_modules_are_compiled_for_the_place_where_they_will_stand(place: real.Environment, tmp_path: Path) -> None:
    source = "import os\n\ndef name():\n    return __file__\n"
    one = real.wheel(
        tmp_path, {"pkg/__init__.py": source, "pkg/data.txt": "x = 1", "DATA/scripts/tool.py": "assert 1\n"}
    )
    two = real.wheel(tmp_path, {"two.py": "VALUE = 2\n"}, name="two")
    paths = compiled(place, one, two)
    finals = {f"{place.site}/pkg/__init__.py": source, f"{place.dest}/bin/tool.py": "assert 1\n"}
    found = bytecode.load(System(), str(paths["pkg"]))
    assert found
    for final, text in finals.items():
        code = found.code(final)
        assert code
        assert marshal.loads(code.marshalled) == module(text, final)
        assert marshal.loads(code.marshalled).co_filename == final
        assert code.source_hash == importlib.util.source_hash(text.encode())
    assert found.code(f"{place.site}/pkg/data.txt") is None
    assert found.code(f"{place.site}/two.py") is None
    other = bytecode.load(System(), str(paths["two"]))
    assert other
    assert other.code(f"{place.site}/two.py")


@pytest.mark.parametrize(
    "source", ["print 'two'\n", "x = (\n", b"\xff\n", b"# coding: none-such\n", "x\0y\n", "(" * 500, "return\n"]
)
def test_what_python_can_t_compile_is_left_out(place: real.Environment, tmp_path: Path, source: Any) -> None:
    wheel = real.wheel(tmp_path, {"bad.py": source, "good.py": "GOOD = 1\n"})
    found = bytecode.load(System(), str(compiled(place, wheel)["pkg"]))
    assert found
    assert found.code(f"{place.site}/bad.py") is None
    assert found.code(f"{place.site}/good.py")


def test_a_python_that_does_not_start_is_told(place: real.Environment, tmp_path: Path) -> None:
    (place.dest / "bin/python").unlink()
    with pytest.raises(ToolFailed) as caught:
        compiled(place, real.wheel(tmp_path, {"pkg.py": ""}))
    (finding,) = caught.value.findings
    assert (finding.code, finding.subject) == ("bytecode-failed", place.record.python)


def test_modules_are_what_pip_compiles() -> None:
    longest = "x" * (255 - len(f".{real.TAG}.pyc"))
    names = ["a.py", "a.pyi", "a.txt", "py", ".py", f"{longest}.py", f"{longest}x.py", f"{'é' * 120}.py"]
    placed = [wheels.Placed(name, f"/opt/venv/{name}", 1) for name in names]
    found = [one.member for one in bytecode.modules(placed, real.TAG)]
    assert found == ["a.py", ".py", f"{longest}.py"]


# -- keeping -------------------------------------------------------------------------------------------------

WHOLE = kept({"/a.py": ("A = 1\n", "A"), "/b/c.py": ("B = 2\n", "B")})


def test_what_is_whole_is_read_back() -> None:
    found = Compiled(WHOLE)
    code = found.code("/b/c.py")
    assert code
    assert marshal.loads(code.marshalled) == module("B = 2\n", "/b/c.py")
    assert code.source_hash == importlib.util.source_hash(b"B")
    assert found.code("/a.py")
    assert found.code("/c.py") is None


@given(place=st.integers(0, len(WHOLE) - 1), change=st.integers(1, 255))
def test_any_other_byte_is_noticed(place: int, change: int) -> None:
    content = bytearray(WHOLE)
    content[place] ^= change
    with pytest.raises(ValueError):  # noqa: PT011  # it has no message
        Compiled(bytes(content))


@given(length=st.integers(0, len(WHOLE) - 1), start=st.booleans())
def test_a_part_is_noticed(*, length: int, start: bool) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # it has no message
        Compiled(WHOLE[:length] if start else WHOLE[len(WHOLE) - length :])


@given(content=st.binary(max_size=200))
def test_any_bytes_are_noticed(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # it has no message
        Compiled(content)


def test_a_file_that_is_damaged_or_none_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "code"
    assert bytecode.load(System(), str(path)) is None
    path.write_bytes(WHOLE[:-1])
    assert bytecode.load(System(), str(path)) is None
    assert bytecode.load(System(), str(tmp_path)) is None
    os.mkfifo(tmp_path / "pipe")
    begun = time.monotonic()
    assert bytecode.load(System(), str(tmp_path / "pipe")) is None
    assert time.monotonic() - begun < 1
    path.write_bytes(WHOLE)
    assert bytecode.load(System(), str(path))


def test_its_name_is_decided_by_all_that_the_code_depends_on() -> None:
    wheel = Wheel("pkg", "1.0", "/a.whl", "00", 1)
    scheme = Scheme("/v/lib", "/v/lib64", "/v/include", "/v/bin", "/v", "/v/bin/python")
    python = PythonFacts((), (), "/usr/lib", "tags", "cb0d0d0a", "cpython-311", "/v/lib64", "text")
    usual = bytecode.name(wheel, scheme, python)
    assert len(usual) == 64
    assert bytecode.name(replace(wheel, path="/b.whl", built=True), scheme, python) == usual
    assert bytecode.name(wheel, scheme, replace(python, tags="other", script="other")) == usual

    def changed(one: Any, key: str) -> Any:
        return replace(one, **{key: "x"})

    others = [
        *(bytecode.name(changed(wheel, key), scheme, python) for key in ("sha256", "name")),
        *(bytecode.name(wheel, changed(scheme, key), python) for key in ("purelib", "platlib", "data")),
        *(bytecode.name(wheel, scheme, changed(python, key)) for key in ("cache_tag", "magic")),
    ]
    assert len({usual, *others}) == 1 + len(others)
