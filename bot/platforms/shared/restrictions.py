"""What the bot is forbidden for a while ends by itself, and no platform tells that it has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple

from bot.kit.tasks import Tasks
from bot.kit.timing.clock import Clock
from bot.kit.timing.far_clock import FarClock

_LONGEST_SLEEP = 60.0
"""The machine may have been suspended meanwhile."""
_LATER_SECONDS = 1.0
"""A platform's date is in whole seconds."""

Then = Callable[[], Awaitable[None]]


class _End(NamedTuple):
    """`until` is the platform's instant, `at` the same by our `Clock.elapsed`."""

    until: datetime
    at: float
    then: Then


class Restrictions:
    """Those that last, each by the id of its server or chat. In memory: a restart forgets them, so
    that whoever is not told of them anew has to keep their ends.

    Their ends are instants of the platform: how long it is until then is judged by its clock,
    `far_clock`, and counted from there: ours may be wrong, and may be set meanwhile.
    """

    def __init__(self, clock: Clock, far_clock: FarClock) -> None:
        self._clock = clock
        self._far_clock = far_clock
        self._tasks = Tasks()
        self._ends: dict[int, _End] = {}

    def __contains__(self, chat: int) -> bool:
        """Whether an end is waited for there."""
        return chat in self._ends

    def note(self, chat: int, until: datetime | None, then: Then) -> None:
        """It was told that there is one until then, or none (any more). `then` is called at its
        end, unless something else is told before."""
        left = self._left(until) if until is not None else 0.0
        if until is None or left <= 0:
            self.forget(chat)
            return
        is_news = chat not in self._ends or self._ends[chat].until != until
        self._ends[chat] = _End(until, self._clock.elapsed() + left, then)
        if is_news:
            self._tasks.start(self._await_end(chat, until), f"restriction of {chat}")

    def forget(self, chat: int) -> None:
        """Wait for no end there."""
        self._ends.pop(chat, None)

    async def stop(self) -> None:
        """Wait for none any more."""
        await self._tasks.stop()

    async def _await_end(self, chat: int, until: datetime) -> None:
        while (end := self._ends.get(chat)) is not None and end.until == until:
            left = end.at - self._clock.elapsed()
            if left <= 0:
                self.forget(chat)
                await end.then()
                return
            await self._clock.sleep(min(left, _LONGEST_SLEEP))

    def _left(self, until: datetime) -> float:
        now = self._far_clock.now_or(self._clock)
        return (until - now).total_seconds() + _LATER_SECONDS
