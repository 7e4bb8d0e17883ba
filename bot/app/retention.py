"""How long rows stay: what is over and needed by nobody goes after `keep`, a little at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.kit.metrics import Metrics
from bot.kit.timing.clock import Clock
from bot.store import RETAINED, Key, Store

_log = logging.getLogger(__name__)

_HOLD_SECONDS = 0.01
"""For so long a batch may keep others from writing: the next one is as large as that allows."""
_LEAST_ROWS, _MOST_ROWS = 20, 100
_PAUSE_SECONDS = 0.1
_RUN_SECONDS = 10.0
_REST_SECONDS = 3600.0
"""After everything was looked through."""


class Retention:
    """Removes rows that are older than `keep`. `bot.store.rows.retention` says which.

    `site_time` is the time by others than this machine. A row is old when it is so by both clocks:
    one that is a year ahead for a while costs nothing, and while nobody has answered, nothing goes.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        metrics: Metrics,
        site_time: Callable[[], datetime | None],
        keep: timedelta,
    ) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._site_time = site_time
        self._keep = keep
        self._left = list(RETAINED)
        self._after: Key | None = None
        self._rows = _LEAST_ROWS
        self._removed = 0
        self._rests_until = 0.0
        self._stopping = False

    def stop(self) -> None:
        """What runs ends after its batch."""
        self._stopping = True

    async def run(self) -> None:
        """Go on where the last run stopped, for a while; once all was looked through, rest for an
        hour. Call it often. Raises StoreError."""
        ends = self._clock.monotonic() + _RUN_SECONDS
        while self._may_go_on(ends) and (before := self._before()) is not None:
            await self._step(self._left[0], before)

    def _may_go_on(self, ends: float) -> bool:
        return not self._stopping and self._rests_until <= self._clock.monotonic() < ends

    def _before(self) -> datetime | None:
        """What is dated before this is older than `keep` by both clocks."""
        site_time = self._site_time()
        if site_time is None:
            return None
        return min(site_time - self._keep, self._clock.before(self._keep))

    async def _step(self, table: str, before: datetime) -> None:
        """One page of the table, and of that what goes."""
        async with self._store.read() as unit:
            page = await unit.retention.look(table, self._after, before, before + self._keep)
        await self._clock.sleep(_PAUSE_SECONDS)
        left = page.keys
        while left and not self._stopping:
            part, left = left[: self._rows], left[self._rows :]
            await self._remove(table, part, before)
            await self._clock.sleep(_PAUSE_SECONDS)
        if left:
            return
        self._after = page.after
        if page.after is None:
            self._left.remove(table)
        if not self._left:
            self._rest()

    def _rest(self) -> None:
        if self._removed:
            _log.info("%d old rows were removed from the database", self._removed)
        self._removed, self._left = 0, list(RETAINED)
        self._rests_until = self._clock.monotonic() + _REST_SECONDS

    async def _remove(self, table: str, keys: tuple[Key, ...], before: datetime) -> None:
        async with self._store.write() as unit:
            began = self._clock.monotonic()
            removed = await unit.retention.remove(table, keys, before)
        self._rows = next_size(self._rows, self._clock.monotonic() - began)
        self._removed += removed
        self._metrics.rows_removed.labels(table).inc(removed)


def next_size(rows: int, took: float) -> int:
    """How many rows the next batch has, where the last had so many and took so many seconds."""
    share = _HOLD_SECONDS / max(took, _HOLD_SECONDS / 2)
    return max(_LEAST_ROWS, min(_MOST_ROWS, round(rows * share)))
