"""How long a write is waited for: briefly where a person waits, longer where it would be lost.

Everything that is called within `write_timeout` waits for a turn to write, for another program's
lock, and for a server that gives no connection, for so long in all; tasks that are made there do so
too, and reads wait so long for a connection.
What works in the background waits for its turn without a limit, and for a lock as long as the
store's patience is. What happened, and will not be told again, outwaits a database that fails for a
while.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

from bot.errors import LeaseLost, StoreError
from bot.kit.timing.clock import Clock

_T = TypeVar("_T")

_PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""A minute in all."""


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


async def retry_until_saved(clock: Clock, work: Callable[[], Awaitable[_T]]) -> _T:
    """What `work` returns, which may be done several times. Raises StoreError after a minute, and
    LeaseLost at once: then it is another node's to do."""
    for pause in _PAUSES:
        try:
            return await work()
        except LeaseLost:
            raise
        except StoreError:
            await clock.sleep(pause)
    return await work()
