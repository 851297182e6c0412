"""rpm's database since 4.16, ``rpmdb.sqlite``: a table ``Packages`` with a header in each row."""

from __future__ import annotations

import os
import struct
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Iterator

from venvboot.errors import NotWritten
from venvboot.facts.owners.rpm_header import Unreadable, printable
from venvboot.system import System

if TYPE_CHECKING:
    import sqlite3

BEGINNING = struct.Struct(">16sH")  # magic, page size: https://sqlite.org/fileformat.html, section 1.3
MAGIC = b"SQLite format 3\0"
STEPS = 1_000_000  # of SQLite's virtual machine; a package takes less than ten

# No view, virtual table or computed column: no expression of the image's is evaluated.
PLAIN_TABLE = (
    "SELECT count(*) FROM sqlite_master AS tables JOIN pragma_table_info('Packages') AS columns"
    " WHERE tables.name = 'Packages' AND tables.type = 'table' AND rootpage > 0 AND columns.name = 'blob'"
)


def headers(system: System, path: str, limit: int) -> Iterator[bytes]:
    """Give the header of every package of a database of at most ``limit`` bytes. Raises Unreadable and OSError."""
    try:
        import sqlite3  # noqa: PLC0415  # it costs 8 ms, and not every Python has it
    except ImportError:
        raise Unreadable("this Python has no sqlite3 module") from None
    path = system.realpath(path)
    size = _whole_size(system, path, limit)
    try:
        with _address(system, path, limit) as address, closing(sqlite3.connect(address, uri=True)) as database:
            for blob in _blobs(database):
                size -= len(blob)
                if size < 0:
                    raise Unreadable("its headers are larger than the file")
                yield blob
    except (sqlite3.Error, NotWritten) as error:
        raise Unreadable(printable(str(error))) from None
    except UnicodeDecodeError:  # SQLite's message quotes the file
        raise Unreadable("it is damaged") from None


def _blobs(database: sqlite3.Connection) -> Iterator[bytes]:
    database.set_progress_handler(lambda: 1, STEPS)
    database.text_factory = bytes
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    if database.execute(PLAIN_TABLE).fetchone() != (1,):
        raise Unreadable("it has no table Packages")
    for (blob,) in database.execute("SELECT blob FROM Packages"):
        if not isinstance(blob, bytes):
            raise Unreadable("a row of its table Packages holds no header")
        yield blob


def _whole_size(system: System, path: str, limit: int) -> int:
    """Return the size of the database and its write-ahead log together."""
    beginning = system.read(path, BEGINNING.size)
    if len(beginning) < BEGINNING.size or not beginning.startswith(MAGIC):
        raise Unreadable("its beginning is not that of an SQLite database")
    size = _size(system, path)
    _, page = BEGINNING.unpack(beginning)
    if not page or size % page:  # SQLite itself fills a part of a last page up with zeros
        raise Unreadable("it is cut off")
    size += _size(system, path + "-wal")
    if size > limit:
        raise Unreadable(f"it is over {limit} bytes")
    return size


@contextmanager
def _address(system: System, path: str, limit: int) -> Iterator[str]:
    """Give the URI under which SQLite reads the database and leaves no file beside it.

    ``immutable`` does that, but passes over the write-ahead log. rpm empties the log at its end, unless it is killed
    or another process reads at that moment; then SQLite gets a private copy of both.
    """
    if _size(system, path + "-journal"):
        # immutable passes over this one too; played back, it removes whatever file it names.
        raise Unreadable("a write to it was interrupted")
    if not _size(system, path + "-wal"):
        yield _uri(system.host_path(path), "mode=ro&immutable=1")
        return
    with system.temporary_directory() as folder:
        for suffix in ("", "-wal"):
            system.write(f"{folder}/copy{suffix}", system.read_whole(path + suffix, limit), 0o600)
        yield _uri(f"{folder}/copy", "mode=rw")


def _uri(path: str, options: str) -> str:
    return "file:" + "".join(f"%{byte:02x}" for byte in os.fsencode(path)) + "?" + options


def _size(system: System, path: str) -> int:
    status = system.status(path)
    return status.st_size if status else 0
