"""A small image of each package manager, all with the same Python, whose database is written to its documented form.

Real databases, where they can be had, are in ``tests/data/owners``.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from typing import TYPE_CHECKING, Callable, NamedTuple

from venvboot.facts import owners
from venvboot.facts.owners import PackageDatabase

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

PYTHON = "/usr/bin/python3.11"
LINK = "/usr/bin/python3"
LANDMARK = "/usr/lib/python3.11/os.py"
MODULE = "/usr/lib/python3.11/site-packages/six.py"
FILES = (PYTHON, LANDMARK, MODULE)


def digest(tree: Tree, path: str, algorithm: str = "md5") -> str:
    return hashlib.new(algorithm, tree.host(path).read_bytes(), usedforsecurity=False).hexdigest()


def python(tree: Tree) -> None:
    tree.merged_usr()
    tree.elf(PYTHON)
    tree.file(LANDMARK, "import sys\n")
    tree.file(MODULE, "")
    tree.link(LINK, "python3.11")


def debian(tree: Tree) -> None:
    python(tree)
    tree.package("base-files", "12", "/etc", "/etc/debian_version")
    tree.package("python3.11", "3.11.2-6", LINK, *FILES, md5={path: digest(tree, path) for path in FILES})


def distroless(tree: Tree) -> None:
    python(tree)
    folder = "/var/lib/dpkg/status.d"
    tree.file(f"{folder}/base-files", "Package: base-files\nVersion: 12\n")
    tree.file(f"{folder}/base-files.md5sums", "0" * 32 + "  etc/debian_version\n")
    tree.file(f"{folder}/python3.11", "Package: python3.11\nVersion: 3.11.2-6\nDescription: x\n y\n")
    sums = "".join(f"{digest(tree, path)}  {path[1:]}\n" for path in FILES)
    tree.file(f"{folder}/python3.11.md5sums", sums)


def q1(hexadecimal: str) -> str:
    return "Q1" + base64.b64encode(bytes.fromhex(hexadecimal)).decode()


def alpine(tree: Tree) -> None:
    python(tree)
    link = hashlib.sha1(b"python3.11", usedforsecurity=False).hexdigest()
    tree.file(
        "/lib/apk/db/installed",
        "C:Q1otALzX1d1D0kVawy06IairTXS0=\nP:.python-rundeps\nV:20240101.000000\nA:noarch\nS:0\nt:1\n\n"
        "P:python3.11\nV:3.11.2-r6\nA:x86_64\nT:a language\nF:usr\nF:usr/bin\n"
        f"R:python3\na:0:0:777\nZ:{q1(link)}\nR:python3.11\na:0:0:755\nZ:{q1(digest(tree, PYTHON, 'sha1'))}\n"
        f"F:usr/lib/python3.11\nM:0:0:755\nR:os.py\nZ:{q1(digest(tree, LANDMARK, 'sha1'))}\n"
        f"F:usr/lib/python3.11/site-packages\nR:six.py\nZ:{q1(digest(tree, MODULE, 'sha1'))}\n\n",
    )


def arch(tree: Tree) -> None:
    python(tree)
    folder = "/var/lib/pacman/local"
    tree.file(f"{folder}/ALPM_DB_VERSION", "9\n")
    tree.file(f"{folder}/a-meta-package-1:1.0-1/files", "")
    names = (LINK, *FILES)
    backup = f"\n%BACKUP%\netc/x.conf\t{'0' * 32}\n"
    listing = "%FILES%\nusr/\nusr/bin/\n" + "".join(f"{path[1:]}\n" for path in names) + backup
    tree.file(f"{folder}/python3.11-1:3.11.2-6/files", listing)
    sums = "".join(f".{path} time=1.0 size=1 sha256digest={digest(tree, path, 'sha256')}\n" for path in FILES)
    header = "#mtree\n/set type=file uid=0 gid=0 mode=644\n./usr time=1.0 type=dir\n"
    links = f".{LINK} time=1.0 mode=777 type=link link=python3.11\n"
    tree.file(f"{folder}/python3.11-1:3.11.2-6/mtree", gzip.compress((header + links + sums).encode()))


def gentoo(tree: Tree) -> None:
    python(tree)
    objects = "".join(f"obj {path} {digest(tree, path)} 1700000000\n" for path in FILES)
    contents = f"dir /usr/bin\nsym {LINK} -> python3.11 1700000000\n{objects}fif /run/pipe\n"
    tree.file("/var/db/pkg/dev-lang/python3.11-3.11.2_p1-r6/CONTENTS", contents)
    tree.file("/var/db/pkg/virtual/libcrypt-2/SLOT", "0\n")
    tree.file("/var/db/pkg/dev-lang/.python-3.11.portage_lockfile", "")


def plist(**arrays: str) -> str:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" '
    head += '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0">\n<dict>\n'
    body = "".join(f"\t<key>{name}</key>\n\t<array>\n{array}\t</array>\n" for name, array in arrays.items())
    return head + body + "</dict>\n</plist>\n"


def entry(**words: str) -> str:
    pairs = "".join(f"\t\t\t<key>{key}</key>\n\t\t\t<string>{word}</string>\n" for key, word in words.items())
    return f"\t\t<dict>\n{pairs}\t\t</dict>\n"


def void(tree: Tree) -> None:
    python(tree)
    folder = "/var/db/xbps"
    files = "".join(entry(file=path, sha256=digest(tree, path, "sha256")) for path in FILES)
    tree.file(
        f"{folder}/.python3.11-files.plist",
        plist(dirs=entry(file="/usr/bin"), files=files, links=entry(file=LINK, target="/usr/bin/python3.11")),
    )
    tree.file(
        f"{folder}/pkgdb-0.38.plist",
        plist().replace(
            "<dict>\n",
            "<dict>\n\t<key>base</key>\n\t<dict>\n\t\t<key>pkgver</key>\n\t\t<string>base-1_1</string>\n\t</dict>\n"
            "\t<key>python3.11</key>\n\t<dict>\n\t\t<key>metafile-sha256</key>\n\t\t<string>00</string>\n"
            "\t\t<key>pkgver</key>\n\t\t<string>python3.11-3.11.2_6</string>\n\t</dict>\n",
        ),
    )


class Image(NamedTuple):
    """``folder`` has the database's files, ``package`` is the Python's as it is printed."""

    database: PackageDatabase
    make: Callable[[Tree], None]
    folder: str
    package: str


IMAGES = (
    Image(owners.dpkg, debian, "/var/lib/dpkg", "python3.11 3.11.2-6 (dpkg)"),
    Image(owners.distroless, distroless, "/var/lib/dpkg", "python3.11 3.11.2-6 (distroless)"),
    Image(owners.apk, alpine, "/usr/lib/apk", "python3.11 3.11.2-r6 (apk)"),
    Image(owners.pacman, arch, "/var/lib/pacman", "python3.11 1:3.11.2-6 (pacman)"),
    Image(owners.portage, gentoo, "/var/db/pkg", "dev-lang/python3.11 3.11.2_p1-r6 (portage)"),
    Image(owners.xbps, void, "/var/db/xbps", "python3.11 3.11.2_6 (xbps)"),
)
