"""Text files as people save them: with a byte order mark, with any line ends, through a pipe."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import select
import stat
import time
from pathlib import Path

MOST_BYTES = 1 << 20
"""No file of settings is longer: what is, is another file, or one without an end."""

PIPE_SECONDS = 5.0
"""For so long a pipe (`--config <(sops -d config.toml)`) may take to be written to its end."""

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class UnreadableError(Exception):
    """`str` says why it is no text for us: an end of "FILE cannot be read: …"."""


def read_text(file: Path, pipe_seconds: float = PIPE_SECONDS) -> str:
    """Its text without a byte order mark, each line with `\\n` at its end.

    Raises FileNotFoundError; and UnreadableError for whatever else is in the way. Never waits for
    long: not for a pipe that nobody writes to, nor for a file without an end.
    """
    try:
        data = _read(file, pipe_seconds)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:  # a ValueError: there is a NUL in the path
        raise UnreadableError(getattr(error, "strerror", None) or "it isn't a path") from None
    if len(data) > MOST_BYTES:
        raise UnreadableError("it is larger than 1 MB")
    return io.StringIO(_decode(data), newline=None).read()


def is_folder(path: Path) -> bool:
    """Whether it is one; False also where that can't be told. `bot/kit/files.py` has this for all
    that is above."""
    with contextlib.suppress(OSError, ValueError):
        return stat.S_ISDIR(path.stat().st_mode)
    return False


def _read(file: Path, pipe_seconds: float) -> bytes:
    """One byte more than allowed, at most."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        ends_at = time.monotonic() + pipe_seconds
        is_pipe = stat.S_ISFIFO(os.fstat(descriptor).st_mode)
        data = b""
        while len(data) <= MOST_BYTES:
            if is_pipe:
                _wait(descriptor, ends_at)
            chunk = os.read(descriptor, MOST_BYTES + 1 - len(data))
            if not chunk:
                break
            data += chunk
        return data
    finally:
        os.close(descriptor)


def _wait(descriptor: int, ends_at: float) -> None:
    ready = select.select([descriptor], [], [], max(0.0, ends_at - time.monotonic()))[0]
    if not ready:
        raise UnreadableError("it is a pipe that never ended")


def _decode(data: bytes) -> str:
    if data.startswith(_UTF16) or _looks_wide(data):
        raise UnreadableError("it is UTF-16, not UTF-8 text; save it as UTF-8")
    try:
        text = data.decode().lstrip("\ufeff")
    except UnicodeDecodeError:
        raise UnreadableError("it is not UTF-8 text; save it as UTF-8") from None
    if "\0" in text:
        raise UnreadableError("it has NUL bytes in it, so it isn't text; save it as UTF-8")
    return text


def _looks_wide(data: bytes) -> bool:
    """Whether every other byte of its beginning is NUL: UTF-16 without a mark."""
    beginning = data[:64]
    return len(beginning) > 1 and not (any(beginning[1::2]) and any(beginning[0::2]))
