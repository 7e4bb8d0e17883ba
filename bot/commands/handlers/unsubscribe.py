"""`/unsubscribe`: no longer follow coins here, or any of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot import texts
from bot.alerts import Fault
from bot.commands import formatting
from bot.commands.command import Command, Kind, Parameter
from bot.commands.context import CommandContext
from bot.commands.parsing.coin_lookup import by_symbols
from bot.commands.parsing.parser import parse_mints
from bot.commands.ports import Request
from bot.commands.undo.removal import keep_unsubscribed
from bot.errors import Refused
from bot.model import Button, Line, Message, Removed, Target, Tone
from bot.store import Unit

COMMAND = Command(
    "unsubscribe",
    texts.commands.SUMMARIES["unsubscribe"],
    (Parameter("mint", texts.commands.PARAMETERS["mints or all"], Kind.MINTS, required=True),),
    manages=True,
)

_MOST_LINES = 30
_ALL = frozenset({"all", "everything"})

_Was = tuple[Target, Removed]
"""Where a coin was followed until now, and what is gone with that."""


async def run(context: CommandContext, request: Request, target: Target) -> Message:
    """What is unknown or wrong is told beside what was done."""
    if not request.words:
        raise Refused(texts.subscriptions.name_what_to_remove(COMMAND.usage))
    if any(word.lower() in _ALL for word in request.words):
        return await _remove_all(context, request, target)
    if len(request.words) > context.limits.most_mints:
        raise Refused(texts.commands.too_many_mints(context.limits.most_mints))
    parsed = parse_mints(await by_symbols(context, request, target, request.words))
    wrong = [texts.common.mint_refused(error.text, error.fault) for error in parsed.refused]
    wrong += [texts.subscriptions.not_followed(texts.common.shown(word)) for word in parsed.rest]
    async with context.store.write() as unit:
        removed = {mint: await _remove(unit, target, mint) for mint in parsed.mints}
        every = [rows for where in removed.values() for _, rows in where]
        undo = await _undo(context, unit, request, Removed.all_of(every))
    async with context.store.read() as unit:
        names = formatting.names_of(await unit.coins.many(parsed.mints), parsed.mints)
    gone = [names[mint] for mint, was in removed.items() if was]
    return Message(
        title=texts.subscriptions.unfollowed(gone) if gone else "",
        lines=(*_told(removed, names, target), *map(formatting.line, wrong)),
        tone=Tone.GOOD if gone else Tone.BAD,
        buttons=undo,
    )


async def _remove(unit: Unit, target: Target, mint: str) -> Sequence[_Was]:
    """Where it was followed until now: here, or else in channels and topics of this place that
    are gone, since nobody can say so there any more."""
    if removed := await unit.subscriptions.remove(target.id, mint):
        return ((target, removed),)
    gone = [
        one
        for one in await unit.places.in_use(target.place_id)
        if one.disabled == Fault.TARGET_GONE
    ]
    found = [(one, await unit.subscriptions.remove(one.id, mint)) for one in gone]
    return [(one, removed) for one, removed in found if removed]


def _told(
    removed: Mapping[str, Sequence[_Was]], names: Mapping[str, str], target: Target
) -> list[Line]:
    """What the title does not say: it names one coin, and counts several."""
    several = sum(bool(was) for was in removed.values()) > 1
    lines = []
    for mint, was in removed.items():
        name = formatting.bold(names[mint])
        if not was:
            lines.append(formatting.line(texts.subscriptions.not_followed(names[mint])))
        elif was[0][0].id != target.id:
            where = [formatting.channel(one, is_here=False) for one, _ in was]
            lines.append(formatting.line(name, ": ", texts.subscriptions.removed_where_gone(where)))
        elif several:
            lines.append(formatting.line(name))
    return lines


async def _remove_all(context: CommandContext, request: Request, target: Target) -> Message:
    async with context.store.write() as unit:
        removed = await unit.subscriptions.remove_all(target.id)
        undo = await _undo(context, unit, request, removed)
        mints = [one.mint for one in removed.subscriptions]
        names = formatting.names_of(await unit.coins.many(mints), mints)
    if not mints:
        return formatting.sentence(texts.subscriptions.none_to_remove())
    lines = [formatting.line(name) for name in names.values()] if len(mints) > 1 else []
    return Message(
        title=texts.subscriptions.unfollowed(list(names.values())),
        lines=formatting.listed(lines, _MOST_LINES),
        buttons=undo,
    )


async def _undo(
    context: CommandContext, unit: Unit, request: Request, removed: Removed
) -> tuple[tuple[Button, ...], ...]:
    """The buttons of the answer."""
    if not removed:
        return ()
    target = await context.kept(unit, request)
    button = await keep_unsubscribed(unit, target, request, removed, context.clock.now())
    return ((button,),)
