"""Small parts of messages: names made harmless, lines, buttons. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot import texts
from bot.alerts import coin_labels, coin_name, watch_url
from bot.kit.untrusted import inert
from bot.model import (
    Action,
    Address,
    Button,
    Coin,
    Line,
    Message,
    Option,
    Select,
    Span,
    Target,
    TimeStyle,
    Tone,
    Verb,
)

_COMMAND = re.compile(r"(/[a-z]+)")
_SYMBOL = 16
_TITLE = 120
_CHANNEL = 64
_MOST_OPTIONS = 20

FEW_COINS = 3
"""So many have buttons of their own; where there are more, one is chosen from all."""


def called(coin: Coin | None, mint: str) -> str:
    """A coin's name in a sentence."""
    return coin_name(coin, mint)


def ticker(coin: Coin | None, mint: str) -> str:
    """A coin's name where there is little room, as on a button."""
    symbol = inert(coin.symbol, _SYMBOL).lstrip("$") if coin is not None else ""
    return texts.alerts.ticker(symbol, mint)


def titled(title: str) -> str:
    """A stream's title; empty where it has none that can be shown."""
    return inert(title, _TITLE)


def channel(target: Target, *, is_here: bool) -> str:
    """What people call the channel or topic."""
    return texts.subscriptions.target_name(
        inert(target.address.channel_name, _CHANNEL), is_here=is_here
    )


def channel_named(target: Target, *, is_here: bool) -> tuple[str | Span, ...]:
    """The same, for a line: as the platform names its channels where it can."""
    words, name = channel(target, is_here=is_here), channel_of(target.address)
    if not name:
        return (words,)
    return Span(name, channel=target.address.channel), words.removeprefix(name)


def channel_of(address: Address) -> str:
    """The same of an address; empty where its name is not known."""
    return inert(address.channel_name, _CHANNEL)


def line(*parts: str | Span) -> Line:
    """Spans of one line; a string is a plain one."""
    return tuple(Span(part) if isinstance(part, str) else part for part in parts)


def bold(text: str) -> Span:
    """A stretch that stands out."""
    return Span(text, bold=True)


def with_commands(text: str) -> Line:
    """A sentence of ours as a line, its `/commands` to tap. Nothing that others wrote may be in it:
    they would put commands there."""
    return tuple(_command_or_text(part) for part in _COMMAND.split(text) if part)


def _command_or_text(part: str) -> Span:
    is_command = _COMMAND.fullmatch(part) is not None
    return Span(part, command=part.removeprefix("/") if is_command else None)


def moment(at: datetime, now: datetime) -> Span:
    """An instant, in the reader's own zone where the platform can."""
    return Span.instant(texts.units.moment(at, now), at, now)


def clock(at: datetime, now: datetime) -> Span:
    """The same, and never how far off it is."""
    span = moment(at, now)
    return replace(span, style=TimeStyle.CLOCK) if span.style is TimeStyle.MINUTE else span


def sentence(*sentences: str, tone: Tone = Tone.PLAIN) -> Message:
    """An answer of a sentence or a few, each on a line of its own."""
    return Message(
        lines=tuple(line(one) for text in sentences for one in text.split("\n")), tone=tone
    )


def listed(lines: Sequence[Line], most: int) -> tuple[Line, ...]:
    """The first `most` lines; if there are more, a line says how many."""
    if len(lines) <= most:
        return tuple(lines)
    return (*lines[:most], line(texts.subscriptions.and_more(len(lines) - most)))


def more_coins(count: int, usage: str) -> Line:
    """Under buttons that choose a coin, of which there is no room for all."""
    return with_commands(texts.subscriptions.more_coins(count, usage))


def press(label: str, verb: Verb, argument: str = "") -> Button:
    """A button of ours."""
    return Button(label, action=Action(verb, argument).encode())


def without_controls(message: Message, refused: Collection[Verb]) -> Message:
    """As somebody sees it who would be refused at these presses: what can be chosen is only told,
    and how to choose it otherwise."""
    rows = (
        tuple(one for one in row if _verb(one.action) not in refused) for row in message.buttons
    )
    buttons = tuple(row for row in rows if row)
    if not any(_verb(one.action) in refused for one in message.selects):
        return replace(message, buttons=buttons)
    lines = (*message.told, with_commands(texts.settings.by_options_only()))
    return replace(message, lines=lines, buttons=buttons, selects=())


def _verb(action: str) -> Verb | None:
    known = Action.decode(action)
    return known.verb if known is not None else None


def coin_select(labels: Mapping[str, str]) -> Select:
    """Opens one of those coins, which are by their mints."""
    options = tuple(Option(mint, label) for mint, label in labels.items())
    return Select(f"{Verb.LIVE}:", texts.subscriptions.CHOOSE_COIN, options[:_MOST_OPTIONS])


def watch_button(mint: str) -> Button:
    """Opens the coin on pump.fun."""
    return Button(texts.alerts.WATCH, url=watch_url(mint))


def copy_button(mint: str) -> Button:
    """Copies the mint where the platform can, else shows it."""
    return Button(texts.alerts.COPY, action=Action(Verb.COPY, mint).encode(), copy=mint)


def to_copy(mint: str) -> Message:
    """An address that a tap copies, or that one can mark."""
    return Message(lines=((Span(mint, code=True),),))


def rows(buttons: Iterable[Button], width: int = 3) -> tuple[tuple[Button, ...], ...]:
    """Rows of at most `width` buttons."""
    flat = list(buttons)
    return tuple(tuple(flat[i : i + width]) for i in range(0, len(flat), width))


def names_of(coins: Mapping[str, Coin], mints: Collection[str]) -> dict[str, str]:
    """What to call each mint; those that could be confused get the ends of their addresses."""
    return coin_labels({mint: called(coins.get(mint), mint) for mint in mints}, coins)


def tickers_of(coins: Mapping[str, Coin], mints: Collection[str]) -> dict[str, str]:
    """The same for buttons."""
    return coin_labels({mint: ticker(coins.get(mint), mint) for mint in mints}, coins)
