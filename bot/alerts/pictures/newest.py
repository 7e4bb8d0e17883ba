"""The newest picture of a stream that can be had: the site's or, where that is missing or old, a
still of what is on air."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from bot.errors import PumpfunError
from bot.kit.tasks import background
from bot.kit.timing.ages import CLOCKS_AGREE
from bot.model import MovingPicture, Picture, Still, StoredPicture, Stream, StreamSnapshot

if TYPE_CHECKING:
    from bot.alerts.picture_cache import PictureCache
    from bot.kit.timing.clock import Clock
    from bot.store import Unit

_log = logging.getLogger(__name__)

OLD = timedelta(minutes=5)
"""An older picture of a stream is not what an alert begins with, if there is a newer one."""


class Site(Protocol):
    """Who has the pictures, and a clock of its own by which they are dated (None: nobody knows what
    it shows). Both raise PumpfunError."""

    @property
    def site_time(self) -> datetime | None: ...
    async def thumbnail(self, stream: StreamSnapshot) -> Picture | None: ...
    async def picture(self, url: str) -> Picture: ...


class LivePictures(Protocol):
    """Who makes pictures of what is on air. None: there is none. Both raise StoreError."""

    async def still(self, stream: Stream) -> Still | None: ...
    async def moving(self, stream: Stream) -> MovingPicture | None: ...


class NoLivePictures:
    """Nobody makes any."""

    async def still(self, stream: Stream) -> Still | None:
        """There is none."""
        return None

    async def moving(self, stream: Stream) -> MovingPicture | None:
        """There is none."""
        return None


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture among our files, and the instant of ours that it shows; None: nobody knows."""

    picture: StoredPicture
    shows_at: datetime | None = None


Take = Callable[[Kept], Awaitable[None]]


class NewestPicture:
    """Of any stream."""

    def __init__(
        self, picture_cache: PictureCache, site: Site, live: LivePictures, clock: Clock
    ) -> None:
        self._picture_cache = picture_cache
        self._site = site
        self._live = live
        self._clock = clock
        self._not_before = -math.inf

    async def kept(self, stream: Stream) -> Kept | None:
        """The one that the stream's row names, if it is still there."""
        picture = await self._picture_cache.get(stream.picture_key)
        return Kept(picture, stream.picture_at) if picture is not None else None

    async def find(self, stream: Stream, than: Kept | None, take: Take) -> None:
        """`take` what is newer `than` what is kept: at once what comes first, then what is better.

        A site that has a new picture is asked for nothing else. Raises StoreError.
        """
        updated = self._updated_at(stream)
        if self._clock.now() - updated <= OLD:
            found = await self._thumbnail(stream) or await self._still(stream, than)
        else:
            # What seems newer by less than clocks differ is the same picture.
            found = await self._in_place_of_old(stream, updated - CLOCKS_AGREE, than, take)
        if found is not None:
            await take(found)

    async def keep(self, unit: Unit, stream_id: int, kept: Kept) -> None:
        """In the stream's row. Raises StoreError."""
        await unit.streams.set_picture(stream_id, kept.picture.key, kept.shows_at)

    async def _in_place_of_old(
        self, stream: Stream, updated: datetime, than: Kept | None, take: Take
    ) -> Kept | None:
        """A still; the site's old picture is there until that is made."""
        async with background(self._still(stream, than), f"picture-still-{stream.id}") as making:
            old = await self._thumbnail(stream) if _is_newer(updated, than) else None
            if old is not None and not making.done():
                await take(old)
                old = None
            return await making or old

    async def _thumbnail(self, stream: Stream) -> Kept | None:
        """None, too, while the site is to be left alone, as it has stated."""
        if self._clock.monotonic() < self._not_before:
            return None
        try:
            picture = await self._site.thumbnail(_snapshot(stream))
        except PumpfunError as error:
            _log.info("no picture of stream %d yet: %s", stream.id, error)
            until = self._clock.monotonic() + error.stated_wait
            self._not_before = max(self._not_before, until)  # others are under way
            return None
        if picture is None:
            return None
        return await self._stored(picture, self._updated_at(stream))

    def _updated_at(self, stream: Stream) -> datetime:
        """When the site renewed its picture, by our clock; now, where it does not tell."""
        now = self._clock.moment(self._site.site_time)
        return now.at - now.told_age(stream.broadcast.thumbnail_updated_at, now.at)

    async def _still(self, stream: Stream, than: Kept | None) -> Kept | None:
        still = await self._live.still(stream)
        if still is None or not _is_newer(still.shows_at, than):
            return None
        return await self._stored(still.picture, still.shows_at)

    async def _stored(self, picture: Picture, shows_at: datetime) -> Kept | None:
        stored = await self._picture_cache.put(picture)
        return Kept(stored, shows_at) if stored is not None else None


def _is_newer(shows_at: datetime, than: Kept | None) -> bool:
    return than is None or than.shows_at is None or shows_at > than.shows_at


def _snapshot(stream: Stream) -> StreamSnapshot:
    broadcast = stream.broadcast
    return StreamSnapshot(
        stream.mint,
        broadcast.site_id,
        title=broadcast.title,
        thumbnail=broadcast.thumbnail,
        thumbnail_updated_at=broadcast.thumbnail_updated_at,
    )
