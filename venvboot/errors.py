"""One class per kind of refusal or failure; each composes its message from facts and carries its status."""

from __future__ import annotations

import errno
import posixpath
from typing import Any, Tuple

from venvboot.model import Finding, Severity, Status

MOST_SAID = 500  # characters of what a file says of itself


class VenvbootError(Exception):
    """Something cannot go on. ``findings`` says what, why and the way out; ``status`` is the exit status."""

    status = Status.FAILED

    def __init__(self, *findings: Finding) -> None:
        self.findings = findings
        super().__init__("; ".join(finding.message for finding in findings))

    def __reduce__(self) -> Tuple[Any, ...]:
        """Return what pickle makes the same of, whatever the kind of error is composed from."""
        return self.__new__, (type(self), *self.args), self.__dict__


class Refused(VenvbootError):
    """Policy says no; nothing was written."""

    status = Status.REFUSED


class Unsupported(VenvbootError):
    """The interpreter or the image can't carry the request; nothing was written."""

    status = Status.UNSUPPORTED


class UsageError(VenvbootError):
    """The command line or a ``VENVBOOT_*`` variable makes no sense."""

    status = Status.USAGE

    def __init__(self, message: str, hint: str = "venvboot --help") -> None:
        super().__init__(Finding("usage", Severity.ERROR, "", message, hint=hint))


class NoFile(VenvbootError):
    """A file that the command line names, or that a verb takes without being told, isn't there."""

    status = Status.USAGE


class ToolFailed(VenvbootError):
    """A program that was started failed; ``output`` is the end of what it printed."""

    def __init__(self, code: str, subject: str, what: str, exit_code: int, output: str, hint: str) -> None:
        self.output = output
        lines = [line for line in output.splitlines() if line.strip()]
        last = " / ".join(line.strip() for line in lines[-2:]) if lines else "it printed nothing"
        super().__init__(
            Finding(code, Severity.ERROR, subject, f"{what} failed", f"exit status {exit_code}; {last}", hint)
        )


class ProcessEnded(VenvbootError):
    """A process that does a share of the work came to its end before that; ``status`` is negative for a signal."""

    def __init__(self, status: int) -> None:
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        super().__init__(
            Finding(
                "process-ended",
                Severity.ERROR,
                "",
                f"a process that did a part of the work {how}",
                "where memory runs out, the kernel ends the largest process by signal 9" if status < 0 else "",
                "run it again, with more memory for the build; `taskset -c 0` before it lets one process do all",
            )
        )


class BrokenBundle(VenvbootError):
    """A library inside the one file isn't what its manifest says."""

    def __init__(self, name: str, evidence: str) -> None:
        super().__init__(
            Finding(
                "broken-bundle",
                Severity.ERROR,
                name,
                f"the library {name} inside the venvboot file is damaged",
                evidence,
                "copy the venvboot file again",
            )
        )


class WheelNotValid(VenvbootError):
    """A wheel can't be trusted: what an installer would make of it isn't what can be told of it."""

    def __init__(self, path: str, why: str) -> None:
        name = posixpath.basename(path)
        super().__init__(
            Finding(
                "wheel-not-valid",
                Severity.ERROR,
                name,
                f"{name} is no wheel that can be trusted",
                why[:MOST_SAID],
                "take it from where it was published, or tell its maker; nothing of it was installed",
            )
        )


# For what is larger than a file may be
LARGER = (
    "let this process write larger files: ulimit -f unlimited, docker build --ulimit fsize=-1; a file system may "
    "have a limit of its own: choose another one then, for temporary files by $TMPDIR"
)
_WAYS_OUT = {
    errno.ENOSPC: "free space there; temporary files go to $TMPDIR",
    errno.EFBIG: LARGER,
    errno.EROFS: "choose a path on a writable mount; temporary files go to $TMPDIR",
    errno.ENOENT: "choose a path whose parent can be made; temporary files go to $TMPDIR",
}


class NotWritten(VenvbootError):
    """A file or folder that has to be written can't be."""

    def __init__(self, path: str, error: OSError) -> None:
        reason = (error.strerror or str(error)).lower()
        super().__init__(
            Finding(
                "not-written",
                Severity.ERROR,
                path,
                f"{path} cannot be written",
                reason,
                _WAYS_OUT.get(error.errno or 0, "run as root, or choose a path this user may write"),
            )
        )
