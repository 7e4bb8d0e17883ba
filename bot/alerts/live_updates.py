"""Title, viewers and picture of alerts that are up, kept fresh where a place asked for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.errors import LeaseLost
from bot.kit.leadership import HeldLease, under, without_lease
from bot.kit.notifier import DELIVERIES
from bot.model import Broadcast, Priority, ShownAlert, Stream, StreamState

if TYPE_CHECKING:
    from bot.kit.metrics import Metrics
    from bot.kit.notifier import Notifier
    from bot.kit.timing.clock import Clock
    from bot.store import Store

EVERY = timedelta(minutes=5)
"""At most so often is one message changed."""

NEW_PICTURE_EVERY = timedelta(minutes=10)
"""At most so often it gets a new picture, and so often an update whatever has changed: each is an
upload, on Discord for every message."""

OLDEST = timedelta(hours=24)
"""An older message is left alone until the end: platforms ration edits of old ones."""

_SHARE, _LEAST = 0.1, 2

_PAGE = 200
"""So many alerts are read, and owed an update, before others read and write."""


class LastShown:
    """Which title and viewers the alerts show that are up. Lost with the process: then what is
    true at the next look counts as shown, and the next real change is an update."""

    def __init__(self) -> None:
        self._shown: dict[int, tuple[str, int | None]] = {}

    def note(self, delivery_id: int, broadcast: Broadcast) -> None:
        """The alert shows this now; an ended one is forgotten."""
        if broadcast.state is StreamState.ENDED:
            self._shown.pop(delivery_id, None)
        else:
            self._shown[delivery_id] = (broadcast.title, broadcast.viewers)

    def differs(self, delivery_id: int, broadcast: Broadcast) -> bool:
        """Whether it shows something that is really other than `broadcast`."""
        if delivery_id not in self._shown:
            self.note(delivery_id, broadcast)
            return False
        title, viewers = self._shown[delivery_id]
        return title != broadcast.title or has_moved(viewers, broadcast.viewers)


def has_moved(shown: int | None, viewers: int | None) -> bool:
    """By a tenth of what is shown, and by 2 at least; from none to some, too."""
    if shown is None or viewers is None:
        return shown != viewers
    return abs(viewers - shown) >= max(_LEAST, _SHARE * shown)


class LiveUpdates:
    """Call `refresh` every minute."""

    def __init__(
        self,
        store: Store,
        last_shown: LastShown,
        clock: Clock,
        notifier: Notifier,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._last_shown = last_shown
        self._clock = clock
        self._notifier = notifier
        self._metrics = metrics

    async def refresh(self, senders: Mapping[str, HeldLease | None]) -> int:
        """Owe an update to each alert of those senders that wants one, each by its lease, where
        there may be other nodes; how many. They go last of all."""
        await self._count_states()
        if not senders:
            return 0
        now, after, owed = self._clock.now(), 0, 0
        async with self._store.read() as unit:
            streams = {one.id: one for one in (await unit.streams.open()).values()}
        while rows := await self._page(senders, now, after):
            pairs = [(row, streams[row.stream_id]) for row in rows if row.stream_id in streams]
            due = [row for row, stream in pairs if self._is_worth_it(row, stream)]
            for name, held in senders.items():
                with under(held) if held is not None else without_lease():
                    owed += await self._owe([row.id for row in due if row.sender == name], now)
            after = rows[-1].id
        return owed

    async def _count_states(self) -> None:
        async with self._store.read() as unit:
            counts = await unit.deliveries.counts()
        for state, count in counts.items():
            self._metrics.deliveries.labels(state).set(count)

    async def _page(
        self, senders: Collection[str], now: datetime, after: int
    ) -> tuple[ShownAlert, ...]:
        async with self._store.read() as unit:
            return await unit.deliveries.for_updates(senders, now, EVERY, after=after, most=_PAGE)

    def _is_worth_it(self, row: ShownAlert, stream: Stream) -> bool:
        is_young = row.sent_at is not None and self._clock.age(row.sent_at).least < OLDEST
        is_live = stream.broadcast.state is StreamState.LIVE
        if not (is_young and is_live):
            return False
        differs = self._last_shown.differs(row.id, stream.broadcast)
        return differs or (
            row.shown_at is not None and self._clock.age(row.shown_at).least >= NEW_PICTURE_EVERY
        )

    async def _owe(self, delivery_ids: list[int], now: datetime) -> int:
        """How many; none where another node sends them by now."""
        if not delivery_ids:
            return 0
        try:
            async with self._store.write() as unit:
                owed = await unit.deliveries.raise_many(delivery_ids, now, Priority.UPDATE)
        except LeaseLost:
            return 0
        self._notifier.notify(DELIVERIES)
        return owed
