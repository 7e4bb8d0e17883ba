"""For what happened, and will not be told again: it waits for a database that fails for a while."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.errors import StoreError
from bot.kit.timing.clock import Clock

_T = TypeVar("_T")

_PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""A minute in all."""


async def retry_until_saved(clock: Clock, work: Callable[[], Awaitable[_T]]) -> _T:
    """What `work` returns, which may be done several times. Raises StoreError after a minute."""
    for pause in _PAUSES:
        try:
            return await work()
        except StoreError:
            await clock.sleep(pause)
    return await work()
