"""`/resume`: post here again after the target was disabled."""

from __future__ import annotations

from bot import texts
from bot.commands import formatting
from bot.commands.channels import check_readiness
from bot.commands.command import Command
from bot.commands.context import CommandContext
from bot.commands.late_alerts import owe_late_alerts
from bot.commands.ports import Request
from bot.kit.notifier import DELIVERIES
from bot.model import Message, Target, Tone

COMMAND = Command("resume", texts.commands.SUMMARIES["resume"], manages=True)


async def run(context: CommandContext, request: Request, target: Target) -> Message:
    """Where the platform does not say whether it can be posted to now, the next delivery shows.
    What went live meanwhile, and is still on, is owed as well."""
    notes = await check_readiness(request, COMMAND.name)
    now = context.watch.moment()
    async with context.store.write() as unit:
        was_disabled = await unit.places.enable(target.id, now.at)
        if was_disabled:
            await owe_late_alerts(unit, target, await unit.streams.open(), now)
    context.notifier.notify(DELIVERIES)
    words = texts.commands.resumed() if was_disabled else texts.commands.was_not_stopped()
    tone = Tone.GOOD if was_disabled else Tone.PLAIN
    return Message(lines=(formatting.line(words), *notes), tone=tone)
