"""`/live`: is a coin on air, or which of the place's coins are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import texts
from bot.alerts import ban_lines, picture_choice, watch_url
from bot.commands import formatting, paging
from bot.commands.command import Command, Kind, Parameter
from bot.commands.context import CommandContext
from bot.commands.parsing.coin_lookup import live_here, named
from bot.commands.parsing.parser import parse_mints
from bot.commands.ports import Request
from bot.model import (
    Button,
    Coin,
    Line,
    Live,
    Message,
    Observation,
    Offline,
    Starting,
    Stream,
    StreamState,
    Target,
    Tone,
    Unknown,
    Verb,
)

COMMAND = Command(
    "live",
    texts.commands.SUMMARIES["live"],
    (Parameter("mint", texts.commands.PARAMETERS["mint"], Kind.MINT),),
)

PAGE = 10
"""Coins on a page of the list."""
_FRESH_POLLS = 3
"""What was seen so many polls ago, or later, is not asked for again."""

_ON_AIR = frozenset({StreamState.STARTING, StreamState.LIVE})
"""A clip of anything else would be refused where nothing of it is at hand."""

_TONES = {
    StreamState.STARTING: Tone.PLAIN,
    StreamState.LIVE: Tone.LIVE,
    StreamState.GRACE: Tone.PAUSED,
    StreamState.ENDED: Tone.ENDED,
}


@dataclass(frozen=True, slots=True)
class LiveView:
    """What is to be told of a stream, from the site or from our row. The title is an attacker's.
    `as_of`: it is as old as that, since pump.fun does not answer now."""

    state: StreamState
    title: str = ""
    viewers: int | None = None
    since: datetime | None = None
    as_of: datetime | None = None


def at_hand(context: CommandContext, mint: str) -> tuple[str, ...]:
    """How far back a clip of it can go, as words; none where it cannot."""
    window = context.lookback.at_hand(mint)
    return () if window is None else (texts.subscriptions.at_hand(window.seconds),)


async def run(context: CommandContext, request: Request, target: Target) -> Message:
    """A coin's own card; without one, a list."""
    words, page = paging.without_mark(request.words)
    mint = await named(context, request, target, COMMAND, parse_mints(words)) or request.quoted
    if mint is None:
        return await _of_place(context, request, target, page)
    return await _of_coin(context, request, target, mint)


async def on_air(context: CommandContext, mint: str) -> Stream | None:
    """The stream of `mint` that the watcher saw on air a moment ago, if there is one."""
    async with context.store.read() as unit:
        stream = await unit.streams.open_of(mint)
    if stream is None or stream.broadcast.state is StreamState.GRACE:
        return None
    age = context.clock.age(stream.broadcast.last_seen_at).most
    fresh = timedelta(seconds=_FRESH_POLLS * context.limits.poll_seconds)
    return stream if age <= fresh else None


async def _of_coin(context: CommandContext, request: Request, target: Target, mint: str) -> Message:
    coin = await context.coin(request, mint)
    name = formatting.called(coin, mint)
    stream = await on_air(context, mint)
    seen = None if stream is not None else await context.look(request, mint)
    async with context.store.read() as unit:
        stream = await unit.streams.open_of(mint)
        is_followed = await unit.subscriptions.get(target.id, mint) is not None
        coin_picture = await unit.coins.picture(mint)
        choice = picture_choice(await unit.preferences.at(target, mint), coin)
    now = context.clock.now()
    ban = ban_lines(coin, now)
    view, back = _live_view(seen, stream), at_hand(context, mint)
    lines = (*(formatting.line(words.capitalize()) for words in back), *ban)
    buttons = formatting.rows(
        _buttons(
            mint,
            can_clip=bool(back) or (view is not None and view.state in _ON_AIR),
            can_follow=not is_followed and not request.only_answers,
        )
    )
    if view is None:
        return _without_stream(seen, name, lines, buttons)
    return Message(
        title=_headline(view, name),
        link=watch_url(mint),
        lines=(*_details(view, now), *lines),
        tone=_TONES[view.state],
        picture=await context.picture(choice, stream, coin_picture),
        spoiler=choice.spoiler,
        buttons=buttons,
    )


def _live_view(seen: Observation | None, stream: Stream | None) -> LiveView | None:
    """The site's word goes first, our row's where it has none; None: nothing is on."""
    match seen:
        case Live(stream=shot):
            return LiveView(StreamState.LIVE, shot.title, shot.viewers, shot.started_at)
        case Starting(stream=shot):
            return LiveView(StreamState.STARTING, shot.title, shot.viewers, shot.started_at)
        case Offline() if stream is None or stream.broadcast.state is not StreamState.GRACE:
            return None
    if stream is None:
        return None
    known = live_view_of(stream)
    if isinstance(seen, Unknown):
        return replace(known, as_of=stream.broadcast.last_seen_at)
    return known


