"""Start a program and wait for it, bounded in time and in what it says. The mechanics behind ``System.run``."""

from __future__ import annotations

import collections
import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import IO, Callable, Deque, Iterator, List, Mapping, Optional, Protocol, Sequence, Tuple, Union

OUTPUT_LIMIT = 1 << 20
LINES_KEPT = 200
LINE_LIMIT = 1 << 16
QUESTION_LIMIT = 16 << 20
CHUNK = 1 << 16
PATIENCE = 5.0
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# From a question, a line without its end, to the answer, which is sent as a line
Answer = Callable[[str], str]
Work = Callable[[], None]

TIMED_OUT = 124
TOO_TALKATIVE = 125
NOT_STARTED = 127


@dataclass(frozen=True)
class Completed:
    """A finished process.

    ``code`` is its exit status, negative for the signal that ended it; 124 on a time-out, 125 when it said too much,
    127 when it could not be started. ``err`` then has the reason.
    """

    code: int
    out: str
    err: str


class _Stopped(Exception):
    """The process was not let finish: ``code`` and why."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def run(
    argv: Sequence[str],
    answer: Optional[Answer] = None,
    meanwhile: Optional[Work] = None,
    *,
    env: Mapping[str, str],
    timeout: Optional[float],
    umask: int,
    show: bool,
    cwd: str,
    uid: Optional[int] = None,
) -> Completed:
    """Run a program without standard input, in a session of its own, and wait for it (see ``System.run``)."""
    listeners: Tuple[_Listener, ...] = (_Shown(),) if show else (_Captured(), _Captured())
    with _held_back() as release, _channel(answer) as (ours, its_own):  # between the process and who ends it
        try:
            process = subprocess.Popen(
                argv,
                stdin=its_own.fileno() if its_own else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if show else subprocess.PIPE,
                env=dict(env),
                cwd=cwd,
                umask=umask,
                user=uid,
                group=None if uid is None else 0,
                extra_groups=None if uid is None else (),
                start_new_session=True,  # so that what it started can be ended with it
            )
        except OSError as error:
            return Completed(NOT_STARTED, "", error.strerror or str(error))
        except ValueError as error:  # a null character in a word: no program can be given one
            return Completed(NOT_STARTED, "", str(error))
        try:
            release()
            if ours and its_own and answer:
                its_own.close()
                listeners = (*listeners, _Asked(ours, answer))
            if meanwhile:
                meanwhile()
            _listen(process, (process.stdout, process.stderr, ours), listeners, timeout)
        except _Stopped as stopped:
            _kill(process)
            return Completed(stopped.code, listeners[0].text(), stopped.reason)
        except BaseException:
            _interrupt(process)
            raise
        finally:
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
    return Completed(process.returncode, listeners[0].text(), "" if show else listeners[1].text())


@contextlib.contextmanager
def _channel(answer: Optional[Answer]) -> Iterator[Tuple[Optional[socket.socket], Optional[socket.socket]]]:
    """Give both ends of a channel for questions, none where nobody answers."""
    if answer is None:
        yield None, None
        return
    ours, its_own = socket.socketpair()
    with ours, its_own:
        yield ours, its_own


@contextlib.contextmanager
def _held_back() -> Iterator[Callable[[], None]]:
    """Hold the signals that end a run back until what is given is called, or the block is left.

    By handlers, not by the mask: that the new process would inherit.
    """
    came: List[int] = []
    handlers = {}
    if threading.current_thread() is threading.main_thread():  # no other may set handlers
        for number in ENDING:
            handler = signal.getsignal(number)
            if callable(handler):  # what is ignored, or ends this process without a word, stays so
                handlers[number] = handler
                signal.signal(number, lambda number, _: came.append(number))

    def release() -> None:
        while handlers:
            signal.signal(*handlers.popitem())
        while came:
            signal.raise_signal(came.pop())

    try:
        yield release
    finally:
        release()


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold the signals that end a run back until the block is left."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def interruptible() -> None:
    """Let them through again, in a process that was forked in such a block."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


