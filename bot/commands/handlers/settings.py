"""`/settings`: what is in force, from which level it comes, and how to change it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot import texts
from bot.commands import formatting
from bot.commands.command import Command, Kind, Parameter
from bot.commands.context import CommandContext
from bot.commands.parsing.coin_lookup import by_symbols, named
from bot.commands.parsing.parser import parse_mints
from bot.commands.parsing.preferences import Change, ParseContext, may_be_symbols, parse_change
from bot.commands.parsing.time_zones import every_zone
from bot.commands.ports import Request
from bot.commands.settings import changes
from bot.commands.settings.level import Level
from bot.commands.settings.panel import Shown, panel
from bot.commands.settings.preference_lines import chosen_at, lines_of
from bot.kit.notifier import DELIVERIES
from bot.model import Message, MintFault, Target, Tone
from bot.pumpfun import is_mint

COMMAND = Command(
    "settings",
    texts.commands.SUMMARIES["settings"],
    (
        Parameter("change", texts.commands.PARAMETERS["change"], Kind.CHANGE),
        Parameter("mint", texts.commands.PARAMETERS["mint"], Kind.MINT),
    ),
    manages=True,
    details=texts.settings.DETAILS,
    option_details=texts.settings.OPTION_DETAILS,
)

_COIN = ("$", "mint=", "coin=")


async def run(context: CommandContext, request: Request, target: Target) -> Message:
    """Without words about a change, only show."""
    parsing = await parse_context(request, target)
    words, about = await _sorted(context, request, target, request.words, parsing)
    command = COMMAND.shown(by_options=request.by_options)
    mint = await named(context, request, target, command, parse_mints(about))
    coin = await called(context, request, mint)
    change = parse_change(words, parsing)
    level = changes.level_of(request, mint, change)
    if change.is_reset:
        return await reset(context, request, level, coin)
    if not change.values:
        return await panel(context, request, target, Shown(level, coin))
    return await _change(context, request, level, coin, change)


async def parse_context(request: Request, target: Target) -> ParseContext:
    """What the words of a request are read against."""
    zones = await asyncio.to_thread(every_zone)
    everyone = target.address.place if request.has_roles else None
    return ParseContext(zones, everyone, request.by_options)


async def called(context: CommandContext, request: Request, mint: str | None) -> str:
    """What to call a coin; empty without one."""
    return formatting.called(await context.coin(request, mint), mint) if mint else ""


async def _sorted(
    context: CommandContext,
    request: Request,
    target: Target,
    words: tuple[str, ...],
    parsing: ParseContext,
) -> tuple[list[str], list[str]]:
    """Those about a change, and those about a coin."""
    kept = [word for word in words if not _is_about_a_coin(word)]
    about = [word for word in words if _is_about_a_coin(word)]
    for word in may_be_symbols(kept, parsing):
        (meant,) = await by_symbols(context, request, target, [word])
        if is_mint(meant):
            kept.remove(word)
            about.append(meant)
    return kept, about


def _is_about_a_coin(word: str) -> bool:
    """Whether it is plain to see. A time zone looks like a link to somewhere else."""
    parsed = parse_mints([word])
    return (
        word.lower().startswith(_COIN)
        or bool(parsed.mints)
        or any(error.fault is not MintFault.FOREIGN_HOST for error in parsed.refused)
    )


async def _change(
    context: CommandContext, request: Request, level: Level, coin: str, change: Change
) -> Message:
    notes = await changes.check(request, COMMAND.name, change)
    async with context.store.write() as unit:
        target = await context.kept(unit, request)
        await changes.keep(unit, target, level, coin, change, context.clock.now())
        # Told as it holds here, whoever chose it.
        chosen = await chosen_at(unit, target, replace(level, is_place=False))
        lines = await lines_of(unit, request, target, chosen, change.values)
    context.notifier.notify(DELIVERIES)
    title = f"{texts.settings.CHANGED}: {coin}" if coin else texts.settings.CHANGED
    return Message(title=title, lines=(*lines.values(), *notes), tone=Tone.GOOD)


async def reset(context: CommandContext, request: Request, level: Level, coin: str) -> Message:
    """Take back all that was chosen at that level; what holds then is shown."""
    async with context.store.write() as unit:
        target, now = await context.kept(unit, request), context.clock.now()
        undo = await changes.reset(unit, target, request, level, coin, now)
    if undo is not None:
        context.undo.begin(undo)
        context.notifier.notify(DELIVERIES)
    said = texts.settings.WAS_RESET
    if undo is None:
        said = texts.settings.nothing_to_reset(level.scope, request.address.platform)
    news = (formatting.line(said),)
    return await panel(context, request, target, Shown(level, coin, news=news, undo=undo))
