"""The looks of one tick: several at once, in order, and no longer than they are of use."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Sequence

from bot.model import Observation, Unknown

_AT_ONCE = 8
_HOPELESS = 8
"""So many looks without one answer: the site is broken, and is not asked on."""
_TRIES = 8
"""For a coin that is news: its alert waits for the answer. With half of all answers lost, one in
256 is still without one."""
_BREATH = 2
"""So many others go before it is tried again."""


class LookBatch:
    """Begins looks for as long as `may_begin` says so, and lets them end.

    It begins no more where the site answers nobody, or states a wait.
    """

    def __init__(
        self, look: Callable[[str], Awaitable[Observation]], may_begin: Callable[[], bool]
    ) -> None:
        self.answers = 0
        self.failure: Unknown | None = None
        """The last one, if any look failed, or the one that stated the longest wait."""
        self.told_to_wait = 0.0
        """Seconds, as it stated them."""
        self._look = look
        self._may_begin = may_begin
        self._misses = 0
        self._tries: Counter[str] = Counter()
        self._line: deque[str] = deque()
        self._left = 0

    async def take(
        self, mints: Sequence[str], *, news: Collection[str] = (), most: int = 1
    ) -> None:
        """Look at `mints`, `most` times in all: `news` that are not answered for are tried again
        before those at the end are tried at all."""
        self._line.extend(mints)
        self._left = most
        async with asyncio.TaskGroup() as group:
            for number in range(min(_AT_ONCE, len(mints))):
                group.create_task(self._work(news), name=f"look {number}")

    async def _work(self, news: Collection[str]) -> None:
        while self._line and self._left > 0 and not self._over:
            mint = self._line.popleft()
            self._left -= 1
            self._tries[mint] += 1
            seen = await self._look(mint)
            self._note(seen)
            if isinstance(seen, Unknown) and mint in news and self._tries[mint] < _TRIES:
                self._line.insert(_BREATH, mint)

    def _note(self, seen: Observation) -> None:
        if not isinstance(seen, Unknown):
            self.answers += 1
            return
        self._misses += 1
        wait = seen.retry_after or 0.0
        if wait >= self.told_to_wait:
            self.failure, self.told_to_wait = seen, wait

    @property
    def _over(self) -> bool:
        hopeless = self.answers == 0 and self._misses >= _HOPELESS
        return hopeless or self.told_to_wait > 0 or not self._may_begin()