class _Listener(Protocol):
    """What happens to one stream."""

    def take(self, data: bytes) -> bool:
        """Take what came, nothing at the end; tell whether there was room for it."""

    def text(self) -> str: ...


class _Captured:
    """Keeps the beginning of a stream."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def take(self, data: bytes) -> bool:
        room = OUTPUT_LIMIT - len(self._kept)
        self._kept += data[:room]
        return len(data) <= room

    def text(self) -> str:
        return self._kept.decode("utf-8", "replace")


class _Shown:
    """Passes a stream on to stderr line by line, and keeps its last lines."""

    def __init__(self) -> None:
        self._kept: Deque[bytes] = collections.deque(maxlen=LINES_KEPT)
        self._begun = b""

    def take(self, data: bytes) -> bool:
        lines = (self._begun + data).splitlines(keepends=True)
        unfinished = bool(data) and not data.endswith(b"\n") and len(lines[-1]) < LINE_LIMIT
        self._begun = lines.pop() if unfinished else b""
        for line in lines:
            with contextlib.suppress(OSError, ValueError):  # nobody reads any more; the work goes on
                sys.stderr.write(line.decode("utf-8", "replace"))
                sys.stderr.flush()
            self._kept.append(line)
        return True

    def text(self) -> str:
        return b"".join(self._kept)[-OUTPUT_LIMIT:].decode("utf-8", "replace")


class _Asked:
    """Answers each question that comes whole."""

    def __init__(self, channel: socket.socket, answer: Answer) -> None:
        self._channel = channel
        self._answer = answer
        self._begun = b""

    def take(self, data: bytes) -> bool:
        *questions, self._begun = (self._begun + data).split(b"\n")
        for question in questions:
            with contextlib.suppress(OSError):  # it has ended meanwhile
                self._channel.sendall(self._answer(question.decode("utf-8", "replace")).encode() + b"\n")
        room = len(self._begun) <= QUESTION_LIMIT
        self._begun = self._begun[:QUESTION_LIMIT]
        return room

    def text(self) -> str:
        return ""


def _listen(
    process: subprocess.Popen[bytes],
    sources: Sequence[Union[IO[bytes], socket.socket, None]],
    listeners: Sequence[_Listener],
    timeout: Optional[float],
) -> None:
    """Hand on what the process says until it has ended and closed its streams. Raises _Stopped when it may not go on.

    What was started without a time limit is trusted to end, and the rest of what it says is passed over.
    """
    end = None if timeout is None else time.monotonic() + timeout
    with selectors.DefaultSelector() as streams:
        for stream, listener in zip((source for source in sources if source is not None), listeners):
            streams.register(stream, selectors.EVENT_READ, listener)
        while streams.get_map():
            left = None if end is None else end - time.monotonic()
            ready = streams.select(left) if left is None or left > 0 else []
            if not ready and timeout is not None:
                raise _timed_out(timeout)
            for key, _ in ready:
                data = _read(key.fd)
                if not key.data.take(data) and timeout is not None:
                    raise _Stopped(TOO_TALKATIVE, f"it said more than {OUTPUT_LIMIT >> 20} MiB")
                if not data:
                    streams.unregister(key.fileobj)
    try:
        process.wait(None if end is None else max(end - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        raise _timed_out(timeout or 0) from None


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, CHUNK)
    except ConnectionResetError:  # it ended without having read its answer
        return b""


def _timed_out(timeout: float) -> _Stopped:
    return _Stopped(TIMED_OUT, f"no answer within {timeout:g} seconds")


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """End a process as Ctrl-C would, so that it can clean up; after some seconds, end it all the same."""
    _signal(process, signal.SIGINT)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        pass
    finally:  # a second interruption ends it at once
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    _signal(process, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):  # another user's program can't be killed, nor waited for
        process.wait(PATIENCE)


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a process and to what it started; as long as it isn't waited for, its number is its own."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
