"""In how many shards all nodes take Discord: one that is set up otherwise connects to nothing, or
each server would be heard of twice."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.errors import LeaseLost, StoreError
from bot.kit.leadership import current_lease
from bot.kit.timing.clock import Clock
from bot.platforms.discord.addresses import NAME
from bot.store import Store

_log = logging.getLogger(__name__)

_KEY = f"{NAME}:shards"
_LOOK_SECONDS = 2.0


def shard_leases(count: int) -> tuple[str, ...]:
    """The names of the leases of so many shards. Others have none of those of another number."""
    if count == 1:
        return (f"shards:{NAME}",)
    return tuple(f"shards:{NAME}:{number}/{count}" for number in range(count))


class ShardCount:
    """Ours is `count`. `on_other` is told the number of the nodes that are connected now, where
    that is another."""

    def __init__(
        self, store: Store, clock: Clock, count: int, on_other: Callable[[int], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._count = count
        self._on_other = on_other

    async def agreed(self) -> None:
        """Once nobody is connected by another number; to be called under the lease of a shard, else
        nobody else could be. Raises LeaseLost."""
        if current_lease() is None:
            return
        while (other := await self._other()) is not None:
            if other:
                self._on_other(other)
            await self._clock.sleep(_LOOK_SECONDS)

    async def _other(self) -> int | None:
        """The number of others; 0: it isn't known. The first to connect says which it is."""
        try:
            async with self._store.write() as unit:
                said = await unit.key_values.get(_KEY)
                if said == str(self._count):
                    return None
                if said is not None:
                    theirs = shard_leases(int(said))  # whoever has one of these is connected
                    held = [one.lease.name for one in await unit.leases.all() if one.left > 0]
                    if not set(theirs).isdisjoint(held):
                        return int(said)
                await unit.key_values.put(_KEY, str(self._count))
                return None
        except LeaseLost:
            raise
        except StoreError as error:
            _log.info("in how many shards others take Discord isn't known: %s", error)
            return 0
