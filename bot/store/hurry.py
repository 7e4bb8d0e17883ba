"""Whoever answers a person does not wait for the database as long as whoever works by itself.

Everything that is called within `hurried` waits for a turn to write, and for another program's
lock, for so long in all; tasks that are made there do so too. What works in the background waits
for its turn without a limit, and for a lock as long as the store's own patience is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Hurry:
    """`seconds` for each write. `has_saved`: one was committed since."""

    seconds: float
    has_saved: bool = False


_NOW: ContextVar[Hurry | None] = ContextVar("hurry", default=None)


@contextlib.contextmanager
def hurried(seconds: float) -> Iterator[Hurry]:
    """Within it no write waits for longer than so many seconds."""
    hurry = Hurry(seconds)
    token = _NOW.set(hurry)
    try:
        yield hurry
    finally:
        _NOW.reset(token)


def hurry_now() -> Hurry | None:
    """What holds here; None: there is no hurry."""
    return _NOW.get()


def has_saved() -> bool:
    """Whether something was committed since the hurry began that holds here."""
    hurry = _NOW.get()
    return hurry is not None and hurry.has_saved
