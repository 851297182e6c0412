"""Wheels that have what few wheels have, all of which installers know. A name tells what is odd."""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.util
import io
import marshal
import struct
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, Mapping, Tuple, Union

PROGRAM = 0o100755
PLAIN = 0o100644
OLDEST_DATE = (1980, 1, 1, 0, 0, 0)
DATE = (2020, 1, 1, 0, 0, 0)
SCRIPT = "#!python\nimport sys\nprint(sys.argv)\n"


@dataclass(frozen=True)
class Member:
    """A file of a wheel; ``mode`` is that of the zip's entry, 0 as Windows has it."""

    content: Union[str, bytes]
    mode: int = PLAIN
    date: Tuple[int, int, int, int, int, int] = DATE

    @property
    def data(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else self.content.encode()


Content = Union[str, bytes, Member]


@dataclass(frozen=True)
class OddWheel:
    """A wheel to write; in the paths of ``files`` DATA and INFO stand for its folders of data and of metadata.

    These begin with ``folder`` where that isn't empty. ``unlisted`` are files that RECORD doesn't list; ``algorithm``
    (empty for no digests) and ``end`` are for its rows.
    """

    name: str
    files: Mapping[str, Content] = field(default_factory=dict)
    version: str = "1.0"
    commands: str = ""
    root: str = "true"
    tag: str = "py3-none-any"
    build: str = ""
    folder: str = ""
    unlisted: Tuple[str, ...] = ()
    algorithm: str = "sha256"
    end: str = "\n"

    @property
    def stem(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}"

    def write(self, folder: Path) -> str:
        """Write it and return its sha256."""
        path = folder / f"{self.stem}{self.build and f'-{self.build}'}-{self.tag}.whl"
        members = {self._place(name): _member(content) for name, content in self._all().items()}
        record = self._place("INFO/RECORD")
        members[record] = Member(self._record(members, record))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
            for name, member in members.items():
                entry = zipfile.ZipInfo(name, member.date)
                entry.external_attr = member.mode << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                wheel.writestr(entry, member.data)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def _all(self) -> Dict[str, Content]:
        found: Dict[str, Content] = dict(self.files)
        if self.commands:
            found["INFO/entry_points.txt"] = self.commands
        found["INFO/WHEEL"] = (
            f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: {self.root}\nTag: {self.tag}\n"
            + (f"Build: {self.build}\n" if self.build else "")
        )
        found["INFO/METADATA"] = f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}\n"
        return found

    def _place(self, name: str) -> str:
        top, slash, rest = name.partition("/")
        stem = self.folder or self.stem
        return {"DATA": f"{stem}.data", "INFO": f"{stem}.dist-info"}.get(top, top) + slash + rest

    def _record(self, members: Mapping[str, Member], record: str) -> str:
        text = io.StringIO()
        rows = csv.writer(text, lineterminator=self.end)
        unlisted = {self._place(name) for name in self.unlisted}
        for name, member in members.items():
            if name not in unlisted and not name.endswith("/"):
                rows.writerow([name, *self._row(member.data)])
        rows.writerow([record, "", ""])
        return text.getvalue()

    def _row(self, data: bytes) -> Tuple[str, str]:
        if not self.algorithm:
            return "", ""
        digest = hashlib.new(self.algorithm, data).digest()
        return f"{self.algorithm}={base64.urlsafe_b64encode(digest).decode().rstrip('=')}", str(len(data))


def _member(content: Content) -> Member:
    return content if isinstance(content, Member) else Member(content)


def _code(source: str, path: str) -> bytes:
    """Return bytecode of this test's own Python, with a header that says nothing true of the source."""
    return importlib.util.MAGIC_NUMBER + struct.pack("<III", 0, 1, 2) + marshal.dumps(compile(source, path, "exec"))


def _deep(depth: int) -> str:
    return "/".join(f"d{number}" for number in range(depth))


