"""What a platform says of a place's channels: who sees them, and whether it can be posted there."""

from __future__ import annotations

import logging

from bot import texts
from bot.commands import formatting
from bot.commands.ports import Request, Sees
from bot.errors import MintcastError, Refused
from bot.model import Address, Line
from bot.store import Unit

_log = logging.getLogger(__name__)

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


async def check_readiness(
    request: Request, command: str, *, posts_there: bool = True
) -> tuple[Line, ...]:
    """What would be lacking there, for the answer. Raises Refused where nothing can be posted, if
    it `posts_there`; `command` is what to say again when that is mended."""
    if request.readiness is None:
        return ()
    try:
        ready = await request.readiness()
    except MintcastError as error:
        _log.info("whether a channel can be posted to was not to be found out: %s", error)
        return (formatting.line(texts.commands.readiness_unknown()),)
    if posts_there and ready.refusal:
        raise Refused(ready.refusal)
    if posts_there and ready.missing:
        channel = formatting.channel_of(request.address)
        raise Refused(texts.commands.cannot_post_yet(channel, ready.missing, command))
    return tuple(formatting.line(note) for note in ready.notes)
