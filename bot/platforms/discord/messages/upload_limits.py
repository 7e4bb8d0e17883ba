"""How large a file may be: what Discord says, and what it refused although it said so.

Discord's sizes have moved before, and discord.py knows only those of its own day. What was refused
with a 413 is remembered for that server, for a month: a server that is boosted later is not held
to it for ever.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from bot.kit.timing.clock import Clock
from bot.platforms.discord.addresses import Interaction
from bot.store import Store

_log = logging.getLogger(__name__)

MIB = 1 << 20
TIERS = (100 * MIB, 50 * MIB, 25 * MIB, 20 * MIB, 10 * MIB, 8 * MIB)
"""Sizes that Discord has or had, largest first."""

_SAFE = 10 * MIB
_KEPT = timedelta(days=30)


def below(refused: int) -> int:
    """The size to try after a file of so many bytes was refused."""
    return next((tier for tier in TIERS if tier < refused), refused * 4 // 5)


class UploadLimits:
    """Of one platform. `place` is as in `Address`."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of(self, interaction: Interaction, place: str) -> int:
        """Bytes that a file may have that answers `interaction`. Raises StoreError.

        The answer may come too late for the interaction and be posted in its channel, so the
        smallest limit of both counts.
        """
        sizes = [interaction.filesize_limit or _SAFE]
        guild = interaction.client.get_guild(interaction.guild_id or 0)
        if guild is not None:
            sizes.append(guild.filesize_limit)
        known = await self.learned(place)
        return min(sizes if known is None else [*sizes, known])

    async def learned(self, place: str) -> int | None:
        """What a refusal taught of that place. Raises StoreError."""
        async with self._store.read() as unit:
            value = await unit.key_values.get(_fact(place))
        if value is None:
            return None
        size, _, since = value.partition(" ")
        is_fresh = self._clock.age(datetime.fromisoformat(since)).left(_KEPT)
        return int(size) if is_fresh else None

    async def learn(self, place: str, refused: int) -> int:
        """A file of `refused` bytes was too large there; how large one may be now, as far as is
        known. Raises StoreError."""
        size = below(refused)
        known = await self.learned(place)
        if known is not None:
            size = min(size, known)
        if size != known:
            _log.info("a file of %d bytes was too large in %s: now %d", refused, place, size)
            async with self._store.write() as unit:
                await unit.key_values.put(_fact(place), f"{size} {self._clock.now().isoformat()}")
        return size


def _fact(place: str) -> str:
    return f"discord:limit:{place}"
