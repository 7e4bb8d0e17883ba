"""What followed coins are called, and whether they are coins at all."""

from __future__ import annotations

import heapq
import math

from bot.errors import PumpfunError
from bot.kit.timing.clock import Clock
from bot.model import POLLER
from bot.pumpfun import PumpfunClient
from bot.store import Store
from bot.watch.poll_plan import Snapshot
from bot.watch.roster import Pace
from bot.watch.stream_writes import StreamWrites

_AT_ONCE = 4
_NO_COIN_FOR = 3600.0
"""Seconds: a mint that names no coin is asked about again after that: it may have been too new."""


class CoinRecords:
    """Takes names from the roster's rows, and asks about mints that nobody has confirmed.

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
        self._stored: set[str] = set()
        self._ask_again: dict[str, float] = {}

    async def learn(self, snapshot: Snapshot) -> None:
        """Keep the names of followed coins that the roster shows, and call them confirmed."""
        followed = (snapshot.wanted | snapshot.open.keys()) & snapshot.roster.keys()
        self._stored &= followed
        unnamed = followed - self._stored
        if unnamed:
            async with self._store.read() as unit:
                known = await unit.coins.many(unnamed)
            self._stored |= {mint for mint, coin in known.items() if coin.symbol or coin.name}
        coins = [snapshot.roster[mint].coin for mint in sorted(unnamed - self._stored)]
        await self._stream_writes.keep_coins(coins, confirmed=followed & snapshot.unchecked)
        self._stored |= unnamed

    async def ask(self, snapshot: Snapshot) -> None:
        """Confirm some of the mints that nobody has, the one first that was asked longest ago."""
        if not self._pace.due:
            return
        doubtful, now = snapshot.unchecked - snapshot.roster.keys(), self._clock.monotonic()
        self._ask_again = {m: at for m, at in self._ask_again.items() if m in doubtful}
        due = [m for m in doubtful if self._ask_again.get(m, now) <= now]
        chosen = heapq.nsmallest(
            _AT_ONCE, due, key=lambda m: (self._ask_again.get(m, -math.inf), m)
        )
        asked = 0
        for mint in chosen:
            asked += 1
            if not await self._confirm(mint):
                break
        self._pace.spend(asked, now)

    async def _confirm(self, mint: str) -> bool:
        """False: there was no answer."""
        self._ask_again[mint] = self._clock.monotonic()
        try:
            coin = await self._pumpfun.coin(mint, asker=POLLER)
        except PumpfunError:
            return False
        if coin is None:
            self._ask_again[mint] += _NO_COIN_FOR
            await self._stream_writes.tell_no_coin(mint)
        else:
            await self._stream_writes.keep_coins([coin], confirmed=[mint])
        return True
