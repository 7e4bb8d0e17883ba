"""The picture of a stream, fetched once and shared by all who are shown its alert.

Missing at first, the coin's own picture stands in for it; the real one is looked for as long as
the stream is open, and replaces it by an edit. No alert fails or waits long for want of one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.alerts.pictures.coins import CoinPictures
from bot.alerts.pictures.moving import NewestMoving
from bot.alerts.pictures.newest import OLD, Kept, LivePictures, NewestPicture, Site
from bot.alerts.pictures.searches import StreamSearches
from bot.kit.tasks import Tasks
from bot.model import Coin, KeptMoving, StoredPicture, StoredVideo, Stream

if TYPE_CHECKING:
    from bot.alerts.picture_cache import PictureCache
    from bot.kit.notifier import Notifier
    from bot.kit.timing.clock import Clock
    from bot.store import Store


class Pictures:
    """For one loop. `stop` ends its searches; they begin anew when somebody asks again."""

    def __init__(
        self,
        store: Store,
        picture_cache: PictureCache,
        site: Site,
        live: LivePictures,
        clock: Clock,
        notifier: Notifier,
    ) -> None:
        self._picture_cache = picture_cache
        self._tasks = Tasks()
        newest = NewestPicture(picture_cache, site, live, clock)
        self._streams: StreamSearches[Kept] = StreamSearches(
            "picture", newest, store, clock, notifier, self._tasks
        )
        moving = NewestMoving(store, picture_cache, live)
        self._moving: StreamSearches[KeptMoving] = StreamSearches(
            "picture-moving", moving, store, clock, notifier, self._tasks
        )
        self._coins = CoinPictures(store, picture_cache, site, clock, self._tasks)

    async def stop(self) -> None:
        """End what still searches."""
        await self._tasks.stop()

    def prepare(self, streams: Iterable[Stream], *, missed: bool = False) -> None:
        """Begin to look for those that are announced and have none, all at the same time.

        `missed`: their alerts may be out without it.
        """
        wanting = [
            stream
            for stream in streams
            if stream.picture_key is None and stream.broadcast.announced_at is not None
        ]
        self._streams.prepare(wanting, missed=missed)

    def prepare_moving(
        self, streams: Iterable[Stream], missing: Mapping[int, Collection[int]]
    ) -> None:
        """The same of moving ones, where these alerts may be out without it, by stream."""
        wanting = [stream for stream in streams if stream.id in missing]
        self._moving.prepare(wanting, missing=missing)

    async def for_first(self, stream: Stream, coin: Coin | None) -> StoredPicture | None:
        """What a first showing has. Waits up to 3 s from when the stream was first asked for."""
        await self._coins.prepare(coin)
        found = await self._there(await self._streams.for_first(stream, OLD))
        return found or await self._coins.of(coin)

    async def for_change(
        self, stream: Stream, coin: Coin | None, *, old: timedelta = OLD
    ) -> StoredPicture | None:
        """What an edit has: a newer one than is kept, where that is `old`."""
        found = await self._there(await self._streams.for_change(stream, old))
        return found or await self._coins.at_hand(coin)

    async def moving_first(self, stream: Stream, delivery_id: int) -> StoredVideo | None:
        """The moving picture that a first showing has. Waits up to 3 s from when it was first
        looked for; one that comes later is owed to that delivery."""
        kept = await self._moving.for_first(stream, OLD, delivery_id)
        return kept.video if kept is not None else None

    async def moving_change(
        self, stream: Stream, delivery_id: int, *, old: timedelta = OLD
    ) -> StoredVideo | None:
        """The one that an edit has: a newer one than is kept, where that is `old`."""
        kept = await self._moving.for_change(stream, old, delivery_id)
        return kept.video if kept is not None else None

    async def of_coin(self, coin: Coin | None) -> StoredPicture | None:
        """The coin's own. Waits up to 3 s from when it was first asked for."""
        return await self._coins.of(coin)

    async def _there(self, found: Kept | None) -> StoredPicture | None:
        """It, unless it was swept away since."""
        return await self._picture_cache.get(found.picture.key) if found is not None else None
