"""The pictures of coins, which stand in for those of their streams: each is fetched once."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.alerts.pictures.searches import PATIENCE
from bot.errors import PumpfunError, StoreError
from bot.kit.leadership import without_lease
from bot.kit.notifier import heard
from bot.model import Coin, StoredPicture

if TYPE_CHECKING:
    from bot.alerts.picture_cache import PictureCache
    from bot.alerts.pictures.newest import Site
    from bot.kit.tasks import Tasks
    from bot.kit.timing.clock import Clock
    from bot.store import Store

_log = logging.getLogger(__name__)

_AGAIN_SECONDS = 600.0
"""After a failure, one is not asked for again so soon."""


@dataclass(slots=True)
class _Search:
    """Whoever wants the picture waits until it is `tried`, at most until `until`."""

    until: float
    picture: StoredPicture | None = None
    tried: asyncio.Event = field(default_factory=asyncio.Event)


class CoinPictures:
    """For one loop. Its tasks are in `tasks`; who owns those ends them."""

    def __init__(
        self, store: Store, picture_cache: PictureCache, site: Site, clock: Clock, tasks: Tasks
    ) -> None:
        self._store = store
        self._picture_cache = picture_cache
        self._site = site
        self._clock = clock
        self._tasks = tasks
        self._searches: dict[str, _Search] = {}

    async def prepare(self, coin: Coin | None) -> None:
        """Begin to look for it."""
        await self._search(coin)

    async def of(self, coin: Coin | None) -> StoredPicture | None:
        """The coin's own. Waits up to 3 s from when it was first asked for."""
        search = await self._search(coin)
        if search is not None:
            await heard(search.tried, self._clock, search.until - self._clock.monotonic())
        return await self._found(search)

    async def at_hand(self, coin: Coin | None) -> StoredPicture | None:
        """The same without waiting."""
        return await self._found(await self._search(coin))

    async def _found(self, search: _Search | None) -> StoredPicture | None:
        """What it found, unless that was swept away since."""
        found = search.picture if search is not None else None
        return await self._picture_cache.get(found.key) if found is not None else None

    async def _search(self, coin: Coin | None) -> _Search | None:
        if coin is None or not coin.image:
            return None
        now = self._clock.monotonic()
        search = self._searches.get(coin.mint)
        if search is not None and (search.picture is not None or now < _again(search)):
            return search
        self._searches = {k: one for k, one in self._searches.items() if now < _again(one)}
        search = self._searches[coin.mint] = _Search(now + PATIENCE)
        try:
            async with self._store.read() as unit:
                key = await unit.coins.picture(coin.mint)
            search.picture = await self._picture_cache.get(key)
        except BaseException:
            self._break_off(search, coin.mint)
            raise
        if search.picture is not None:
            search.tried.set()
        else:
            with without_lease():  # whoever sends by another lease waits for it, too
                self._tasks.start(self._fetch(search, coin.mint, coin.image), f"coin-{coin.mint}")
        return search

    async def _fetch(self, search: _Search, mint: str, url: str) -> None:
        try:
            search.picture = await self._picture_cache.put(await self._site.picture(url))
            if search.picture is not None:
                async with self._store.write() as unit:
                    await unit.coins.set_picture(mint, search.picture.key)
        except (PumpfunError, StoreError) as error:
            _log.info("no picture of the coin %s: %s", mint, error)
        except asyncio.CancelledError:
            self._break_off(search, mint)
            raise
        finally:
            search.tried.set()

    def _break_off(self, search: _Search, mint: str) -> None:
        """Nothing was tried, so that whoever asks next begins anew."""
        self._searches.pop(mint, None)
        search.tried.set()


def _again(search: _Search) -> float:
    return search.until + _AGAIN_SECONDS
