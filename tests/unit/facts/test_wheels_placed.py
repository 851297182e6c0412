"""Where the files of a wheel will stand is what is laid out there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.facts.test_wheels import DATA, FILE, members, write
from venvboot.errors import WheelNotValid
from venvboot.facts import wheels
from venvboot.facts.wheels import Placed
from venvboot.model import Scheme

SCHEME = Scheme("/v/lib/site", "/v/lib64/site", "/v/include/site/python3.11", "/v/bin", "/v", "/v/bin/python")


@pytest.mark.parametrize(
    ("member", "final"),
    [
        ("pkg/a.py", "{root}/pkg/a.py"),
        (f"{DATA}/purelib/b.py", "/v/lib/site/b.py"),
        (f"{DATA}/platlib/c/d.py", "/v/lib64/site/c/d.py"),
        (f"{DATA}/scripts/tool", "/v/bin/tool"),
        (f"{DATA}/headers/a/b.h", "/v/include/site/python3.11/pkg/a/b.h"),
        (f"{DATA}/data/share/x", "/v/share/x"),
        (f"pkg/{DATA}/scripts/x", "{root}/pkg/pkg-1.0.data/scripts/x"),
        ("pkg-1.0.dist-info/METADATA", "{root}/pkg-1.0.dist-info/METADATA"),
    ],
)
@pytest.mark.parametrize(("told", "root"), [("true", "purelib"), ("false", "platlib"), ("", "platlib")])
def test_each_file_has_its_place(tmp_path: Path, member: str, final: str, told: str, root: str) -> None:
    lines = f"Wheel-Version: 1.0\n{told and f'Root-Is-Purelib: {told}'}\n"
    path = write(tmp_path / FILE, members(*([] if "METADATA" in member else [member]), WHEEL=lines))
    found = {one.member: one for one in wheels.placed(path, "pkg", SCHEME)}
    assert found[member].final == final.format(root=getattr(SCHEME, root))


def test_sizes_are_those_of_the_files(tmp_path: Path) -> None:
    path = write(tmp_path / FILE, {**members("a.py"), "a.py": "x = 1\n"})
    assert wheels.placed(path, "pkg", SCHEME)[0] == Placed("a.py", "/v/lib64/site/a.py", 6)


def test_what_is_no_wheel_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("no archive")
    with pytest.raises(WheelNotValid):
        wheels.placed(str(tmp_path / FILE), "pkg", SCHEME)
    with pytest.raises(WheelNotValid):
        wheels.placed(write(tmp_path / FILE, {**members(), "hidden.py": ""}), "pkg", SCHEME)
    with pytest.raises(WheelNotValid):
        wheels.placed(str(tmp_path / "none.whl"), "pkg", SCHEME)