ODD = (
    OddWheel(
        "odd-data",
        {
            "odd_data/__init__.py": "",
            "DATA/data/share/odd/file.txt": "text\n",
            "DATA/data/etc/odd.conf": "[odd]\n",
            "DATA/data/share/odd/program": Member("#!/bin/sh\n", PROGRAM),
            "DATA/data/share/odd/module.py": "VALUE = 1\n",
            "DATA/data/bin/odd-tool": Member("#!python\n", PROGRAM),
            "DATA/data/odd-at-the-top": "",
        },
    ),
    OddWheel(
        "odd-scripts",
        {
            "DATA/scripts/odd-plain": SCRIPT,
            "DATA/scripts/odd-executable": Member(SCRIPT, PROGRAM),
            "DATA/scripts/odd-windowed": "#!pythonw\nprint(1)\n",
            "DATA/scripts/odd-optioned": "#!python -E\nprint(1)\n",
            "DATA/scripts/odd-three": "#!python3\nprint(1)\n",
            "DATA/scripts/odd-crlf": "#!python\r\nprint(1)\r\n",
            "DATA/scripts/odd-no-end": "#!python",
            "DATA/scripts/odd-spaced": "#! python\nprint(1)\n",
            "DATA/scripts/odd-by-env": Member("#!/usr/bin/env python\nprint(1)\n", PROGRAM),
            "DATA/scripts/odd-shell": Member("#!/bin/sh\n", PROGRAM),
            "DATA/scripts/odd-shell-plain": "#!/bin/sh\n",
            "DATA/scripts/odd-binary": Member(b"\x7fELF\x02\x01\x01\x00\xff\xfe\n\r\n", PROGRAM),
            "DATA/scripts/odd-empty": "",
        },
    ),
    OddWheel(
        "odd-script-with-suffix",
        {
            "DATA/scripts/odd_suffix.py": Member("#!python\nVALUE = 1\n", PROGRAM),
            "DATA/scripts/odd_suffix_plain.py": "VALUE = 1\n",
            "DATA/scripts/odd_suffix_old.py": "#!python\nprint 1\n",
            "DATA/scripts/odd_suffix_latin.py": b"#!python\n# -*- coding: latin-1 -*-\nVALUE = '\xe9'\n",
            "DATA/scripts/odd_suffix_first.py": b"#!python -*- coding: latin-1 -*-\nVALUE = '\xe9'\n",
        },
    ),
    OddWheel("odd-headers", {"odd_headers.py": "", "DATA/headers/odd.h": "int odd;\n", "DATA/headers/a/b.h": ""}),
    OddWheel("odd-namespace-a", {"odd_namespace/a/__init__.py": "VALUE = 'a'\n"}),
    OddWheel("odd-namespace-b", {"odd_namespace/b.py": "VALUE = 'b'\n"}),
    OddWheel(
        "odd-start",
        {
            "odd_start.py": "",
            "odd-start.pth": "import sys; sys.odd_start = 1\nodd_started\n",
            "odd_started/odd_module.py": "",
        },
    ),
    OddWheel(
        "odd-commands",
        {"odd_commands/__init__.py": "def main(): pass\nclass Kind:\n    main = main\n"},
        commands=(
            "# all forms\n[console_scripts]\nodd-main = odd_commands:main\n\n"
            "odd-extra = odd_commands:main [extra]\nodd.dotted=odd_commands:Kind.main\n"
            "odd-spaced   =   odd_commands:main\nodd_ünï = odd_commands:main\n"
            "odd-both = odd_commands:main\n"
            "[gui_scripts]\nodd-window = odd_commands:main\nodd-both = odd_commands:main\n"
            "[odd.plugins]\none = odd_commands\ntwo = odd_commands:Kind [a,b]\n"
        ),
    ),
    OddWheel(
        "odd-names",
        {
            "módulo.py": "VALUE = 1\n",
            "odd_日本/__init__.py": "VALUE = 'é'\n",
            "odd_日本/ファイル.txt": "text\n",
            "odd names/a file.txt": "text\n",
            "odd names/with, comma.txt": "text\n",
            'odd names/with "quotes".txt': "text\n",
            "odd names/it's.py": "VALUE = 1\n",
            "odd names/.hidden": "",
            "odd names/%(module)s.py": "VALUE = 1\n",
            "odd names/no.dots.here.py": "VALUE = 1\n",
            "odd names/e\u0301.py": "VALUE = 1\n",
            "DATA/scripts/odd-ünïcode": SCRIPT,
        },
    ),
    OddWheel(
        "odd-platlib",
        {"odd_platlib/there.py": "VALUE = 1\n", "DATA/purelib/odd_platlib_pure/here.py": "VALUE = 2\n"},
        root="false",
    ),
    OddWheel("odd-purelib", {"odd_purelib/a.py": "VALUE = 1\n", "DATA/platlib/odd_purelib/b.so": b"\x7fELF"}),
    OddWheel("odd-root-in-capitals", {"odd_root.py": "VALUE = 1\n"}, root="True"),
    OddWheel(
        "odd-one-name",
        {
            "odd_one_name.py": "def main(): pass\n",
            "DATA/scripts/odd-one": Member(SCRIPT, PROGRAM),
            "DATA/scripts/odd-old-script.py": SCRIPT,
            "DATA/scripts/odd-old.exe": b"MZ",
            "DATA/scripts/odd-alone": SCRIPT,
        },
        commands="[console_scripts]\nodd-one = odd_one_name:main\nodd-old = odd_one_name:main\n",
    ),
    OddWheel(
        "odd-empty",
        {
            "odd_empty/__init__.py": "",
            "odd_empty/nothing": "",
            "odd_empty/folder/": "",
            "odd_empty/py.typed": "",
            "INFO/top_level.txt": "",
        },
    ),
    OddWheel(
        "odd-dates",
        {
            "odd_dates/__init__.py": Member("VALUE = 1\n", date=OLDEST_DATE),
            "odd_dates/future.py": Member("VALUE = 1\n", date=(2107, 12, 31, 23, 59, 58)),
            "odd_dates/never.py": Member("VALUE = 1\n", date=(1980, 0, 0, 0, 0, 0)),
        },
    ),
    OddWheel(
        "odd-sources",
        {
            "odd_sources/__init__.py": "",
            "odd_sources/old.py": "print 'Python 2'\n",
            "odd_sources/nul.py": b"VALUE = 1\0\n",
            "odd_sources/nested.py": "(" * 300 + ")" * 300 + "\n",
            "odd_sources/deep_nested.py": f"VALUE = {'-' * 20000}1\n",
            "odd_sources/escapes.py": "VALUE = '\\d'\nprint(VALUE is 1)\n",
            "odd_sources/{{ template }}.py": "{{ template }}\n",
            "odd_sources/returns.py": "return 1\n",
            "odd_sources/surrogate.py": "VALUE = '\\ud800'\n",
            "odd_sources/constants.py": "VALUE = (1, -0.0, 1e400, 2j, 10**30, None, ..., b'x', frozenset({1}), 'é')\n"
            "if VALUE in {1, 2.5, 'x', (1, 2)}:\n    pass\n",
            "odd_sources/optimised.py": "'doc'\nassert __debug__, 'kept'\ndef f():\n    'doc'\n    assert f\n",
            "odd_sources/future.py": "from __future__ import annotations\nx: int = 1\n",
        },
    ),
    OddWheel(
        "odd-encodings",
        {
            "odd_encodings/latin.py": b"# -*- coding: latin-1 -*-\nVALUE = '\xe9'\n",
            "odd_encodings/cyrillic.py": b"#!/usr/bin/python\n# vim: set fileencoding=koi8-r :\nVALUE = '\xc1'\n",
            "odd_encodings/japanese.py": "# coding: shift_jis\nVALUE = '日本'\n".encode("shift_jis"),
            "odd_encodings/marked.py": b"\xef\xbb\xbfVALUE = 1\n",
            "odd_encodings/marked_wrongly.py": b"\xef\xbb\xbf# coding: latin-1\nVALUE = 1\n",
            "odd_encodings/unmarked.py": b"VALUE = '\xe9'\n",
            "odd_encodings/unknown.py": b"# coding: none-such\nVALUE = 1\n",
            "odd_encodings/dos.py": b"VALUE = '''a\r\nb'''\r\nOTHER = 1\r\n",
            "odd_encodings/mac.py": b"VALUE = 1\rOTHER = 2\r",
            "odd_encodings/fed.py": b"\x0cVALUE = 1\n",
            "odd_encodings/no_end.py": b"VALUE = 1",
            "odd_encodings/no_end_in_block.py": b"if 1:\n    VALUE = 1\n    # a comment",
            "odd_encodings/utf16.py": "VALUE = 1\n".encode("utf-16"),
        },
    ),
    OddWheel(
        "odd-versioned-commands",
        {"odd_versioned.py": "def main(): pass\n"},
        commands="[console_scripts]\neasy_install = odd_versioned:main\neasy_install-3.6 = odd_versioned:main\n"
        "pipx = odd_versioned:main\npip-compile = odd_versioned:main\n",
    ),
    OddWheel("odd-deep", {f"{_deep(60)}/module.py": "VALUE = 1\n", f"odd_deep/{'x' * 245}.py": "VALUE = 'long'\n"}),
    OddWheel(
        "odd-sourceless", {"odd_sourceless.pyc": _code("VALUE = 1\n", "x.py"), "odd_old_sourceless.pyo": b"old"}
    ),
    OddWheel(
        "odd-signed",
        {"odd_signed.py": "VALUE = 1\n", "INFO/RECORD.jws": "{}", "INFO/RECORD.p7s": b"\0"},
        unlisted=("INFO/RECORD.jws", "INFO/RECORD.p7s"),
    ),
    OddWheel(
        "odd-metadata",
        {
            "odd_metadata.py": "",
            "INFO/licenses/LICENSE.txt": "free\n",
            "INFO/licenses/vendored/AUTHORS": "",
            "INFO/sboms/odd.cdx.json": "{}",
            "INFO/top_level.txt": "odd_metadata\n",
            "INFO/zip-safe": "\n",
            "INFO/module.py": "VALUE = 1\n",
        },
    ),
    OddWheel("Odd_Name.Dotted", {"odd_dotted.py": ""}, version="1.0+local.1", build="1abc", tag="py2.py3-none-any"),
    OddWheel(
        "odd-case",
        {"odd_case.py": "", "DATA/scripts/odd-case": SCRIPT, "DATA/data/share/odd/case": ""},
        folder="Odd.Case-1.0",
    ),
    OddWheel("odd-no-digests", {"odd_no_digests.py": "", "DATA/scripts/odd-no-digests": SCRIPT}, algorithm=""),
    OddWheel("odd-sha512", {"odd_sha512.py": "VALUE = 1\n"}, algorithm="sha512", end="\r\n"),
    OddWheel(
        "odd-modes",
        {
            "odd_modes/executable.py": Member("VALUE = 1\n", PROGRAM),
            "odd_modes/closed.py": Member("VALUE = 1\n", 0o100000),
            "odd_modes/set_uid": Member("#!/bin/sh\n", 0o104755),
            "odd_modes/open": Member("#!/bin/sh\n", 0o100777),
            "odd_modes/group_only": Member("#!/bin/sh\n", 0o100010),
            "odd_modes/of_windows.py": Member("VALUE = 1\n", 0),
            "odd_modes/no_kind": Member("#!/bin/sh\n", 0o755),
        },
    ),
    OddWheel("odd-stubs", {"odd-stubs/__init__.pyi": "VALUE: int\n", "odd-stubs/py.typed": "partial\n"}),
    OddWheel("odd-shared-a", {"odd_shared/__init__.py": "VALUE = 'a'\n", "odd_shared/a.py": "", "ODD": "a\n"}),
    OddWheel("odd-shared-b", {"odd_shared/__init__.py": "VALUE = 'b, c'\n", "odd_shared/b.py": "", "ODD": "b\n"}),
)


