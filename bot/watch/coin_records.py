"""What pump.fun's records say of coins: their names, their marks, and whether they are coins."""

from __future__ import annotations

import heapq
import logging
import math
from collections.abc import Callable, Iterable, Mapping

from bot.errors import MintcastError, PumpfunError
from bot.kit.log import Mistakes
from bot.kit.timing.clock import Clock
from bot.model import POLLER, Coin, RosterRow, StreamState
from bot.pumpfun import PumpfunClient
from bot.store import Store
from bot.watch.poll_plan import Snapshot
from bot.watch.roster import Pace
from bot.watch.stream_writes import StreamWrites

_log = logging.getLogger(__name__)

_AT_ONCE = 4
_FAILED_FOR = 60.0
"""Seconds after which a coin is asked about again whose record could not be had, twice as long
each time: the fault may be that coin's alone."""
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
        self._mistakes = Mistakes(_log)
        self._asked: dict[str, float] = {}
        self._failures: dict[str, int] = {}
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
        """Ask about some of them; `on_coin` is called before each."""
        if not self._pace.due:
            return
        now = self._clock.monotonic()
        unknown = (snapshot.unchecked | snapshot.open.keys()) - snapshot.roster.keys()
        self._asked = {mint: at for mint, at in self._asked.items() if mint in unknown}
        self._failures = {mint: n for mint, n in self._failures.items() if mint in unknown}
        self._no_coins &= unknown & snapshot.unchecked
        requests = 0
        for mint in self._next(unknown, snapshot, now):
            on_coin()
            error = await self._ask_or_put_off(mint, snapshot)
            requests += 1 if error is None or error.is_of_host else 2  # by another route as well
            if error is not None and (error.stated_wait or error.is_of_host):
                break
        self._pace.spend(requests, now)

    def _next(self, unknown: Iterable[str], snapshot: Snapshot, now: float) -> list[str]:
        """One that streams, so that no number of others holds those up; then those that nobody has
        confirmed, and more that stream. Of each, the one first that was asked about longest ago."""
        due = [mint for mint in unknown if self._due_at(mint, snapshot) <= now]
        on_air = self._longest_ago(mint for mint in due if mint in snapshot.open)
        others = self._longest_ago(mint for mint in due if mint not in snapshot.open)
        return [*on_air[:1], *others, *on_air[1:]][:_AT_ONCE]

    def _longest_ago(self, mints: Iterable[str]) -> list[str]:
        order = {mint: (self._asked.get(mint, -math.inf), mint) for mint in mints}
        return heapq.nsmallest(_AT_ONCE, order, key=order.__getitem__)

    def _due_at(self, mint: str, snapshot: Snapshot) -> float:
        asked, failures = self._asked.get(mint, -math.inf), self._failures.get(mint, 0)
        if failures:
            longest = _HIDDEN_FOR if mint in snapshot.open else _NO_COIN_FOR
            return asked + min(longest, _FAILED_FOR * 2.0 ** min(failures - 1, 16))
        if mint in self._no_coins:
            return asked + _NO_COIN_FOR
        if mint in snapshot.unchecked:
            return asked
        is_paused = snapshot.open[mint].state is StreamState.GRACE
        return asked + (_PAUSED_FOR if is_paused else _HIDDEN_FOR)

    async def _ask_or_put_off(self, mint: str, snapshot: Snapshot) -> PumpfunError | None:
        """Why it could not be had, if pump.fun says so; what is the host's alone tells nothing of
        that coin. What could not be had, or what we are not ready for, of one coin costs no other
        its record. Raises what is foreseen: the database fails all of them, and what could not be
        saved was not asked."""
        try:
            await self._ask(mint, snapshot)
        except PumpfunError as error:
            self._note(mint, 1 if error.is_of_host else self._failures.get(mint, 0) + 1)
            self._pace.hold(error.stated_wait)
            return error
        except MintcastError:
            raise
        except Exception as error:  # noqa: BLE001 - whoever made the coin chooses what arrives
            self._mistakes.note(f"the record of {mint}", error)
            self._note(mint, self._failures.get(mint, 0) + 1)
        else:
            self._note(mint, 0)
        return None

    def _note(self, mint: str, failures: int) -> None:
        """It was asked about now, and so often in a row in vain."""
        self._asked[mint] = self._clock.monotonic()
        self._failures[mint] = failures

    async def _ask(self, mint: str, snapshot: Snapshot) -> None:
        is_new = mint in snapshot.unchecked
        coin = await self._pumpfun.coin(mint, asker=POLLER)
        if coin is not None:
            await self._stream_writes.keep_coins([coin], confirmed=[mint] if is_new else [])
        elif is_new:
            await self._stream_writes.tell_no_coin(mint)
            self._no_coins.add(mint)


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
