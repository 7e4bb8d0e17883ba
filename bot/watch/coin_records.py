"""What pump.fun's records say of coins: their names, their marks, and whether they are coins."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping

from bot.errors import PumpfunError
from bot.kit.timing.clock import Clock
from bot.model import POLLER, Coin, RosterRow, StreamState
from bot.pumpfun import PumpfunClient
from bot.store import Store
from bot.watch.poll_plan import Snapshot
from bot.watch.roster import Pace
from bot.watch.stream_writes import StreamWrites

_AT_ONCE = 4
_NO_COIN_FOR = 3600.0
"""Seconds: a mint that names no coin is asked about again after that: it may have been too new."""
_PAUSED_FOR, _HIDDEN_FOR = 60.0, 600.0
"""Seconds after which a coin is asked about again whose stream the roster lacks: one that has
paused, which may be for a ban, and any other."""


class CoinRecords:
    """Takes names and marks from the roster's rows, and asks about the coins that it lacks: those
    that nobody has confirmed, and those that stream.

    It takes at most half of what its group of endpoints allows, so that commands find the rest.
    """

    def __init__(
        self,
        store: Store,
        pumpfun: PumpfunClient,
        stream_writes: StreamWrites,
        clock: Clock,
        per_minute: float,
    ) -> None:
        self._store = store
        self._pumpfun = pumpfun
        self._stream_writes = stream_writes
        self._clock = clock
        self._pace = Pace(clock, per_minute / 2)
        self._asked: dict[str, float] = {}
        self._no_coins: set[str] = set()

    async def learn(self, snapshot: Snapshot) -> None:
        """Keep what the roster says of followed coins, where that is news, and call them
        confirmed."""
        followed = (snapshot.wanted | snapshot.open.keys()) & snapshot.roster.keys()
        if not followed:
            return
        async with self._store.read() as unit:
            known = await unit.coins.many(followed)
        coins = news(known, {mint: snapshot.roster[mint] for mint in sorted(followed)})
        await self._stream_writes.keep_coins(coins, confirmed=followed & snapshot.unchecked)

    async def ask(self, snapshot: Snapshot, on_coin: Callable[[], None]) -> None:
        """Ask about some of them, those first that nobody has confirmed; then the one first that
        was asked about longest ago. `on_coin` is called before each."""
        if not self._pace.due:
            return
        now = self._clock.monotonic()
        unknown = (snapshot.unchecked | snapshot.open.keys()) - snapshot.roster.keys()
        self._asked = {mint: at for mint, at in self._asked.items() if mint in unknown}
        self._no_coins &= unknown
        due = [mint for mint in unknown if self._due_at(mint, snapshot) <= now]
        chosen = heapq.nsmallest(
            _AT_ONCE,
            due,
            key=lambda m: (m not in snapshot.unchecked, self._asked.get(m, -math.inf), m),
        )
        asked = 0
        for mint in chosen:
            asked += 1
            on_coin()
            if not await self._ask(mint, snapshot):
                break
        self._pace.spend(asked, now)

    def _due_at(self, mint: str, snapshot: Snapshot) -> float:
        asked = self._asked.get(mint, -math.inf)
        if mint in self._no_coins:
            return asked + _NO_COIN_FOR
        if mint in snapshot.unchecked:
            return asked
        is_paused = snapshot.open[mint].state is StreamState.GRACE
        return asked + (_PAUSED_FOR if is_paused else _HIDDEN_FOR)

    async def _ask(self, mint: str, snapshot: Snapshot) -> bool:
        """False: there was no answer. What could not be saved was not asked."""
        is_new = mint in snapshot.unchecked
        try:
            coin = await self._pumpfun.coin(mint, asker=POLLER)
        except PumpfunError as error:
            self._asked[mint] = self._clock.monotonic()
            self._pace.hold(error.stated_wait)
            return False
        if coin is not None:
            await self._stream_writes.keep_coins([coin], confirmed=[mint] if is_new else [])
        elif is_new:
            await self._stream_writes.tell_no_coin(mint)
            self._no_coins.add(mint)
        self._asked[mint] = self._clock.monotonic()
        return True


def news(known: Mapping[str, Coin], rows: Mapping[str, RosterRow]) -> list[Coin]:
    """The coins of those rows that have a name at last, or other marks than we know. Pure."""
    return [
        row.coin
        for mint, row in rows.items()
        if (coin := known.get(mint)) is None
        or coin.marks != row.coin.marks_after(coin.marks)
        or (not _is_named(coin) and _is_named(row.coin))
    ]


def _is_named(coin: Coin) -> bool:
    return bool(coin.symbol or coin.name)
