"""What whoever asks may know of: on some platforms a place has channels that not everybody sees."""

from __future__ import annotations

from bot.commands.ports import Sees
from bot.model import Address
from bot.store import Unit

Hidden = frozenset[int]
"""Ids of targets of which nothing is told."""


async def hidden_from(unit: Unit, address: Address, sees: Sees | None) -> Hidden:
    """The targets of the place that whoever asks at `address` may not see. They see where they
    are; None sees everything."""
    if sees is None:
        return frozenset()
    return frozenset(
        one.id
        for one in await unit.places.targets_at(address.platform, address.place)
        if one.address.channel != address.channel and not sees(one.address)
    )