def wheels(library: str, cache_tag: str) -> Tuple[OddWheel, ...]:
    """Return all of them, for a Python whose site-packages is ``library`` below the prefix."""
    return (
        *ODD,
        OddWheel(
            "odd-data-in-the-library",
            {f"DATA/data/{library}/odd_by_data.py": "VALUE = 1\n", f"DATA/data/{library}/odd_data_package/x.py": ""},
        ),
        OddWheel(
            "odd-own-cache",
            {
                "odd_own_cache.py": "VALUE = 1\n",
                "__pycache__/odd_own_cache.cpython-36.pyc": b"old",
                "odd_own_package/__init__.py": "VALUE = 1\n",
                f"odd_own_package/__pycache__/__init__.{cache_tag}.pyc": _code("VALUE = 2\n", "elsewhere.py"),
                "odd_own_package/__pycache__/__init__.cpython-36.opt-1.pyc": b"old",
            },
        ),
    )


# What stands at one path in the first version and something else in the second, and what moves.
FIRST = (
    OddWheel(
        "change-kinds",
        {
            "change_to_module/__init__.py": "VALUE = 1\n",
            "change_to_module/inner/deep.py": "VALUE = 1\n",
            "change_to_package.py": "VALUE = 1\n",
            "change_gone/there.py": "VALUE = 1\n",
            "change_stays.py": "VALUE = 1\n",
            "DATA/scripts/change-script": SCRIPT,
            "DATA/scripts/change-command": SCRIPT,
            "DATA/scripts/change_suffix.py": Member(SCRIPT, PROGRAM),
            "DATA/data/share/change": "a file\n",
            "DATA/data/etc/change/folder": "a file\n",
        },
        commands="[console_scripts]\nchange-gone = change_stays:main\n",
    ),
    OddWheel("change-owner-a", {"change_owner_a.py": "", "change_from_a.py": "VALUE = 'a'\n"}),
    OddWheel("change-owner-b", {"change_owner_b.py": "", "change_from_b.py": "VALUE = 'b'\n"}),
    OddWheel("change-none", {"change_none.py": "VALUE = 1\n"}),
    OddWheel("change-removed", {"change_removed/a.py": "", "change_also/removed.py": ""}),
)
SECOND = (
    OddWheel(
        "change-kinds",
        {
            "change_to_module.py": "VALUE = 2\n",
            "change_to_package/__init__.py": "VALUE = 2\n",
            "change_stays.py": "VALUE = 2\n",
            "DATA/scripts/change_suffix.py": "#!/bin/sh\n",
            "DATA/data/share/change/file": "in a folder\n",
            "DATA/data/etc/change": "now a file\n",
        },
        version="2.0",
        commands="[console_scripts]\nchange-script = change_stays:main\n[gui_scripts]\nchange-command = x:y\n",
    ),
    OddWheel("change-owner-a", {"change_owner_a.py": "", "change_from_b.py": "VALUE = 'now a'\n"}, version="2.0"),
    OddWheel("change-owner-b", {"change_owner_b.py": "", "change_from_a.py": "VALUE = 'now b'\n"}, version="1.0.1"),
    FIRST[3],
    OddWheel("change-added", {"change_also/added.py": "VALUE = 1\n"}),
)
