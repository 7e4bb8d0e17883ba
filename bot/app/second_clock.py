"""What time it is by others than this machine."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bot.errors import PumpfunError

if TYPE_CHECKING:
    from bot.store import Store


class Site(Protocol):
    """pump.fun, as far as it is needed here."""

    @property
    def site_time(self) -> datetime | None: ...
    async def roster(self, *, pages: int) -> object: ...


class SecondClock:
    """It is pump.fun's, by its last answer. Where that has never answered a node, whose firewall
    may not let it, it is that of the database, `store`: else nothing old would ever go while that
    node tidies. None: a service that is alone, whose database may go by the same clock as it."""

    def __init__(self, site: Site, store: Store | None) -> None:
        self._site = site
        self._store = store
        self._by_database: datetime | None = None

    def now(self) -> datetime | None:
        """What it shows, or has shown at the last `look`: never later than it is. None: nobody has
        said anything yet."""
        return self._site.site_time or self._by_database

    async def look(self) -> None:
        """Ask those whom nobody has asked; before each tidying. Raises StoreError."""
        if self._store is None or self._site.site_time is not None:
            return
        with contextlib.suppress(PumpfunError):
            await self._site.roster(pages=1)
        if self._site.site_time is None:
            async with self._store.read() as unit:
                self._by_database = await unit.leases.now()
