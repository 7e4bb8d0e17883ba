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
class _PictureSearch:
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
        self._streams: dict[int, _PictureSearch] = {}
        self._coins: dict[str, _PictureSearch] = {}

    async def stop(self) -> None:
        """End what still searches."""
        await self._tasks.stop()

    def prepare(self, streams: Iterable[Stream], *, missed: bool = False) -> None:
        """Begin to look for those that are announced and have none, all at the same time.

        `missed`: their alerts may be out without it.
        """
        for stream in streams:
            if stream.picture_key is None and stream.broadcast.announced_at is not None:
                search = self._stream_search(stream)
                search.missed = search.missed or missed

    async def for_first(self, stream: Stream, coin: Coin | None) -> StoredPicture | None:
        """What a first showing has. Waits up to 3 s from when the stream was first asked for."""
        kept = await self._picture_cache.get(stream.picture_key)
        if kept is not None:
            return kept
        search = self._stream_search(stream)
        stand_in = await self._coin_search(coin)
        await self._wait_for(search)
        if search.picture is None:
            search.missed = True
            if stand_in is not None:
                await self._wait_for(stand_in)
        return await self._found(search) or await self._found(stand_in)

    async def for_change(self, stream: Stream, coin: Coin | None) -> StoredPicture | None:
        """What an edit has. Waits only where the site has just named a picture of the stream."""
        kept = await self._picture_cache.get(stream.picture_key)
        if kept is not None:
            return kept
        if stream.broadcast.state is not StreamState.ENDED:
            search = self._stream_search(stream)
            if stream.broadcast.thumbnail is not None:
                await self._wait_for(search)
            if search.picture is not None:
                return await self._found(search)
            search.missed = True
        return await self._found(await self._coin_search(coin))

    async def of_coin(self, coin: Coin | None) -> StoredPicture | None:
        """The coin's own. Waits up to 3 s from when it was first asked for."""
        search = await self._coin_search(coin)
        if search is not None:
            await self._wait_for(search)
        return await self._found(search)

    async def _found(self, search: _PictureSearch | None) -> StoredPicture | None:
        """What it found, unless that was swept away since."""
        found = search.picture if search is not None else None
        return await self._picture_cache.get(found.key) if found is not None else None

    async def _wait_for(self, search: _PictureSearch) -> None:
        await heard(search.tried, self._clock, search.until - self._clock.monotonic())

    # The stream's

    def _stream_search(self, stream: Stream) -> _PictureSearch:
        search = self._streams.get(stream.id)
        if search is None:
            self._forget_some()
            search = self._streams[stream.id] = _PictureSearch(self._clock.monotonic() + _PATIENCE)
            search.url = stream.broadcast.thumbnail
            self._tasks.start(self._run(search, stream), f"picture-{stream.id}")
        elif search.picture is None and stream.broadcast.thumbnail not in (None, search.url):
            search.url = stream.broadcast.thumbnail
            search.until = self._clock.monotonic() + _PATIENCE
            search.tried.clear()
            search.news.set()
        return search

    def _forget_some(self) -> None:
        """Of what was found: by now it stands in the streams' rows."""
        found = [id_ for id_, search in self._streams.items() if search.picture is not None]
        for stream_id in found[:-_MOST_FOUND]:
            del self._streams[stream_id]

    async def _run(self, search: _PictureSearch, stream: Stream) -> None:
        try:
            await self._run_while_open(search, stream)
        except StoreError as error:
            _log.warning("the search for a stream's picture broke off: %s", error)
        finally:
            search.tried.set()
            if search.picture is None:  # else whoever read the row just before finds it here
                self._streams.pop(stream.id, None)

    async def _run_while_open(self, search: _PictureSearch, stream: Stream | None) -> None:
        pause = _FIRST_PAUSE
        while stream is not None and stream.broadcast.state is not StreamState.ENDED:
            search.picture = await self._picture_cache.get(stream.picture_key)
            if search.picture is not None or await self._fetch(search, stream):
                return
            if not search.news.is_set():
                search.tried.set()
            if await heard(search.news, self._clock, pause):
                pause = _FIRST_PAUSE
            else:
                pause = min(2 * pause, _LONGEST_PAUSE)
            search.news.clear()
            async with self._store.read() as unit:
                stream = await unit.streams.get(stream.id)

    async def _fetch(self, search: _PictureSearch, stream: Stream) -> bool:
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
            was_missed = search.missed
            if was_missed:
                await unit.deliveries.raise_wanted(stream.id, self._clock.now(), Priority.CHANGE)
        search.picture = stored  # whoever comes from now on has it
        if search.missed and not was_missed:  # somebody lost patience while it was written
            async with self._store.write() as unit:
                await unit.deliveries.raise_wanted(stream.id, self._clock.now(), Priority.CHANGE)
        if search.missed:
            self._notifier.notify(DELIVERIES)
        return True

    # The coin's

    async def _coin_search(self, coin: Coin | None) -> _PictureSearch | None:
        """Fetched once and kept; after a failure, not asked for again for ten minutes."""
        if coin is None or not coin.image:
            return None
        now = self._clock.monotonic()
        search = self._coins.get(coin.mint)
        if search is not None and (search.picture is not None or now < search.until + _COIN_PAUSE):
            return search
        self._coins = {k: one for k, one in self._coins.items() if now < one.until + _COIN_PAUSE}
        search = self._coins[coin.mint] = _PictureSearch(now + _PATIENCE)
        async with self._store.read() as unit:
            key = await unit.coins.picture(coin.mint)
        search.picture = await self._picture_cache.get(key)
        if search.picture is not None:
            search.tried.set()
        else:
            self._tasks.start(self._fetch_coin(search, coin.mint, coin.image), f"coin-{coin.mint}")
        return search

    async def _fetch_coin(self, search: _PictureSearch, mint: str, url: str) -> None:
        try:
            search.picture = await self._picture_cache.put(await self._site.picture(url))
            if search.picture is not None:
                async with self._store.write() as unit:
                    await unit.coins.set_picture(mint, search.picture.key)
        except (PumpfunError, StoreError) as error:
            _log.info("no picture of the coin %s: %s", mint, error)
        finally:
            search.tried.set()


def _snapshot(stream: Stream) -> StreamSnapshot:
    broadcast = stream.broadcast
    return StreamSnapshot(
        stream.mint,
        broadcast.site_id,
        title=broadcast.title,
        thumbnail=broadcast.thumbnail,
        thumbnail_updated_at=broadcast.thumbnail_updated_at,
    )
