"""The only door to the file system and to processes.

Reading goes through ``root``, so that an unpacked image can be read as if it were running; links inside it are
followed within it. Writing and starting processes is possible on the running system only (``root`` is ``/``).
"""

from __future__ import annotations

import contextlib
import errno
import fnmatch
import glob
import grp
import hashlib
import itertools
import operator
import os
import posixpath
import stat
from dataclasses import dataclass, field
from typing import BinaryIO, Iterator, Mapping, Optional, Sequence, Tuple

from venvboot import processes, temporary
from venvboot.descriptors import empty, keep_owner, open_directory, share, tree
from venvboot.errors import NotWritten
from venvboot.processes import Answer, Completed, Work

__all__ = ["Completed", "System", "Work"]

MAX_LINKS = 40
READ_LIMIT = 64 << 20
NAMES_LIMIT = 100_000
CHUNK = 1 << 20
DIGEST_LIMIT = 1 << 30
NO_GROUP = (1 << 32) - 1  # chown's word for: leave it


@dataclass(frozen=True)
class System:
    root: str = "/"
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    # -- reading ---------------------------------------------------------------------------------------------

    def realpath(self, path: str) -> str:
        """Return ``path`` with every link resolved inside the root; a loop ends where it was noticed."""
        if self.root == "/":
            try:
                return os.path.realpath(path)
            except (ValueError, OSError):  # no file can have that name; what was a link is none by now
                return path
        return self._walk(path)[0]

    def passed(self, path: str) -> Tuple[str, ...]:
        """Return every folder, link and file that is passed from the root on to what ``path`` leads to."""
        return self._walk(path)[1]

    def lasting(self, path: str) -> str:
        """Return ``path``, or for an open file of this process, as ``/dev/stdin``, that of the file itself.

        A program that is started has other files open.
        """
        absolute = posixpath.abspath(path)
        is_open = any(step.startswith("/proc/") for step in self.passed(absolute))
        return self.realpath(absolute) if is_open else path

    def _walk(self, path: str) -> Tuple[str, Tuple[str, ...]]:
        done, todo, passed = "/", [part for part in path.split("/") if part], ["/"]
        links = 0
        while todo:
            part = todo.pop(0)
            if part in (".", ".."):
                done = posixpath.dirname(done) if part == ".." else done
                continue
            step = posixpath.join(done, part)
            passed.append(step)
            try:
                target = os.readlink(self.root + step)
            except (OSError, ValueError):
                done = step
                continue
            links += 1
            if links > MAX_LINKS:
                return step, tuple(passed)
            todo[:0] = [piece for piece in target.split("/") if piece]
            done = "/" if target.startswith("/") else done
        return done, tuple(passed)

    def _host(self, path: str, *, follow: bool = True) -> str:
        if self.root == "/":
            return path
        if follow:
            return self.root + self.realpath(path)
        return posixpath.join(self.root + self.realpath(posixpath.dirname(path)), posixpath.basename(path))

    def host_path(self, path: str) -> str:
        """Return where ``path`` lies on this machine, for a library that takes a path and nothing else."""
        return self._host(path)

    def exists(self, path: str) -> bool:
        return os.path.exists(self._host(path))

    def is_file(self, path: str) -> bool:
        return os.path.isfile(self._host(path))

    def is_directory(self, path: str) -> bool:
        return os.path.isdir(self._host(path))

    def is_link(self, path: str) -> bool:
        return os.path.islink(self._host(path, follow=False))

    def status(self, path: str) -> Optional[os.stat_result]:
        """Return lstat of ``path``, None when there is nothing or it can't be seen."""
        try:
            return os.lstat(self._host(path, follow=False))
        except (OSError, ValueError):
            return None

    def is_absent(self, path: str) -> bool:
        """Tell whether nothing stands at ``path``; what can't be seen, as in another user's folder, may stand."""
        try:
            os.lstat(self._host(path, follow=False))
        except (FileNotFoundError, NotADirectoryError, ValueError):  # no file can have that name
            return True
        except OSError:
            return False
        return False

    def list_directory(self, path: str) -> Tuple[str, ...]:
        """Return the sorted names in a directory, of the first 100,000; none when it isn't one or can't be read."""
        try:
            return self.names(path)
        except (OSError, ValueError):
            return ()

    def names(self, path: str) -> Tuple[str, ...]:
        """Return what ``list_directory`` does. Raises OSError when it isn't a directory or can't be read."""
        with os.scandir(self._host(path)) as entries:
            return tuple(sorted(entry.name for entry in itertools.islice(entries, NAMES_LIMIT)))

    def glob(self, pattern: str) -> Tuple[str, ...]:
        """Return the sorted absolute paths that match an absolute shell pattern, at most 100,000."""
        found = ["/"]
        for part in pattern.strip("/").split("/"):
            if glob.has_magic(part):
                hidden = part.startswith(".")
                matches = (
                    posixpath.join(folder, name)
                    for folder in found
                    for name in self.list_directory(folder)
                    if fnmatch.fnmatchcase(name, part) and (hidden or not name.startswith("."))
                )
                found = list(itertools.islice(matches, NAMES_LIMIT))
            else:
                found = [posixpath.join(folder, part) for folder in found]
        return tuple(sorted(path for path in found if self.status(path) is not None))

    def read(self, path: str, limit: int = READ_LIMIT) -> bytes:
        """Return at most ``limit`` bytes of an ordinary file. Raises OSError; never waits on a device or pipe."""
        with self.open_file(path) as file:
            return file.read(limit)

    def read_whole(self, path: str, limit: int = READ_LIMIT) -> bytes:
        """Return an ordinary file's bytes, all of them. Raises OSError, EFBIG when they are over ``limit``."""
        with self.open_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > limit:
                raise OSError(errno.EFBIG, f"over {limit} bytes", path)
            # Not read(limit): Python would make room for that much, for each of hundreds of small files.
            return file.read(size)

    def open_file(self, path: str) -> BinaryIO:
        """Open an ordinary file for reading bytes. Raises OSError, also for what is none; never waits on a pipe."""
        try:
            descriptor = os.open(self._host(path), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except ValueError as error:
            raise OSError(errno.EINVAL, str(error), path) from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "not an ordinary file", path)
        return os.fdopen(descriptor, "rb")

    def read_text(self, path: str, limit: int = READ_LIMIT) -> Optional[str]:
        """Return a file's text with undecodable bytes replaced, None when it can't be read."""
        try:
            return self.read(path, limit).decode("utf-8", "replace")
        except OSError:
            return None

    def digest(self, path: str, algorithm: str = "sha256", limit: Optional[int] = None) -> Optional[str]:
        """Return the hex digest of an ordinary file, None when it can't be read or is over ``limit``, or 1 GiB."""
        digest = hashlib.new(algorithm, usedforsecurity=False)
        try:
            with self.open_file(path) as file:
                if os.fstat(file.fileno()).st_size > (DIGEST_LIMIT if limit is None else limit):
                    return None
                for chunk in iter(lambda: file.read(CHUNK), b""):
                    digest.update(chunk)
        except OSError:
            return None
        return digest.hexdigest()

    def may_write(self, path: str) -> bool:
        """Tell whether this process may write ``path``, or create it in its nearest existing parent."""
        path = self._nearest(path)
        return os.access(self._host(path), os.W_OK | (os.X_OK if self.is_directory(path) else 0))

    def is_read_only(self, path: str) -> bool:
        """Tell whether the file system of ``path``, or of its nearest existing parent, is mounted read-only."""
        path = self._nearest(path)
        return bool(os.statvfs(self._host(path)).f_flag & os.ST_RDONLY)

    def free(self, path: str) -> int:
        """Return how many bytes this user may yet write to the file system of ``path``, or of its nearest parent."""
        path = self._nearest(path)
        found = os.statvfs(self._host(path))
        return found.f_bavail * found.f_frsize

    def _nearest(self, path: str) -> str:
        """Return ``path``, or of the folders above it the first that is there."""
        while not self.exists(path) and path not in ("/", ""):
            path = posixpath.dirname(path)
        return path

    def walk(self, path: str, *, one_file_system: bool = False) -> Iterator[Tuple[str, os.stat_result]]:
        """Give ``path`` and all below it with their lstat, parents first; links are not followed.

        With ``one_file_system`` a folder that another one is mounted on is given and not entered.
        """
        top = self.status(path)
        waiting = [(path, top)] if top else []
        while waiting:
            found, info = waiting.pop()
            yield found, info
            if stat.S_ISDIR(info.st_mode) and not (one_file_system and top and info.st_dev != top.st_dev):
                entries = sorted(self._entries(found), key=operator.itemgetter(0), reverse=True)
                waiting.extend((f"{found.rstrip('/')}/{name}", status) for name, status in entries)

    def _entries(self, folder: str) -> Iterator[Tuple[str, os.stat_result]]:
        try:
            with os.scandir(self._host(folder)) as entries:
                for entry in itertools.islice(entries, NAMES_LIMIT):
                    with contextlib.suppress(OSError):  # gone meanwhile
                        yield entry.name, entry.stat(follow_symlinks=False)
        except OSError:
            return

    def is_mount(self, path: str) -> bool:
        return os.path.ismount(self._host(path))

    # -- who is running --------------------------------------------------------------------------------------

    @property
    def uid(self) -> int:
        return os.geteuid()

    @property
    def gid(self) -> int:
        return os.getegid()

    @property
    def groups(self) -> Tuple[int, ...]:
        return tuple(os.getgroups())

    def group_id(self, name: str) -> Optional[int]:
        """Return the number of a group given by name or number, None for an unknown name or an impossible number."""
        if name.isascii() and name.isdigit():
            return int(name) if int(name) < NO_GROUP else None
        try:
            return grp.getgrnam(name).gr_gid
        except KeyError:
            return None

    # -- processes -------------------------------------------------------------------------------------------

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Optional[Mapping[str, str]] = None,
        timeout: Optional[float] = None,
        answer: Optional[Answer] = None,
        meanwhile: Optional[Work] = None,
        umask: int = -1,
        show: bool = False,
        cwd: str = "/",
        uid: Optional[int] = None,
    ) -> Completed:
        """Run a program in ``cwd`` with no standard input and wait for it, at most ``timeout`` seconds.

        ``uid`` is another user to run it as, in group 0 alone, which only root may ask for. With ``answer`` its
        standard input is a socket: it takes each line that comes from there, and returns the one sent back. Work to
        be done ``meanwhile`` begins once it has started, and ends before it is listened to.
        ``show`` passes both of its streams on to stderr as they come, and returns their last 200 lines as ``out``;
        otherwise the first 1 MiB of each is returned. With a ``timeout`` a program that says more is ended at once.
        What it started is ended with it, on an interruption too.
        """
        environ = self.environ if env is None else env
        if self.root != "/":
            return Completed(processes.NOT_STARTED, "", "an unpacked image can only be read")
        return processes.run(
            argv, answer, meanwhile, env=environ, timeout=timeout, umask=umask, show=show, cwd=cwd, uid=uid
        )

    # -- writing ---------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def temporary_directory(self) -> Iterator[str]:
        """Give a private folder (0700) that is removed at the end, also after a failure or an interruption."""
        with contextlib.ExitStack() as stack:
            try:
                folder = stack.enter_context(temporary.private())
            except OSError as error:
                raise NotWritten(self.environ.get("TMPDIR", "/tmp"), error) from None  # noqa: S108  # only named
            yield folder

    def write(self, path: str, content: bytes, mode: int, trusted: str = "") -> None:
        """Write a file whole or not at all, with exactly ``mode``; a link at ``path`` is replaced, not followed.

        ``trusted`` names a folder above it below which no link is followed either (see ``descriptors``). What a
        killed run left behind is replaced.
        """
        folder, name = posixpath.split(path)
        folder = folder if trusted else os.path.realpath(folder)
        part = f".{name}.venvboot.part"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with open_directory(folder, trusted or folder) as directory:
                with contextlib.suppress(FileNotFoundError):
                    tree(part, dir_fd=directory)
                descriptor = os.open(part, flags, 0o600, dir_fd=directory)
                try:
                    with os.fdopen(descriptor, "wb") as file:
                        file.write(content)
                        if not trusted and os.geteuid() == 0:
                            keep_owner(descriptor, name, directory)
                        os.fchmod(descriptor, mode)
                    os.rename(part, name, src_dir_fd=directory, dst_dir_fd=directory)
                except BaseException:
                    with contextlib.suppress(OSError):
                        os.unlink(part, dir_fd=directory)
                    raise
        except OSError as error:
            raise NotWritten(path, error) from None

    def link(self, path: str, target: str) -> None:
        """Make a symbolic link to ``target``, in place of one that is there."""
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            os.symlink(target, path)
        except OSError as error:
            raise NotWritten(path, error) from None

    def rename(self, path: str, new: str) -> None:
        try:
            os.rename(path, new)
        except OSError as error:
            raise NotWritten(new, error) from None

    @contextlib.contextmanager
    def umask(self, mask: int) -> Iterator[None]:
        """Set the process's umask for the time of the block."""
        before = os.umask(mask)
        try:
            yield
        finally:
            os.umask(before)

    def make_directory(self, path: str, mode: int, gid: int) -> bool:
        """Make a directory (and missing parents, 0755) with ``mode`` and group ``gid``.

        Returns False when the group could not be given (not root and not a member); the mode is set all the same.
        """
        try:
            with self.umask(0o022):
                os.makedirs(path, 0o755, exist_ok=True)
            with open_directory(path, path) as directory:
                return share(directory, mode, gid)
        except OSError as error:
            raise NotWritten(path, error) from None

    def remove_file(self, path: str) -> None:
        try:
            os.unlink(path)
        except OSError as error:
            raise NotWritten(path, error) from None

    def empty_directory(self, path: str) -> None:
        """Remove everything inside ``path``, following no link and leaving ``path`` itself."""
        try:
            empty(path)
        except OSError as error:
            raise NotWritten(path, error) from None
