"""Pauses that grow while something fails again and again."""

from __future__ import annotations

import itertools
import math
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from bot.kit.timing.clock import Clock

T = TypeVar("T")


def pauses(first: float, longest: float) -> Iterator[float]:
    """Seconds: `first`, then twice as long each time, and `longest` at most. Without end. Pure."""
    doubled = (first * 2.0**times for times in itertools.count())
    yield from itertools.takewhile(lambda pause: pause < longest, doubled)
    yield from itertools.repeat(longest)


class Backoff:
    """Of one thing that is tried until it works. `first` and `longest` are in seconds.

    The pauses begin anew with `reset`, and by themselves after a try that lasted for longer than
    `steady` seconds before it failed.
    """

    def __init__(
        self, clock: Clock, *, first: float = 1.0, longest: float = 60.0, steady: float = math.inf
    ) -> None:
        self._clock = clock
        self._first = first
        self._longest = longest
        self._steady = steady
        self.reset()
        self.begin()

    def begin(self) -> None:
        """A try starts now."""
        self._began = self._clock.monotonic()

    @property
    def lasted(self) -> float:
        """Seconds since then."""
        return self._clock.monotonic() - self._began

    def reset(self) -> None:
        """It works: the next pause is the first one again."""
        self._pauses = pauses(self._first, self._longest)

    async def wait(self, at_most: float = math.inf) -> None:
        """After a try that failed. `at_most` cuts this pause alone."""
        if self.lasted > self._steady:
            self.reset()
        await self._clock.sleep(min(next(self._pauses), at_most))

    async def keep_trying(
        self,
        act: Callable[[], Awaitable[T]],
        expected: tuple[type[Exception], ...],
        on_failure: Callable[[Exception], None],
    ) -> T:
        """What `act` returns, however long that takes: after each failure of the `expected` kinds,
        which `on_failure` is told, comes a pause and the next try."""
        while True:
            try:
                return await act()
            except expected as error:
                on_failure(error)
            await self.wait()
