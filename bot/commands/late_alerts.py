"""What a target that comes late to a stream is owed."""

from __future__ import annotations

from collections.abc import Mapping

from bot.kit.timing.ages import Moment
from bot.model import Stream, Target, is_late
from bot.store import Unit


async def owe_late_alert(
    unit: Unit,
    target: Target,
    stream: Stream | None,
    now: Moment,
    *,
    was_disabled: bool = False,
) -> None:
    """The alert of a stream that others were told of before. None, where it is not announced yet,
    or the target is owed it, or has it, already."""
    if stream is None or stream.broadcast.announced_at is None:
        return
    silent = is_late(now.told_age(stream.broadcast.started_at, stream.broadcast.first_seen_at))
    await unit.deliveries.owe_alert(
        target.id, stream.id, now.at, silent=silent, was_disabled=was_disabled
    )


async def owe_late_alerts(
    unit: Unit, target: Target, streams: Mapping[str, Stream], now: Moment
) -> None:
    """The same for all that the target follows, which was disabled until now: meanwhile, nothing
    was owed to it, and what was owed before has waited. `streams` are the open ones, by mint."""
    for one in await unit.subscriptions.of_target(target.id):
        await owe_late_alert(unit, target, streams.get(one.mint), now, was_disabled=True)
