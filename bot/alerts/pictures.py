"""The picture of a stream, fetched once and shared by all who are shown its alert.

Missing at first, the coin's own picture stands in for it; the real one is looked for as long as
the stream is open, and replaces it by an edit. No alert fails or waits long for want of one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bot.errors import PumpfunError, StoreError
from bot.kit.notifier import DELIVERIES, heard
from bot.kit.tasks import Tasks
from bot.model import (
    Coin,
    Picture,
    Priority,
    StoredPicture,
    Stream,
    StreamSnapshot,
    StreamState,
)

if TYPE_CHECKING:
    from bot.alerts.picture_cache import PictureCache
    from bot.kit.notifier import Notifier
    from bot.kit.timing.clock import Clock
    from bot.store import Store

_log = logging.getLogger(__name__)

_PATIENCE = 3.0
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 300.0
_COIN_PAUSE = 600.0
_MOST_FOUND = 64


class Site(Protocol):
    """Who has the pictures. Both raise PumpfunError."""

    async def thumbnail(self, stream: StreamSnapshot) -> Picture | None: ...
    async def picture(self, url: str) -> Picture: ...


@dataclass(slots=True)
class _Hunt:
    """A search for a picture. Whoever shows an alert waits for its next try until `until` at most;
    `tried` is set after that try. `missed`: somebody was shown the alert without the picture.

    `url` is what was tried last; `news` is set when the site names another.
    """

    until: float
    url: str | None = None
    missed: bool = False
    picture: StoredPicture | None = None
    tried: asyncio.Event = field(default_factory=asyncio.Event)
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Pictures:
    """For one loop. `stop` ends its searches; they begin anew when somebody asks again."""

    def __init__(
        self,
        store: Store,
        picture_cache: PictureCache,
        site: Site,
        clock: Clock,
        notifier: Notifier,
    ) -> None:
        self._store = store
        self._picture_cache = picture_cache
        self._site = site
        self._clock = clock
        self._notifier = notifier
        self._tasks = Tasks()
        self._streams: dict[int, _Hunt] = {}
        self._coins: dict[str, _Hunt] = {}

    async def stop(self) -> None:
        """End what still searches."""
        await self._tasks.stop()

    def prepare(self, streams: Iterable[Stream], *, missed: bool = False) -> None:
        """Begin to look for those that are announced and have none, all at the same time.

        `missed`: their alerts may be out without it.
        """
        for stream in streams:
            if stream.picture_key is None and stream.broadcast.announced_at is not None:
                hunt = self._stream_hunt(stream)
                hunt.missed = hunt.missed or missed

    async def for_first(self, stream: Stream, coin: Coin | None) -> StoredPicture | None:
        """What a first showing has. Waits up to 3 s from when the stream was first asked for."""
        kept = await self._picture_cache.get(stream.picture_key)
        if kept is not None:
            return kept
        hunt = self._stream_hunt(stream)
        stand_in = await self._coin_hunt(coin)
        await self._patiently(hunt)
        if hunt.picture is None:
            hunt.missed = True
            if stand_in is not None:
                await self._patiently(stand_in)
        return await self._found(hunt) or await self._found(stand_in)

    async def for_change(self, stream: Stream, coin: Coin | None) -> StoredPicture | None:
        """What an edit has. Waits only where the site has just named a picture of the stream."""
        kept = await self._picture_cache.get(stream.picture_key)
        if kept is not None:
            return kept
        if stream.broadcast.state is not StreamState.ENDED:
            hunt = self._stream_hunt(stream)
            if stream.broadcast.thumbnail is not None:
                await self._patiently(hunt)
            if hunt.picture is not None:
                return await self._found(hunt)
            hunt.missed = True
        return await self._found(await self._coin_hunt(coin))

    async def _found(self, hunt: _Hunt | None) -> StoredPicture | None:
        """What it found, unless that was swept away since."""
        found = hunt.picture if hunt is not None else None
        return await self._picture_cache.get(found.key) if found is not None else None

    async def _patiently(self, hunt: _Hunt) -> None:
        await heard(hunt.tried, self._clock, hunt.until - self._clock.monotonic())

    # The stream's

    def _stream_hunt(self, stream: Stream) -> _Hunt:
        hunt = self._streams.get(stream.id)
        if hunt is None:
            self._forget_some()
            hunt = self._streams[stream.id] = _Hunt(self._clock.monotonic() + _PATIENCE)
            hunt.url = stream.broadcast.thumbnail
            self._tasks.start(self._search(hunt, stream), f"picture-{stream.id}")
        elif hunt.picture is None and stream.broadcast.thumbnail not in (None, hunt.url):
            hunt.url = stream.broadcast.thumbnail
            hunt.until = self._clock.monotonic() + _PATIENCE
            hunt.tried.clear()
            hunt.news.set()
        return hunt

    def _forget_some(self) -> None:
        """Of what was found: by now it stands in the streams' rows."""
        found = [id_ for id_, hunt in self._streams.items() if hunt.picture is not None]
        for stream_id in found[:-_MOST_FOUND]:
            del self._streams[stream_id]

    async def _search(self, hunt: _Hunt, stream: Stream) -> None:
        try:
            await self._search_while_open(hunt, stream)
        except StoreError as error:
            _log.warning("the search for a stream's picture broke off: %s", error)
        finally:
            hunt.tried.set()
            if hunt.picture is None:  # else whoever read the row just before finds it here
                self._streams.pop(stream.id, None)

    async def _search_while_open(self, hunt: _Hunt, stream: Stream | None) -> None:
        pause = _FIRST_PAUSE
        while stream is not None and stream.broadcast.state is not StreamState.ENDED:
            hunt.picture = await self._picture_cache.get(stream.picture_key)
            if hunt.picture is not None or await self._fetch(hunt, stream):
                return
            if not hunt.news.is_set():
                hunt.tried.set()
            if await heard(hunt.news, self._clock, pause):
                pause = _FIRST_PAUSE
            else:
                pause = min(2 * pause, _LONGEST_PAUSE)
            hunt.news.clear()
            async with self._store.read() as unit:
                stream = await unit.streams.get(stream.id)

    async def _fetch(self, hunt: _Hunt, stream: Stream) -> bool:
        try:
            picture = await self._site.thumbnail(_snapshot(stream))
        except PumpfunError as error:
            _log.info("no picture of stream %d yet: %s", stream.id, error)
            return False
        stored = await self._picture_cache.put(picture) if picture is not None else None
        if stored is None:
            return False
        async with self._store.write() as unit:
            await unit.streams.set_picture(stream.id, stored.key)
            was_missed = hunt.missed
            if was_missed:
                await unit.deliveries.raise_wanted(stream.id, self._clock.now(), Priority.CHANGE)
        hunt.picture = stored  # whoever comes from now on has it
        if hunt.missed and not was_missed:  # somebody lost patience while it was written
            async with self._store.write() as unit:
                await unit.deliveries.raise_wanted(stream.id, self._clock.now(), Priority.CHANGE)
        if hunt.missed:
            self._notifier.notify(DELIVERIES)
        return True

    # The coin's

    async def _coin_hunt(self, coin: Coin | None) -> _Hunt | None:
        """Fetched once and kept; after a failure, not asked for again for ten minutes."""
        if coin is None or not coin.image:
            return None
        now = self._clock.monotonic()
        hunt = self._coins.get(coin.mint)
        if hunt is not None and (hunt.picture is not None or now < hunt.until + _COIN_PAUSE):
            return hunt
        self._coins = {k: one for k, one in self._coins.items() if now < one.until + _COIN_PAUSE}
        hunt = self._coins[coin.mint] = _Hunt(now + _PATIENCE)
        async with self._store.read() as unit:
            key = await unit.coins.picture(coin.mint)
        hunt.picture = await self._picture_cache.get(key)
        if hunt.picture is not None:
            hunt.tried.set()
        else:
            self._tasks.start(self._fetch_coin(hunt, coin.mint, coin.image), f"coin-{coin.mint}")
        return hunt

    async def _fetch_coin(self, hunt: _Hunt, mint: str, url: str) -> None:
        try:
            hunt.picture = await self._picture_cache.put(await self._site.picture(url))
            if hunt.picture is not None:
                async with self._store.write() as unit:
                    await unit.coins.set_picture(mint, hunt.picture.key)
        except (PumpfunError, StoreError) as error:
            _log.info("no picture of the coin %s: %s", mint, error)
        finally:
            hunt.tried.set()


def _snapshot(stream: Stream) -> StreamSnapshot:
    broadcast = stream.broadcast
    return StreamSnapshot(
        stream.mint,
        broadcast.site_id,
        title=broadcast.title,
        thumbnail=broadcast.thumbnail,
        thumbnail_updated_at=broadcast.thumbnail_updated_at,
    )
