"""`/clip`: a row, which the clip service takes. Nobody here records anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import texts
from bot.commands import formatting
from bot.commands.allowances import check_room
from bot.commands.clip_progress import ProgressFollower
from bot.commands.command import Command, Kind, Parameter
from bot.commands.context import CommandContext
from bot.commands.handlers.live import on_air
from bot.commands.parsing.coin_lookup import answered, live_here, named
from bot.commands.parsing.parser import bounded, parse_words
from bot.commands.ports import Request
from bot.errors import Refused
from bot.kit.notifier import JOBS
from bot.model import (
    Button,
    ClipJob,
    ClipOrder,
    Message,
    Offline,
    Preference,
    Stream,
    StreamState,
    Target,
    Verb,
    Window,
    in_force,
)

COMMAND = Command(
    "clip",
    texts.commands.SUMMARIES["clip"],
    (
        Parameter("duration", texts.commands.PARAMETERS["duration"], Kind.DURATION),
        Parameter("mint", texts.commands.PARAMETERS["mint"], Kind.MINT),
    ),
    details=texts.commands.CLIP_DETAILS,
    option_details=texts.commands.CLIP_OPTIONS,
)

_MOST_CHOICES = 9


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for; `mint` is None where none was named."""

    seconds: float
    mint: str | None


async def run(context: CommandContext, request: Request, target: Target) -> Message | None:
    """Ask for a clip, say so, and go on showing how far it is. None: it was shown already."""
    if target.disabled is not None:
        raise Refused(texts.commands.no_clip_here())
    wish = await _wish(context, request, target)
    mint = wish.mint or await answered(context, request, target)
    if mint is None:
        streams = await _candidates(context, request, target)
        if len(streams) > 1:
            return await _choice(context, wish, streams)
        if not streams:
            raise Refused(texts.commands.no_live_coin(COMMAND.usage))
        mint = streams[0].mint
    await _check_right(context, request, target, mint)
    coin = await context.coin(request, mint)
    if await on_air(context, mint) is None and isinstance(
        await context.look(request, mint), Offline
    ):
        raise Refused(texts.clips.not_live_no_clip(formatting.called(coin, mint)))
    job = await _add(context, request, mint, wish)
    context.notifier.notify(JOBS)
    if job.card_id is not None:  # the request came twice
        return None
    await ProgressFollower(context, request.reply, job.id, formatting.ticker(coin, mint)).begin()
    return None


async def _wish(context: CommandContext, request: Request, target: Target) -> _Wish:
    """Raises Refused, also where a look back is wanted: nothing is kept of what was on."""
    parsed = parse_words(request.words)
    seconds = context.limits.default_seconds
    if parsed.seconds is not None:
        seconds = bounded(" ".join(request.words), parsed.seconds, context.limits.max_seconds)
    if parsed.ago:
        raise Refused(texts.clips.cannot_look_back(seconds, by_options=request.by_options))
    return _Wish(seconds, await named(context, target, COMMAND, parsed))


async def _candidates(
    context: CommandContext, request: Request, target: Target
) -> tuple[Stream, ...]:
    """The place's live coins; one that has paused counts where nothing else is on."""
    streams = await live_here(context, request, target)
    live = tuple(one for one in streams if one.broadcast.state is not StreamState.GRACE)
    return live or streams


async def _choice(context: CommandContext, wish: _Wish, streams: tuple[Stream, ...]) -> Message:
    """Buttons that ask for the same clip of one coin each."""
    mints = [stream.mint for stream in streams]
    async with context.store.read() as unit:
        names = formatting.tickers_of(await unit.coins.many(mints), mints)
    buttons = [_button(names[mint], mint, wish) for mint in mints[:_MOST_CHOICES]]
    more = len(mints) - _MOST_CHOICES
    lines = (formatting.line(texts.subscriptions.and_more(more)),) if more > 0 else ()
    return Message(
        title=texts.commands.which_one(),
        lines=lines,
        buttons=formatting.rows(buttons),
        private=True,
    )


def _button(name: str, mint: str, wish: _Wish) -> Button:
    return formatting.press(name, Verb.CLIP, f"{mint} {wish.seconds:g}s")


async def _check_right(
    context: CommandContext, request: Request, target: Target, mint: str
) -> None:
    async with context.store.read() as unit:
        preferences = await unit.preferences.at(target, mint)
    by_managers = in_force(preferences, Preference.CLIP_BY) == "managers"
    if by_managers and not await request.caller.may_manage():
        platform = request.address.platform
        raise Refused(texts.commands.may_not_clip(platform, by_options=request.by_options))


async def _add(context: CommandContext, request: Request, mint: str, wish: _Wish) -> ClipJob:
    """The row. What forbids a new one undoes it: a request that comes twice is not forbidden."""
    now = context.clock.now()
    async with context.store.write() as unit:
        order = _order(request, await context.kept(unit, request), mint, wish, now)
        waiting = await unit.jobs.who_waits()
        own = await unit.jobs.last_asked(person_id=order.person.id)
        of_place = await unit.jobs.last_asked(place_id=order.place_id)
        job, is_new = await unit.jobs.add(order, now)
        if is_new:
            limits = context.limits
            _check_cool_down(context, own, limits.per_person_cooldown_seconds, own=True)
            _check_cool_down(context, of_place, limits.per_place_cooldown_seconds, own=False)
            if job.leader_id is None and not request.is_operator:
                check_room(waiting, order.place_id, order.person, limits)
    return job


def _order(request: Request, target: Target, mint: str, wish: _Wish, now: datetime) -> ClipOrder:
    return ClipOrder(
        request_key=f"{target.sender}:{request.reply.request_id}",
        place_id=target.place_id,
        target_id=target.id,
        mint=mint,
        person=request.caller.person,
        seconds=wish.seconds,
        window=Window.after(now, wish.seconds),
        max_bytes=request.upload_limit,
        asked_at=now,
        reply_to=request.reply.reply_to,
    )


def _check_cool_down(
    context: CommandContext, last: datetime | None, seconds: float, *, own: bool
) -> None:
    if last is not None and (left := context.clock.age(last).left(timedelta(seconds=seconds))):
        raise Refused(texts.clips.cool_down(left.total_seconds(), own=own))
