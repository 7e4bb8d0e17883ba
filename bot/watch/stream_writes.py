"""What looks lead to, written down: the change of a stream and what it owes in one transaction.

Who writes: ticks and commands, at any time. What is known is read again inside the transaction
that changes it, so that two looks at one coin can neither open it twice nor announce it twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from bot.kit.notifier import DELIVERIES, STREAMS, Notifier
from bot.kit.timing.ages import Moment
from bot.model import (
    ENDED_FIRST,
    NO_COIN,
    Broadcast,
    Coin,
    Live,
    Observation,
    Priority,
    Stream,
    StreamState,
    Unknown,
    is_late,
)
from bot.store import SeenMaster, Store, Unit, in_parts
from bot.watch.stream_machine import Event, Rules, Step, step
from bot.watch.whole_streams import next_look

_SHOWN = frozenset({Event.PAUSED, Event.RESUMED, Event.PICTURE})
"""What changes an alert that stands. A title or viewers alone do not."""

_COINS_AT_ONCE = 20
"""So many are kept before others write."""


class StreamWrites:
    """The watcher's writes. `moment` is now, by the site's clock, too."""

    def __init__(
        self, store: Store, moment: Callable[[], Moment], notifier: Notifier, rules: Rules
    ) -> None:
        self._store = store
        self._moment = moment
        self._notifier = notifier
        self._rules = rules

    async def observe(self, mint: str, seen: Observation) -> tuple[Event, ...]:
        """Apply one look at `mint`, if anybody follows it; says what happened."""
        if isinstance(seen, Unknown):
            return ()
        with self._notifier.afterwards() as hints:
            async with self._store.write() as unit:
                stream = await unit.streams.open_of(mint)
                if stream is None and not await unit.subscriptions.wanted(mint):
                    return ()
                now = self._moment()
                done = step(stream.broadcast if stream else None, seen, now, self._rules)
                if done.events:
                    hints |= {DELIVERIES, STREAMS}
                stream_id = await _write(unit, mint, stream, done, now)
                if stream_id is not None:
                    await unit.recordings.see_many(_master(stream_id, seen), now.at)
        return done.events

    async def refresh(self, rows: Mapping[str, Live]) -> None:
        """Apply rows of the roster to live streams, all at once. `rows` have the ids we know."""
        if not rows:
            return
        with self._notifier.afterwards() as hints:
            async with self._store.write() as unit:
                if await self._refresh(unit, rows):
                    hints.add(DELIVERIES)

    async def _refresh(self, unit: Unit, rows: Mapping[str, Live]) -> int:
        now = self._moment()
        fresh, masters, new_pictures = [], [], []
        for mint, stream in (await unit.streams.open()).items():
            seen, known = rows.get(mint), stream.broadcast
            if seen is None or known.state is not StreamState.LIVE:
                continue
            if known.site_id != seen.stream.site_id:  # a look was quicker, and knows better
                continue
            done = step(known, seen, now, self._rules)
            if done.known is not None:
                fresh.append((stream.id, done.known))
                masters += _master(stream.id, seen)
            if Event.PICTURE in done.events:
                new_pictures.append(stream.id)
        await unit.streams.refresh(fresh)
        await unit.recordings.see_many(masters, now.at)
        for stream_id in new_pictures:
            await unit.deliveries.raise_wanted(stream_id, now.at, Priority.CHANGE)
        return len(new_pictures)

    async def keep_coins(self, coins: Collection[Coin], *, confirmed: Collection[str]) -> None:
        """Keep what coins are called, and how they are marked, which their alerts are to show;
        `confirmed` mints are coins indeed."""
        now, heard = self._moment().at, {coin.mint: coin for coin in coins}
        for some in in_parts(dict.fromkeys((*heard, *confirmed)), _COINS_AT_ONCE):
            with self._notifier.afterwards() as hints:
                async with self._store.write() as unit:
                    for mint in some:
                        if mint in heard and await self._keep_coin(unit, heard[mint], now):
                            hints.add(DELIVERIES)
                        if mint in confirmed:
                            await unit.subscriptions.confirm(mint, now)

    async def _keep_coin(self, unit: Unit, coin: Coin, now: datetime) -> bool:
        """Whether an alert is to show it."""
        if not await unit.coins.put(coin):
            return False
        return await unit.deliveries.raise_of_coin(coin.mint, now, Priority.CHANGE) > 0

    async def tell_no_coin(self, mint: str) -> None:
        """Everybody who subscribed to `mint` is told, once, that it names no coin."""
        body = json.dumps({"about": "no-coin", "mint": mint})
        now = self._moment().at
        with self._notifier.afterwards() as hints:
            async with self._store.write() as unit:
                if await unit.deliveries.owe_notices(mint, f"{NO_COIN}{mint}", body, now):
                    hints.add(DELIVERIES)


def _master(stream_id: int, seen: Observation) -> list[SeenMaster]:
    """Where the site records what is on air; nothing before it shows media, or of what is over."""
    if not isinstance(seen, Live) or seen.stream.playlist is None:
        return []
    return [SeenMaster(stream_id, seen.stream.site_id, seen.stream.playlist)]


async def _plan_whole_stream(unit: Unit, stream_id: int, ended: Broadcast, now: Moment) -> None:
    """What the site keeps of it is looked for, if anybody was told of it; once at least, however
    long ago the end was that is known only now."""
    if ended.announced_at is not None:
        ended_at = ended.ended_at or ended.last_seen_at
        await unit.streams.plan_whole_stream(stream_id, next_look(ended_at, now) or now.at)


async def _write(
    unit: Unit, mint: str, stream: Stream | None, done: Step, now: Moment
) -> int | None:
    """The row of what is open now, if anything is."""
    if stream is not None and done.ended is not None:
        await unit.streams.update(stream.id, done.ended)
        await unit.deliveries.drop_unsent(stream.id, ENDED_FIRST, now.at)
        await unit.deliveries.raise_wanted(stream.id, now.at, Priority.END)
        await _plan_whole_stream(unit, stream.id, done.ended, now)
    if done.known is None:
        return None
    if stream is None or done.ended is not None:
        stream_id = await unit.streams.insert(mint, done.known)
    else:
        stream_id = stream.id
        if done.known != stream.broadcast:
            await unit.streams.update(stream_id, done.known)
    if Event.WENT_LIVE in done.events:
        silent = is_late(now.told_age(done.known.started_at, done.known.first_seen_at))
        await unit.deliveries.owe_alerts(stream_id, now.at, silent=silent)
    elif not _SHOWN.isdisjoint(done.events):
        await unit.deliveries.raise_wanted(stream_id, now.at, Priority.CHANGE)
    return stream_id
