"""`/clip`: a row, which the clip service takes. Nobody here records anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import texts
from bot.commands import formatting
from bot.commands.allowances import check_cool_downs, check_room, last_asked
from bot.commands.clip_progress import ProgressFollower
from bot.commands.clip_window import ChosenWindow, RequestedWindow, choose_window, without_fixed
from bot.commands.command import Command, Kind, Parameter
from bot.commands.context import CommandContext
from bot.commands.handlers.live import on_air
from bot.commands.parsing.coin_lookup import answered_stream, followed_here, live_here, named
from bot.commands.parsing.parser import bounded, parse_words
from bot.commands.ports import Request
from bot.errors import Refused
from bot.kit.notifier import JOBS
from bot.kit.timing.ages import UNKNOWN
from bot.model import (
    Broadcast,
    ClipJob,
    ClipOrder,
    Coin,
    Message,
    Offline,
    Preference,
    Stream,
    StreamState,
    Target,
    Verb,
    in_force,
)

COMMAND = Command(
    "clip",
    texts.commands.SUMMARIES["clip"],
    (
        Parameter("duration", texts.commands.PARAMETERS["duration"], Kind.DURATION),
        Parameter("ago", texts.commands.PARAMETERS["ago"], Kind.DURATION),
        Parameter("mint", texts.commands.PARAMETERS["mint"], Kind.MINT),
    ),
    details=texts.commands.CLIP_DETAILS,
    option_details=texts.commands.CLIP_OPTIONS,
)

_MOST_CHOICES = 9
_LATELY = timedelta(hours=1)
_SOON_SECONDS = 2.0
_LONGEST_AGO = 1e8
"""Seconds: some years. Before the year 1 there is no instant to name."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """A coin, and the stream of it that is meant, as our row has it, if there is one. `is_earlier`:
    it is not the coin's newest."""

    mint: str
    stream: Stream | None
    is_earlier: bool = False

    @property
    def broadcast(self) -> Broadcast | None:
        """What is known of the stream."""
        return self.stream.broadcast if self.stream is not None else None


async def run(context: CommandContext, request: Request, target: Target) -> Message | None:
    """Ask for a clip, and see to it that how far it is is shown, where that takes long enough.
    None: what comes is its answer, or was shown already."""
    now = context.clock.now()
    _check_target(target)
    requested, mint = await _requested(context, request, target, now)
    subject = await _subject(context, request, target, mint)
    if subject is None:
        mints, is_live = await _candidates(context, request, target)
        if len(mints) > 1:
            return await _choice(context, requested, mints, is_live=is_live)
        if not mints:
            raise Refused(texts.commands.no_live_coin(COMMAND.usage))
        subject = await _newest(context, mints[0])
    await _ask(context, request, target, subject, requested, now)
    return None


async def run_fixed(
    context: CommandContext,
    request: Request,
    target: Target,
    order: ClipOrder,
    seconds: float,
    ends_at: datetime,
) -> None:
    """The same for so many seconds of the stream of an earlier order, until `ends_at`."""
    now = context.clock.now()
    _check_target(target)
    seconds = bounded(f"{seconds:g}s", seconds, context.limits.max_seconds)
    is_to_come = context.clock.age(ends_at) == UNKNOWN  # by whatever it was set to so far
    requested = RequestedWindow.fixed(seconds, now if is_to_come else ends_at)
    subject = await _subject_of(context, order)
    await _ask(context, request, target, subject, requested, now)


def _check_target(target: Target) -> None:
    if target.disabled is not None:
        raise Refused(texts.commands.no_clip_here())


async def _ask(
    context: CommandContext,
    request: Request,
    target: Target,
    subject: _Subject,
    requested: RequestedWindow,
    now: datetime,
) -> None:
    """Its row, and its card. Raises Refused."""
    await check_right(context, request, target, subject.mint)
    coin = await context.coin(request, subject.mint)
    chosen = await _window(context, request, subject, requested, now)
    if chosen is None:
        name = formatting.called(coin, subject.mint)
        raise Refused(
            texts.clips.stream_is_gone(name)
            if subject.is_earlier
            else texts.clips.not_live_no_clip(name)
        )
    job = await _add(context, request, subject, coin, requested, chosen, now)
    context.notifier.notify(JOBS)
    if job.card_id is not None:  # the request came twice
        return
    name = formatting.ticker(coin, subject.mint)
    wait = chosen.offer.in_seconds if chosen.offer is not None else 0.0
    follower = ProgressFollower(context, request.reply, job.id, name, wait)
    await follower.begin(is_soon=_is_soon(chosen))