def live_view_of(stream: Stream) -> LiveView:
    """What our row says."""
    known = stream.broadcast
    return LiveView(known.state, known.title, known.viewers, known.began_at)


def _headline(view: LiveView, name: str) -> str:
    match view.state:
        case StreamState.STARTING:
            return texts.subscriptions.starting(name)
        case StreamState.GRACE:
            return texts.subscriptions.paused(name)
        case _:
            return texts.subscriptions.is_live(name)


def _details(view: LiveView, now: datetime) -> tuple[Line, ...]:
    lines: list[Line] = []
    if title := formatting.titled(view.title):
        lines.append(formatting.line(formatting.bold(title)))
    if view.viewers is not None:
        lines.append(formatting.line(texts.subscriptions.viewers(view.viewers)))
    if view.since is not None:
        lines.append(formatting.line(texts.commands.SINCE, formatting.moment(view.since, now)))
    if view.as_of is not None:
        lines.append(formatting.line(texts.commands.AS_OF, formatting.moment(view.as_of, now)))
    return tuple(lines)


def _without_stream(
    seen: Observation | None,
    name: str,
    lines: tuple[Line, ...],
    buttons: tuple[tuple[Button, ...], ...],
) -> Message:
    if isinstance(seen, Unknown):
        why = texts.common.pumpfun_failed(seen.reason, seen.status, seen.retry_after)
        return Message(
            title=texts.subscriptions.cannot_tell(name),
            lines=(formatting.line(why),),
            tone=Tone.BAD,
        )
    return Message(title=texts.common.offline(name), lines=lines, buttons=buttons)


def _buttons(mint: str, *, can_clip: bool, can_follow: bool) -> list[Button]:
    buttons = [formatting.watch_button(mint)]
    if can_clip:
        buttons.append(formatting.press(texts.commands.CLIP, Verb.CLIP, mint))
    if can_follow:
        buttons.append(formatting.press(texts.commands.SUBSCRIBE, Verb.SUBSCRIBE, mint))
    return [*buttons, formatting.copy_button(mint)]


async def _of_place(
    context: CommandContext, request: Request, target: Target, page: int
) -> Message:
    streams = await live_here(context, request, target)
    async with context.store.read() as unit:
        coins = await unit.coins.many([stream.mint for stream in streams])
        is_any = bool(await unit.subscriptions.of_place(target.place_id))
    if not streams:
        if request.only_answers:
            return _to_one(texts.commands.name_one(COMMAND.usage))
        refusal = texts.commands.no_live_coin if is_any else texts.commands.nothing_followed
        return _to_one(refusal(COMMAND.usage))
    return _listed(context, streams, coins, page)


def _listed(
    context: CommandContext, streams: Sequence[Stream], coins: Mapping[str, Coin], page: int
) -> Message:
    """A page of them. Names are told apart among all: a coin is called the same on each page."""
    mints = [stream.mint for stream in streams]
    names, tickers = formatting.names_of(coins, mints), formatting.tickers_of(coins, mints)
    pages = paging.number_of_pages(len(streams), PAGE)
    page = min(page, pages - 1)
    shown = streams[page * PAGE : (page + 1) * PAGE]
    now = context.clock.now()
    back = {one.mint: at_hand(context, one.mint) for one in shown}
    lines = [_in_list(one, names[one.mint], now, back[one.mint]) for one in shown]
    if pages > 1:
        lines.append(formatting.line(texts.subscriptions.page(page + 1, pages)))
    few = shown if len(streams) <= formatting.FEW_COINS else ()
    clips = (
        formatting.press(texts.subscriptions.clip_of(tickers[one.mint]), Verb.CLIP, one.mint)
        for one in few
        if back[one.mint] or one.broadcast.state in _ON_AIR
    )
    on_air = sum(one.broadcast.state in _ON_AIR for one in streams)
    select = formatting.coin_select({one.mint: names[one.mint] for one in shown})
    return Message(
        title=texts.subscriptions.live_here(on_air, len(streams) - on_air),
        lines=tuple(lines),
        tone=Tone.LIVE if on_air else Tone.PAUSED,
        buttons=(*formatting.rows(clips), *paging.turning(page, pages, COMMAND.name)),
        selects=() if few else (select,),
    )


def _to_one(sentence: str) -> Message:
    """Nobody but who asked needs to read it."""
    return replace(formatting.sentence(sentence), private=True)


def _in_list(stream: Stream, name: str, now: datetime, back: tuple[str, ...]) -> Line:
    view = live_view_of(stream)
    words = [texts.subscriptions.state(view.state), *back]
    if view.viewers is not None:
        words.append(texts.subscriptions.viewers(view.viewers))
    if title := formatting.titled(view.title):
        words.append(f"“{title}”")
    since = (
        (f", {texts.commands.SINCE}", formatting.moment(view.since, now))
        if view.since is not None
        else ()
    )
    return formatting.line("• ", formatting.bold(name), f": {', '.join(words)}", *since)
