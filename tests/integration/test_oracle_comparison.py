"""The comparison with pip tells each thing that is another, and nothing else: in no part of it is it blind."""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path
from typing import Callable, Dict, Tuple

from tests.integration import oracle
from tests.integration.odd_wheels import OddWheel
from tests.integration.oracle import Lock, Place, differences
from tests.integration.tool import Tool, site

VERSION = (3, 11)
NUMBER = 11111
VICTIM = OddWheel(
    "victim",
    {"victim.py": f"VALUE = {NUMBER}\n", "data.txt": "data\n"},
    commands="[console_scripts]\nvictim = victim:print\n",
)
INFO = "victim-1.0.dist-info"
CODE = "__pycache__/victim.cpython-311.pyc"


def replace(file: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    """Return what puts ``new`` in place of ``old``, with the file's time as it was."""

    def change(site: Path) -> None:
        path, info = site / file, (site / file).stat()
        content = path.read_bytes()
        assert content.count(old) == 1
        path.write_bytes(content.replace(old, new))
        os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))

    return change


def _number(value: int) -> bytes:
    """Return a constant as it stands in bytecode."""
    return struct.pack("<i", value)


def flagged(site: Path) -> None:
    content = bytearray((site / CODE).read_bytes())
    content[4] = 1
    (site / CODE).write_bytes(content)


def linked(site: Path) -> None:
    (site / "data.txt").unlink()
    (site / "data.txt").symlink_to("victim.py")


# What is done in site-packages, and what is told of it then.
CHANGES: Tuple[Tuple[Callable[[Path], object], Tuple[str, ...]], ...] = (
    (replace("data.txt", b"data", b"dada"), (r"\+ .+/data.txt: 5 bytes \w+", r"- .+/data.txt: 5 bytes \w+")),
    (
        lambda site: (site / "data.txt").chmod(0o600),
        (r"\+ .+/data.txt: mode 0600 of \d+", r"- .+/data.txt: mode 0664 of \d+"),
    ),
    (
        lambda site: (site / "data.txt").chmod(0o700),
        (r"\+ .+/data.txt: mode 0700 of \d+", r"- .+/data.txt: mode 0600 of \d+"),
    ),
    (lambda site: os.link(site / "data.txt", site.parent / "x"), (r"\+ .+/data.txt: shared .+", r"\+ .+/x")),
    (lambda site: (site.parent / "x").unlink(), (r"- .+/data.txt: shared .+", r"- .+/x")),
    (replace(CODE, _number(NUMBER), _number(NUMBER + 1)), (r"\+ .+\.pyc: code \w+", r"- .+\.pyc: code \w+")),
    (
        replace(CODE, b"/victim.py", b"/victor.py"),
        (
            r"\+ .+: compiled as .+/victor.py",
            r"- .+: compiled as .+/victim.py",
            r"\+ .+\.pyc: code \w+",
            r"- .+\.pyc: code \w+",
        ),
    ),
    (flagged, (r"\+ .+\.pyc: flags 1", r"- .+\.pyc: flags 0")),
    (
        lambda site: os.utime(site / "victim.py", (1, 1)),
        (r"\+ .+/victim[^/]+: of another source", r"- .+/victim[^/]+: of its source"),
    ),
    (replace(f"{INFO}/RECORD", f"{CODE},,\n".encode(), b""), (r"- distribution victim: .+", r"- .+/RECORD: row .+")),
    (
        replace(f"{INFO}/RECORD", b",5\n", b",6\n"),
        (
            r"\+ distribution victim: file data.txt.+ 6",
            r"- distribution victim: file data.txt.+ 5",
            r'\+ .+/RECORD: row \["data.txt", .+"6"\]',
            r'- .+/RECORD: row \["data.txt", .+"5"\]',
        ),
    ),
    (
        replace(f"{INFO}/INSTALLER", b"venvboot", b"pip"),
        (r'\+ .+/INSTALLER", "wrong"\]', r'- .+/INSTALLER", "right"\]'),
    ),
    (replace(f"{INFO}/INSTALLER", b"pip", b"other"), (r"\+ .+/INSTALLER: unknown", r"- .+/INSTALLER: known")),
    (
        replace(f"{INFO}/METADATA", b"Version: 1.0", b"Version: 1.1"),
        (
            r"\+ distribution victim: version 1.1",
            r"- distribution victim: version 1.0",
            r"\+ .+/METADATA: \d+ bytes \w+",
            r"- .+/METADATA: \d+ bytes \w+",
        ),
    ),
    (
        replace(f"{INFO}/entry_points.txt", b":print", b":prinz"),
        (
            r"\+ distribution victim: entry point console_scripts: victim = victim:prinz",
            r"- distribution victim: entry point console_scripts: victim = victim:print",
            r"\+ .+/entry_points.txt: .+",
            r"- .+/entry_points.txt: .+",
        ),
    ),
    (linked, (r"\+ .+: link", r"\+ .+: to victim.py", r"- .+: 5 bytes .+", r"- .+: file", r"- .+: mode .+")),
    (lambda site: (site / "data.txt").unlink(), (r"- .+/data.txt",)),
    (lambda site: (site / "empty").mkdir(), (r"\+ .+/empty \(folder\)",)),
    (lambda site: (site / CODE).unlink(), (r"- .+/victim.cpython-311.pyc",)),
)


def test_each_change_is_told(tool: Tool, room: Path, tmp_path: Path, pythons: Dict[Tuple[int, int], str]) -> None:
    place = Place(tool, oracle.chosen(pythons, VERSION), room / "venv", (tmp_path,))
    place.new()
    place.sync(Lock({"victim": f"victim==1.0 --hash=sha256:{VICTIM.write(tmp_path)}"}))
    before = place.state()
    assert differences(before, place.state()) == []
    for change, expected in CHANGES:
        change(site(place.dest))
        after = place.state()
        told = differences(before, after)
        assert len(told) == len(expected), told
        assert all(any(re.fullmatch(pattern, line) for line in told) for pattern in expected), told
        before = after
