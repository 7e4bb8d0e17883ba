"""Whoever answers a person does not wait for the database as long as whoever works by itself.

Everything that is called within `write_timeout` waits for a turn to write, and for another
program's lock, for so long in all; tasks that are made there do so too. What works in the
background waits for its turn without a limit, and for a lock as long as the store's patience is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class WriteTimeout:
    """`seconds` for each write. `has_saved`: one was committed since."""

    seconds: float
    has_saved: bool = False


_NOW: ContextVar[WriteTimeout | None] = ContextVar("write_timeout", default=None)


@contextlib.contextmanager
def write_timeout(seconds: float) -> Iterator[WriteTimeout]:
    """Within it no write waits for longer than so many seconds."""
    timeout = WriteTimeout(seconds)
    token = _NOW.set(timeout)
    try:
        yield timeout
    finally:
        _NOW.reset(token)


def current_timeout() -> WriteTimeout | None:
    """What holds here; None: writes may take as long as they like."""
    return _NOW.get()


def has_saved() -> bool:
    """Whether something was committed since the time-out began that holds here."""
    timeout = _NOW.get()
    return timeout is not None and timeout.has_saved
