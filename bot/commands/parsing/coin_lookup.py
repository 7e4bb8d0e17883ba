"""Which coin is meant: the one that was named, else the one that the place makes plain."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot import texts
from bot.commands.channels import hidden_from
from bot.commands.command import Command
from bot.commands.context import CommandContext
from bot.commands.parsing.parser import ParsedWords
from bot.commands.ports import Request
from bot.errors import Refused
from bot.model import Stream, Target
from bot.pumpfun import is_mint

_MOST_NAMESAKES = 25
_SYMBOL = re.compile(r"\$?\w{1,16}")


async def named(
    context: CommandContext,
    request: Request,
    target: Target,
    command: Command,
    parsed: ParsedWords,
) -> str | None:
    """The mint that was named, by address, link or symbol; None if none was. A symbol is that of a
    coin of the place, as far as whoever asks may know of it.

    Raises Refused for several, for what is no coin, and for words that mean nothing here.
    """
    if parsed.refused:
        error = parsed.refused[0]
        raise Refused(texts.common.mint_refused(error.text, error.fault))
    found = list(parsed.mints)
    if parsed.rest:
        mint = None
        if len(parsed.rest) == 1:
            mint = await _by_symbol(context, request, target, parsed.rest[0])
        if mint is None:
            raise Refused(_not_understood(parsed.rest, command.usage))
        found += [mint] if mint not in found else []
    if len(found) > 1:
        raise Refused(texts.commands.one_coin(command.usage))
    return found[0] if found else None


def _not_understood(words: Sequence[str], usage: str) -> str:
    """One word alone is taken for a coin's symbol."""
    if len(words) == 1 and _SYMBOL.fullmatch(words[0]):
        return texts.commands.unknown_symbol(words[0], usage)
    return texts.commands.leftover(words, usage)


async def by_symbols(
    context: CommandContext, request: Request, target: Target, words: Sequence[str]
) -> tuple[str, ...]:
    """`words`, with the mint in the place of a followed coin's symbol, as far as whoever asks may
    know of it. Raises Refused where several have it."""
    return tuple([await _by_symbol(context, request, target, word) or word for word in words])


async def answered(context: CommandContext, request: Request, target: Target) -> str | None:
    """The mint of the alert that is answered, or whose button was pressed; else the one that the
    answered message names."""
    stream = await answered_stream(context, request, target)
    return stream.mint if stream is not None else request.quoted


async def answered_stream(
    context: CommandContext, request: Request, target: Target
) -> Stream | None:
    """The stream of the alert that is answered, or whose button was pressed."""
    if request.message_id is None:
        return None
    async with context.store.read() as unit:
        return await unit.streams.of_message(target.id, request.message_id)


async def live_here(
    context: CommandContext, request: Request, target: Target
) -> tuple[Stream, ...]:
    """The streams of the place's coins that are on air, as far as whoever asks may know of them."""
    async with context.store.read() as unit:
        hidden = await hidden_from(unit, request.address, request.sees)
        return await unit.streams.live_of_place(target.place_id, hidden)


async def followed_here(
    context: CommandContext, request: Request, target: Target
) -> tuple[str, ...]:
    """The place's coins, as far as whoever asks may know of them."""
    async with context.store.read() as unit:
        hidden = await hidden_from(unit, request.address, request.sees)
        followed = await unit.subscriptions.of_place(target.place_id)
    return tuple(dict.fromkeys(one.mint for one in followed if one.target_id not in hidden))


async def _by_symbol(
    context: CommandContext, request: Request, target: Target, word: str
) -> str | None:
    symbol = word.lstrip("$")
    if not symbol or is_mint(word):
        return None
    async with context.store.read() as unit:
        hidden = await hidden_from(unit, request.address, request.sees)
        found = await unit.subscriptions.so_called(target.place_id, symbol, _MOST_NAMESAKES, hidden)
    if len(found) > 1:
        raise Refused(
            texts.commands.several_so_called(word, [texts.alerts.short(mint) for mint in found])
        )
    return found[0] if found else None
