"""What becomes of a place's targets when the bot is removed from it, and when it is back."""

from __future__ import annotations

from collections.abc import Callable

from bot.alerts import Fault
from bot.commands.context import CommandContext
from bot.commands.late_alerts import owe_late_alerts
from bot.kit.notifier import DELIVERIES
from bot.model import Address, Target

LEFT = "left"
"""`Target.disabled` of a place that removed the bot."""

_FIXED_BY_RETURN = frozenset({LEFT, Fault.FORBIDDEN, Fault.TARGET_GONE, Fault.TARGET_CLOSED})
"""Why a target was stopped, where that may be over once the bot is back. Any other reason stays
until `/resume`."""


async def left(context: CommandContext, platform: str, place: str) -> None:
    """Nothing can be posted there; all that it has and is owed is kept. Where nothing would be
    posted anyway, there is nothing to stop."""
    async with context.store.read() as unit:  # with each session, of all that were ever left
        used = await unit.places.targets_at(platform, place, in_use=True)
    if all(target.disabled is not None for target in used):
        return
    now = context.clock.now()
    async with context.store.write() as unit:
        for target in await unit.places.targets_at(platform, place, in_use=True):
            await unit.places.disable(target.id, LEFT, now)


async def returned(
    context: CommandContext, platform: str, place: str, can_post: Callable[[Address], bool | None]
) -> int:
    """Post again where that can be done; for how many targets that is news. Where it cannot, the
    bot is there and lacks the permission."""
    async with context.store.read() as unit:  # with each session, of all places that there are
        known = await unit.places.targets_at(platform, place)
    if all(_goes_on(target, can_post) is None for target in known):
        return 0
    now, count = context.watch.moment(), 0
    with context.notifier.afterwards() as hints:
        async with context.store.write() as unit:
            streams = await unit.streams.open()
            used = {one.id for one in await unit.places.targets_at(platform, place, in_use=True)}
            for target in await unit.places.targets_at(platform, place):
                goes_on = _goes_on(target, can_post)
                if goes_on is None:
                    continue
                await unit.places.enable(target.id, now.at)
                if not goes_on:
                    await unit.places.disable(target.id, Fault.FORBIDDEN, now.at)
                    continue
                await owe_late_alerts(unit, target, streams, now)
                if target.id in used:
                    count += 1
                    hints.add(DELIVERIES)
    return count


def _goes_on(target: Target, can_post: Callable[[Address], bool | None]) -> bool | None:
    """Whether it is posted there again; None: all stays as it is.

    Where nobody knows, whatever was stopped because the bot left goes on, and the next send
    decides. What such a send has stopped stays so, else every look would make another notice.
    """
    if target.disabled not in _FIXED_BY_RETURN:
        return None
    can = can_post(target.address)
    if target.disabled == LEFT:
        return can is None or can
    return can or None


async def places(context: CommandContext, platform: str) -> tuple[str, ...]:
    """The keys of the places that have a target there."""
    async with context.store.read() as unit:
        return await unit.places.keys(platform)