async def _requested(
    context: CommandContext, request: Request, target: Target, now: datetime
) -> tuple[RequestedWindow, str | None]:
    """What is wanted, and of which coin, if one was named. Raises Refused or DurationError."""
    words, fixed = without_fixed(request.words)
    parsed = parse_words(words)
    seconds = context.limits.default_seconds
    if parsed.seconds is not None:
        seconds = bounded(" ".join(words), parsed.seconds, context.limits.max_seconds)
    ago = min(parsed.ago or 0.0, _LONGEST_AGO)
    requested = RequestedWindow(seconds, now, ago, is_ago=ago > 0)
    if fixed is not None:
        bounded(" ".join(request.words), fixed.seconds, context.limits.max_seconds)
        requested = replace(fixed, asked_at=min(fixed.asked_at, now))
    return requested, await named(context, request, target, COMMAND, parsed)


async def _subject(
    context: CommandContext, request: Request, target: Target, mint: str | None
) -> _Subject | None:
    """The coin that was named; else what the answered message is about."""
    if mint is not None:
        return await _newest(context, mint)
    stream = await answered_stream(context, request, target)
    if stream is None:
        return await _newest(context, request.quoted) if request.quoted is not None else None
    return await _subject_with(context, stream)


async def _subject_of(context: CommandContext, order: ClipOrder) -> _Subject:
    """The stream that an order was of, where that is known: the newest may be another."""
    async with context.store.read() as unit:
        stream = await unit.streams.get(order.stream_id) if order.stream_id is not None else None
    return _Subject(order.mint, None) if stream is None else await _subject_with(context, stream)


async def _subject_with(context: CommandContext, stream: Stream) -> _Subject:
    newest = await _newest(context, stream.mint)
    is_newest = newest.stream is not None and newest.stream.id == stream.id
    return newest if is_newest else _Subject(stream.mint, stream, is_earlier=True)


async def _newest(context: CommandContext, mint: str) -> _Subject:
    async with context.store.read() as unit:
        return _Subject(mint, await unit.streams.last_of(mint))


async def _candidates(
    context: CommandContext, request: Request, target: Target
) -> tuple[tuple[str, ...], bool]:
    """The place's live coins, and whether they are; where none is, those that have paused or of
    which something is still at hand; else those that ended lately: the site may still have them."""
    streams = await live_here(context, request, target)
    live = [one.mint for one in streams if one.broadcast.state is not StreamState.GRACE]
    if live:
        return tuple(live), True
    followed = await followed_here(context, request, target)
    at_hand = [mint for mint in followed if context.lookback.at_hand(mint) is not None]
    paused = tuple(one.mint for one in streams)
    if at_hand or paused:
        return tuple(at_hand) or paused, False
    async with context.store.read() as unit:
        over = await unit.streams.ended_since(followed, context.clock.before(_LATELY))
    return tuple(mint for mint in followed if mint in over), False


async def _choice(
    context: CommandContext, requested: RequestedWindow, mints: Sequence[str], *, is_live: bool
) -> Message:
    """Buttons that ask for the same window of one coin each: it is that of the question, however
    long somebody thinks about it."""
    async with context.store.read() as unit:
        names = formatting.tickers_of(await unit.coins.many(mints), mints)
    words = requested.encoded()
    buttons = [
        formatting.press(names[mint], Verb.CLIP, f"{mint} {words}")
        for mint in mints[:_MOST_CHOICES]
    ]
    more = len(mints) - _MOST_CHOICES
    lines = (formatting.more_coins(more, COMMAND.usage),) if more > 0 else ()
    return Message(
        title=texts.commands.which_one(is_live=is_live),
        lines=lines,
        buttons=formatting.rows(buttons),
        private=True,
    )


