"""What a command writes to: whatever becomes of stdout and stderr, its work is done and told by its
exit code. A closed pipe, a full disk, a terminal that is gone, or letters that it does not have end
nothing."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from typing import TextIO

_PLAIN = {
    "“": '"', "”": '"', "’": "'", "…": "...", "×": "x", "–": "-", "·": "-", "•": "*", "→": "->",
}  # fmt: skip
_HANDLER = "mintcast.plain"


class Tolerant(io.FileIO):
    """Takes everything. What cannot be written is lost, and `failure` says why."""

    failure: OSError | None = None

    def write(self, data: object, /) -> int:
        """See io.FileIO."""
        view = memoryview(data)  # type: ignore[arg-type]
        if self.failure is None:
            try:
                written = super().write(view)
            except OSError as error:
                self.failure = error
            else:
                return written if written is not None else self._waited(view)
        return view.nbytes

    def _waited(self, view: memoryview) -> int:
        """The other end has not read what there is, and had asked not to be waited for."""
        os.set_blocking(self.fileno(), True)
        return self.write(view)


def prepare() -> None:
    """For the whole process, first of all: a file or a socket must not become descriptor 1."""
    _fill()
    codecs.register_error(_HANDLER, _plainly)
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False, encoding="utf-8")  # noqa: SIM115
    sys.stdout = _stream(1, sys.stdout)
    sys.stderr = _stream(2, sys.stderr)


def lost() -> str:
    """Why what was written to stdout did not get there; empty where it did, or where nobody wanted
    more of it (`| head`)."""
    sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    failure = raw.failure if isinstance(raw, Tolerant) else None
    if failure is None or failure.errno == errno.EPIPE:
        return ""
    return failure.strerror or type(failure).__name__


def _fill() -> None:
    """Each missing one of the three leads nowhere: the lowest that is free is given."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _stream(number: int, before: TextIO | None) -> io.TextIOWrapper:
    """As Python has made it, but for what it does where it cannot write."""
    raw = Tolerant(number, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=getattr(before, "encoding", None) or "utf-8",
        errors=_HANDLER,
        line_buffering=True,
    )


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """A letter that there is not becomes a plain one that means the same, else `?`."""
    assert isinstance(error, UnicodeEncodeError)
    return "".join(
        _PLAIN.get(char, "?") for char in error.object[error.start : error.end]
    ), error.end
