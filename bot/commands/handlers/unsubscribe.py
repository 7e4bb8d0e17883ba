"""`/unsubscribe`: no longer follow coins here, or any of them."""

from __future__ import annotations

from collections.abc import Sequence

from bot import texts
from bot.alerts import Fault
from bot.commands import formatting
from bot.commands.command import Command, Kind, Parameter
from bot.commands.context import CommandContext
from bot.commands.handlers.subscribe import read_mints
from bot.commands.parsing.coin_lookup import by_symbols
from bot.commands.ports import Request
from bot.errors import Refused
from bot.model import Message, Target, Tone
from bot.store import Unit

COMMAND = Command(
    "unsubscribe",
    texts.commands.SUMMARIES["unsubscribe"],
    (Parameter("mint", texts.commands.PARAMETERS["mints or all"], Kind.MINTS, required=True),),
    manages=True,
)

_MOST_LINES = 30
_ALL = frozenset({"all", "everything"})


async def run(context: CommandContext, request: Request, target: Target) -> Message:
    """What is unknown or wrong is told beside what was done."""
    if not request.words:
        raise Refused(texts.subscriptions.name_what_to_remove(COMMAND.usage))
    if any(word.lower() in _ALL for word in request.words):
        return await _remove_all(context, target)
    if len(request.words) > context.limits.most_mints:
        raise Refused(texts.commands.too_many_mints(context.limits.most_mints))
    mints, wrong = read_mints(await by_symbols(context, target, request.words))
    async with context.store.write() as unit:
        removed = {mint: await _remove(unit, target, mint) for mint in mints}
    async with context.store.read() as unit:
        names = formatting.names_of(await unit.coins.many(mints), mints)
    lines = [
        formatting.line(formatting.bold(names[mint]), ": ", _said(was, target))
        for mint, was in removed.items()
    ]
    count = sum(bool(was) for was in removed.values())
    return Message(
        title=texts.subscriptions.unsubscribed(count),
        lines=(*lines, *(formatting.line(sentence) for sentence in wrong)),
        tone=Tone.GOOD if count else Tone.BAD,
    )


async def _remove(unit: Unit, target: Target, mint: str) -> Sequence[Target]:
    """Where it was followed until now: here, or else in channels and topics of this place that
    are gone, since nobody can say so there any more."""
    if await unit.subscriptions.remove(target.id, mint):
        return (target,)
    gone = [
        one
        for one in await unit.places.in_use(target.place_id)
        if one.disabled == Fault.TARGET_GONE
    ]
    return [one for one in gone if await unit.subscriptions.remove(one.id, mint)]


def _said(was: Sequence[Target], target: Target) -> str:
    if not was:
        return texts.subscriptions.was_not_followed()
    if was[0].id == target.id:
        return texts.subscriptions.removed()
    return texts.subscriptions.removed_where_gone(
        [formatting.channel(one, is_here=False) for one in was]
    )


async def _remove_all(context: CommandContext, target: Target) -> Message:
    async with context.store.write() as unit:
        mints = [one.mint for one in await unit.subscriptions.of_target(target.id)]
        count = await unit.subscriptions.remove_all(target.id)
        names = formatting.names_of(await unit.coins.many(mints), mints)
    lines = [formatting.line(name) for name in names.values()]
    return Message(
        title=texts.subscriptions.unsubscribed(count), lines=formatting.listed(lines, _MOST_LINES)
    )
