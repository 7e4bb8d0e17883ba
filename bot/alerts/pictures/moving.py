"""The newest moving picture of a stream, which is made of what is on air."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bot.model import KeptMoving, Stream

if TYPE_CHECKING:
    from bot.alerts.picture_cache import PictureCache
    from bot.alerts.pictures.newest import LivePictures
    from bot.store import Store, Unit


class NewestMoving:
    """Of any stream."""

    def __init__(self, store: Store, picture_cache: PictureCache, live: LivePictures) -> None:
        self._store = store
        self._picture_cache = picture_cache
        self._live = live

    async def kept(self, stream: Stream) -> KeptMoving | None:
        """The one that the stream's row names, if it is still there. Raises StoreError."""
        async with self._store.read() as unit:
            known = await unit.streams.moving(stream.id)
        is_there = known is not None and await self._picture_cache.may_be_there(known.video.key)
        return known if is_there else None

    async def find(
        self,
        stream: Stream,
        than: KeptMoving | None,
        take: Callable[[KeptMoving], Awaitable[None]],
    ) -> None:
        """`take` one that is newer `than` what is kept. Raises StoreError."""
        moving = await self._live.moving(stream)
        if moving is None or (than is not None and moving.shows_at <= than.shows_at):
            return
        kept = await self._picture_cache.put_moving(moving)
        if kept is not None:
            await take(kept)

    async def keep(self, unit: Unit, stream_id: int, kept: KeptMoving) -> None:
        """In the stream's row. Raises StoreError."""
        await unit.streams.set_moving(stream_id, kept)
