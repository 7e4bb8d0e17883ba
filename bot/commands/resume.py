"""`/resume`: post here again after the target was disabled."""

from __future__ import annotations

from bot.commands import writing
from bot.commands.command import Command
from bot.commands.owing import owe_late_alert
from bot.commands.ports import Request
from bot.commands.tools import Tools
from bot.kit.wake import DELIVERIES
from bot.model import Message, Target, Tone
from bot.texts import commands as said

COMMAND = Command("resume", said.SUMMARIES["resume"], manages=True)


async def run(tools: Tools, request: Request, target: Target) -> Message:
    """Whether it can be posted to now, the next delivery shows. What went live meanwhile, and is
    still on, is owed as well: while it was disabled, nothing was."""
    now = tools.clock.now()
    async with tools.store.write() as unit:
        was_disabled = await unit.places.enable(target.id, now)
        streams = await unit.streams.open() if was_disabled else {}
        for one in await unit.subscriptions.of_target(target.id):
            await owe_late_alert(unit, target, streams.get(one.mint), now)
    if not was_disabled:
        return writing.sentence(said.was_not_stopped())
    tools.wake.notify(DELIVERIES)
    return writing.sentence(said.resumed(), tone=Tone.GOOD)
