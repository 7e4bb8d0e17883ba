"""Trying again what failed only for a moment: a reply, a change of it, an answer to a press."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

from bot.alerts import Fault, SendError
from bot.kit.timing.clock import Clock

T = TypeVar("T")

TRANSIENT = frozenset({Fault.NOT_SENT, Fault.MAYBE_SENT, Fault.SERVER_ERROR, Fault.RATE_LIMITED})
"""For what may be done twice: a repeat changes nothing, or the platform knows it for one."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`pauses` are the seconds before each further try. A platform that asks for a longer one gets
    it, up to `longest`: whoever would have to wait for more is told so by the error. `transient`:
    what is worth another try."""

    pauses: tuple[float, ...]
    transient: Collection[Fault]
    longest: float = math.inf

    def pause(self, failed: int, error: SendError) -> float | None:
        """Before the next try, where so many `failed`, the last by `error`; None: there is no next
        one."""
        if failed > len(self.pauses) or error.fault not in self.transient:
            return None
        pause = max(self.pauses[failed - 1], error.retry_after or 0.0)
        return pause if pause <= self.longest else None


async def retry(act: Callable[[], Awaitable[T]], policy: RetryPolicy, clock: Clock) -> T:
    """What `act` returns, which may be done several times. Raises the last SendError."""
    failed = 0
    while True:
        try:
            return await act()
        except SendError as error:
            failed += 1
            pause = policy.pause(failed, error)
            if pause is None:
                raise
        await clock.sleep(pause)
