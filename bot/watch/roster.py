"""The roster of live coins, read as often as its limit allows."""

from __future__ import annotations

import math
from collections.abc import Callable

from bot import texts
from bot.errors import PumpfunError
from bot.kit.health import Part
from bot.kit.timing.clock import Clock
from bot.model import POLLER, Coin, RosterRow
from bot.pumpfun import Endpoint, PumpfunClient
from bot.watch.poll_backoff import Streak

_PAGES = 8
"""480 rows; 53 and 172 were seen (2026-09-25, 2025-11-24)."""


class Pace:
    """So many a minute, by the injected clock: after `spend`, nothing until they have dripped."""

    def __init__(self, clock: Clock, per_minute: float) -> None:
        self._clock = clock
        self._seconds_each = 60 / per_minute
        self._next = -math.inf

    @property
    def due(self) -> bool:
        return self._clock.monotonic() >= self._next

    def spend(self, requests: int, began: float) -> None:
        """So many were made since `began`, a monotonic time."""
        self._next = max(self._next, began + requests * self._seconds_each)

    def hold(self, seconds: float) -> None:
        """Nothing for so long, at least."""
        self._next = max(self._next, self._clock.monotonic() + seconds)


class RosterReader:
    """Reads the roster, or gives the rows of the last time while it is too early to read again."""

    def __init__(
        self,
        pumpfun: PumpfunClient,
        clock: Clock,
        part: Part,
        poll_seconds: float,
        per_minute: float,
    ) -> None:
        self.failure: PumpfunError | None = None
        """Why the last reading failed, or was cut short, if it was."""
        self._pumpfun = pumpfun
        self._clock = clock
        self._streak = Streak(part, clock, poll_seconds)
        self._pace = Pace(clock, per_minute)
        self._rows: dict[str, RosterRow] = {}

    @property
    def requests(self) -> int:
        """How many were made so far."""
        return self._pumpfun.tries(Endpoint.ROSTER)

    @property
    def coins(self) -> tuple[Coin, ...]:
        """Those of the rows that were read last, the most watched first."""
        rows = sorted(self._rows.values(), key=lambda row: row.viewers or 0, reverse=True)
        return tuple(row.coin for row in rows)

    @property
    def has_answered(self) -> bool:
        """Whether some of it was read the last time."""
        return self.failure is None or bool(self._rows)

    async def read(self, on_page: Callable[[], None]) -> dict[str, RosterRow]:
        """The rows by mint, as far as the roster can be read; `on_page` is called after each page.
        What was cut short is given once: whoever is told to wait would hold long after that on
        what is over."""
        if not self._pace.due:
            return self._rows if self.failure is None else {}
        began, before = self._clock.monotonic(), self.requests
        self._rows, self.failure = {}, None
        try:
            roster = await self._pumpfun.roster(pages=_PAGES, asker=POLLER, on_page=on_page)
        except PumpfunError as error:
            self.failure = error
        else:
            self._rows = {row.coin.mint: row for row in roster.rows}
            self.failure = roster.failure
        self._pace.spend(self.requests - before, began)
        self._judge()
        return self._rows

    def _judge(self) -> None:
        if self.failure is None:
            self._streak.good()
            return
        wait = self.failure.stated_wait
        why = texts.health.pumpfun_fails(self.failure.reason, self.failure.status)
        said = f"{texts.health.BOARD_FAILS}: {why}"
        self._pace.hold(wait)
        self._streak.bad(said)
        self._streak.told_to_wait(wait, said)
