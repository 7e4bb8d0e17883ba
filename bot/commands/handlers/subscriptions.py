"""`/subscriptions`: everything that a place follows, by target, and where nothing can be posted.

It comes in pages; a coin's name tells of that coin alone, wherever in the list it would be.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot import texts
from bot.commands import formatting, paging
from bot.commands.channels import hidden_from
from bot.commands.command import Command, Kind, Parameter, Suggestion
from bot.commands.context import CommandContext
from bot.commands.handlers.live import at_hand
from bot.commands.parsing.coin_lookup import by_symbols
from bot.commands.parsing.parser import parse_mints
from bot.commands.ports import Request, Sees
from bot.errors import Refused
from bot.kit.text import width
from bot.model import (
    Address,
    Button,
    Line,
    Message,
    Stream,
    StreamState,
    Subscription,
    Target,
    Verb,
)
from bot.pumpfun import is_mint
from bot.store import Store

COMMAND = Command(
    "subscriptions",
    texts.commands.SUMMARIES["subscriptions"],
    (Parameter("which", texts.commands.PARAMETERS["which"], Kind.MINT),),
)

PAGE = 20
"""Coins on a page; one that is followed in two channels counts twice."""

_LABEL = 60
_LONGEST_NUMBER = 4


@dataclass(frozen=True, slots=True)
class _Overview:
    """All of it, as of one moment, what is followed in the order of the pages. `names` are made
    harmless. `is_part`: some of it is in channels that whoever asks may not see."""

    targets: tuple[Target, ...]
    followed: tuple[Subscription, ...]
    names: Mapping[str, str]
    tickers: Mapping[str, str]
    streams: Mapping[str, Stream]
    is_part: bool = False
    at_hand: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def pages(self) -> tuple[tuple[Subscription, ...], ...]:
        """At least one, which may be empty."""
        starts = range(0, max(1, len(self.followed)), PAGE)
        return tuple(self.followed[start : start + PAGE] for start in starts)

    def label(self, mint: str) -> str:
        """For a button: one that is cut would lose what tells coins of one name apart."""
        name = self.names[mint]
        return name if width(name) <= _LABEL else self.tickers[mint]


async def run(context: CommandContext, request: Request, target: Target) -> Message:
    """Of the whole place: whoever looks for a coin need not know in which channel it is."""
    number = page_of(request.words)
    mint = None if number is not None else await _named(context, request, target)
    overview = await _read(context.store, target, request.sees)
    followed = {one.mint for one in overview.followed}
    overview = replace(overview, at_hand={mint: at_hand(context, mint) for mint in followed})
    if mint is not None:
        return _of_mint(mint, overview, target)
    count = len({one.target_id for one in overview.followed})
    pages = overview.pages
    page = min(number or 0, len(pages) - 1)
    lines = _lines(pages[page], overview, target, with_silent=page == 0)
    if not followed:
        lines.append(formatting.line(texts.subscriptions.first_subscription()))
    if len(pages) > 1:
        where = texts.subscriptions.page(page + 1, len(pages))
        one = texts.subscriptions.one_of_many(by_options=request.by_options)
        lines.append(formatting.line(f"{where} {one}"))
    if overview.is_part:
        lines.append(formatting.line(texts.subscriptions.some_are_hidden()))
    title = texts.subscriptions.subscriptions_title(len(followed), count)
    shown = _with_choices(Message(title=title, lines=tuple(lines)), pages[page], overview)
    turning = paging.turning(page, len(pages), COMMAND.name)
    return replace(shown, buttons=(*shown.buttons, *turning))


def page_of(words: Sequence[str]) -> int | None:
    """The page that is meant, counted from 0; None: something else is. Further than the last is
    the last."""
    words, turned = paging.without_mark(words)
    if not words:
        return turned
    (word, *more) = words
    is_number = word.isascii() and word.isdecimal() and len(word) <= _LONGEST_NUMBER
    return max(0, int(word) - 1) if is_number and not more else None


async def coins_by_page(store: Store, address: Address) -> tuple[tuple[Suggestion, ...], ...]:
    """The coins of each page that are followed at `address` itself: what is changed there is
    changed for nowhere else."""
    async with store.read() as unit:
        target = await unit.places.seen(address, address.platform)
    overview = await _read(store, target)
    return tuple(
        tuple(
            Suggestion(one.mint, overview.label(one.mint), one.mint)
            for one in page
            if one.target_id == target.id
        )
        for page in overview.pages
    )


async def _named(context: CommandContext, request: Request, target: Target) -> str:
    """The coin whose place in the list is asked for. Raises Refused."""
    parsed = parse_mints(request.words)
    if parsed.refused:
        error = parsed.refused[0]
        raise Refused(texts.common.mint_refused(error.text, error.fault))
    found = (*parsed.mints, *await by_symbols(context, request, target, parsed.rest))
    unknown = [word for word in found if not is_mint(word)]
    if unknown:
        raise Refused(texts.subscriptions.not_followed(texts.common.shown(unknown[0])))
    if len(found) > 1:
        raise Refused(texts.commands.one_coin(COMMAND.usage))
    return found[0]


def _of_mint(mint: str, overview: _Overview, target: Target) -> Message:
    """Whether it is followed, and where."""
    found = tuple(one for one in overview.followed if one.mint == mint)
    if not found:
        return formatting.sentence(texts.subscriptions.not_followed(formatting.called(None, mint)))
    return Message(
        title=texts.subscriptions.is_followed(overview.names[mint], len(found)),
        lines=tuple(_lines(found, overview, target, with_silent=False)),
        buttons=(_buttons(mint, overview),),
    )


async def _read(store: Store, target: Target, sees: Sees | None = None) -> _Overview:
    async with store.read() as unit:
        hidden = await hidden_from(unit, target.address, sees)
        used = await unit.places.in_use(target.place_id)
        targets = [one for one in used if one.id not in hidden]
        everything = await unit.subscriptions.of_place(target.place_id)
        subscriptions = [one for one in everything if one.target_id not in hidden]
        mints = {one.mint for one in subscriptions}
        coins = await unit.coins.many(mints)
        streams = await unit.streams.open()
    names, tickers = formatting.names_of(coins, mints), formatting.tickers_of(coins, mints)
    ordered = tuple(sorted(targets, key=lambda one: one.id != target.id))
    turn = {one.id: number for number, one in enumerate(ordered)}
    return _Overview(
        targets=ordered,
        followed=tuple(sorted(subscriptions, key=lambda one: turn[one.target_id])),
        names=names,
        tickers=tickers,
        streams={mint: stream for mint, stream in streams.items() if mint in mints},
        is_part=len(subscriptions) < len(everything),
    )


def _lines(
    shown: Collection[Subscription], overview: _Overview, here: Target, *, with_silent: bool
) -> list[Line]:
    """By target; `with_silent`, those too that follow nothing and cannot be posted to."""
    lines: list[Line] = []
    used = {one.target_id for one in overview.followed}
    for target in overview.targets:
        coins = [_of_coin(one, overview) for one in shown if one.target_id == target.id]
        is_silent = with_silent and target.id not in used and target.disabled is not None
        if not coins and not is_silent:
            continue
        is_here = target.id == here.id
        lines.append(formatting.line(formatting.bold(formatting.channel(target, is_here=is_here))))
        if target.disabled is not None:
            lines.append(_broken(target, target.disabled))
        lines += coins
    return lines


def _broken(target: Target, reason: str) -> Line:
    address = target.address
    remedy = texts.alerts.remedy(reason, address.platform, is_part=address.is_part)
    why = texts.alerts.disabled_because(reason)
    return formatting.line(texts.subscriptions.target_broken(why, remedy))


def _of_coin(subscription: Subscription, overview: _Overview) -> Line:
    stream = overview.streams.get(subscription.mint)
    words = [texts.subscriptions.state(stream.broadcast.state if stream is not None else None)]
    words += overview.at_hand.get(subscription.mint, ())
    if subscription.checked_at is None:
        words.append(texts.subscriptions.unchecked())
    name = overview.names[subscription.mint]
    return formatting.line("• ", formatting.bold(name), f": {', '.join(words)}")


def _with_choices(message: Message, shown: Sequence[Subscription], overview: _Overview) -> Message:
    """A button or two for each coin, where these are few; else one is chosen from all."""
    mints = tuple(dict.fromkeys(one.mint for one in shown))
    if len(mints) > formatting.FEW_COINS:
        labels = {mint: overview.label(mint) for mint in mints}
        return replace(message, selects=(formatting.coin_select(labels),))
    return replace(message, buttons=tuple(_buttons(mint, overview) for mint in mints))


def _buttons(mint: str, overview: _Overview) -> tuple[Button, ...]:
    """Its details, and a clip where one can be had."""
    name, stream = overview.tickers[mint], overview.streams.get(mint)
    buttons = [formatting.press(texts.subscriptions.about(name), Verb.LIVE, mint)]
    is_live = stream is not None and stream.broadcast.state is StreamState.LIVE
    if is_live or overview.at_hand.get(mint):
        buttons.append(formatting.press(texts.subscriptions.clip_of(name), Verb.CLIP, mint))
    return tuple(buttons)