async def _window(
    context: CommandContext,
    request: Request,
    subject: _Subject,
    requested: RequestedWindow,
    now: datetime,
) -> ChosenWindow | None:
    """None: there is nothing of that stream, and nothing comes. Raises Refused."""
    over_at = await _over_at(context, request, subject, now)
    if not _is_at_hand(context, subject.mint, requested):
        context.allowances.take(request, 1)  # pump.fun is asked what it has of that
    return await choose_window(
        context.lookback,
        subject.mint,
        requested,
        now=now,
        broadcast=subject.broadcast,
        over_at=over_at,
        by_options=request.by_options,
    )


def _is_at_hand(context: CommandContext, mint: str, requested: RequestedWindow) -> bool:
    """Whether all of it can be had without asking anybody."""
    at_hand, back = context.lookback.at_hand(mint), requested.ago + requested.seconds
    return at_hand is not None and at_hand.begins_at <= requested.asked_at - timedelta(seconds=back)


async def _over_at(
    context: CommandContext, request: Request, subject: _Subject, now: datetime
) -> datetime | None:
    """When the stream ended or paused, as far as was seen; None: it is on air, or that is not
    known. A capture of it is there to its end, and knows better than who looks now and then."""
    if subject.is_earlier and subject.broadcast is not None:
        return subject.broadcast.last_seen_at
    at_hand = context.lookback.at_hand(subject.mint)
    goes_on = at_hand is not None and at_hand.ends_at >= now
    was_seen = at_hand is None and await on_air(context, subject.mint) is not None
    if goes_on or was_seen:
        return None
    if not isinstance(await context.look(request, subject.mint), Offline):
        return None
    seen = [subject.broadcast.last_seen_at] if subject.broadcast is not None else []
    ends = [at_hand.ends_at] if at_hand is not None else []
    return max(seen + ends, default=now)


def _is_soon(chosen: ChosenWindow) -> bool:
    """It is there before anybody wants to know how far it is."""
    return chosen.offer is not None and chosen.offer.in_seconds <= _SOON_SECONDS


async def check_right(context: CommandContext, request: Request, target: Target, mint: str) -> None:
    """Raises Refused where only managers may post videos of that coin there."""
    async with context.store.read() as unit:
        preferences = await unit.preferences.at(target, mint)
    by_managers = in_force(preferences, Preference.CLIP_BY) == "managers"
    if by_managers and not await request.caller.may_manage():
        platform = request.address.platform
        raise Refused(texts.commands.may_not_clip(platform, by_options=request.by_options))


async def _add(
    context: CommandContext,
    request: Request,
    subject: _Subject,
    coin: Coin | None,
    requested: RequestedWindow,
    chosen: ChosenWindow,
    now: datetime,
) -> ClipJob:
    """The row. What forbids a new one undoes it: a request that comes twice is not forbidden."""
    async with context.store.write() as unit:
        target = await context.kept(unit, request)
        order = _order(request, target, subject, requested.seconds, chosen, now)
        waiting = await unit.jobs.who_waits()
        last = await last_asked(unit, order.place_id, order.person)
        job, is_new = await unit.jobs.add(order, now)
        if is_new:
            check_cool_downs(context.clock, last, context.limits)
            await context.keep_coin(unit, coin)
            records = job.order.is_ahead and job.leader_id is None
            if records and not request.is_operator:
                check_room(waiting, order.place_id, order.person, context.limits)
    return job


def _order(
    request: Request,
    target: Target,
    subject: _Subject,
    seconds: float,
    chosen: ChosenWindow,
    now: datetime,
) -> ClipOrder:
    return ClipOrder(
        request_key=f"{target.sender}:{request.reply.request_id}",
        place_id=target.place_id,
        target_id=target.id,
        mint=subject.mint,
        person=request.caller.person,
        seconds=seconds,
        window=chosen.window,
        max_bytes=request.upload_limit,
        asked_at=now,
        reply_to=request.reply.reply_to,
        stream_id=subject.stream.id if subject.stream is not None else None,
        is_ahead=chosen.offer is None,
    )
