"""Buttons under a clip that cut it anew: earlier, later, longer, shorter; in the same message.

A press is a job of its own, of the window that its clip showed. So a press that comes twice asks
for the same. Whoever pressed hears how it went: what was asked for is there in a moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot import texts
from bot.commands import formatting
from bot.commands.allowances import check_cool_downs, last_asked
from bot.commands.context import CommandContext
from bot.commands.handlers.clips.clip_buttons import OwnClip, own_clip
from bot.commands.ports import Request
from bot.errors import MintcastError, PumpfunError, Refused
from bot.kit.notifier import DELIVERIES, JOBS, heard, job_topic
from bot.model import (
    RECUT_STEP,
    ClipFailure,
    ClipJob,
    ClipOrder,
    Delivery,
    DeliveryState,
    JobState,
    Message,
    MessageKind,
    Recut,
    Target,
    Tone,
    Window,
    wanted_window,
    within_reach,
)
from bot.store import Unit

_SAME_SECONDS = 0.75
"""Less than any change; more than a cut is off by, or than a ring moves on between two presses."""

_TOAST_SECONDS = 5.0
"""So long whoever pressed waits for word of it: some platforms forget a press soon after."""

_LONGEST_SECONDS = 60.0
"""After so long nobody is told any more that it failed."""

_LIVE_SECONDS = 3.0
"""What is at hand until so lately goes on."""


async def press(
    context: CommandContext, request: Request, target: Target, argument: str, *, recut: Recut
) -> Message:
    """Cut it anew, and say how that went. Raises Refused."""
    clip = await own_clip(context, request, target, argument)
    window = await _window(context, request, clip, recut)
    job = await _add(context, request, clip, window)
    context.notifier.notify(JOBS)
    if await _is_over(context, clip.first, job, _TOAST_SECONDS):
        return _word(_done(clip.job, job, await _made(context, job), recut))
    telling = _tell_failure(context, request, clip.first, job)
    context.tasks.start(telling, f"recut-{job.id}")
    return _word(texts.clips.RECUT_SOON)


# What it is to show


async def _window(context: CommandContext, request: Request, clip: OwnClip, recut: Recut) -> Window:
    """As much of what is wanted as is at hand. The site is asked only where the ring and what is
    kept around the clip have not all of it. Raises Refused."""
    before = clip.job.order.window
    wanted = wanted_window(before, recut, context.limits.max_seconds)
    if wanted is None:
        raise Refused(texts.clips.recut_bound(recut, context.limits.max_seconds))
    reaches = await _near(context, clip)
    part = _nearest(before, wanted, reaches)
    if part is not None and part.is_about(wanted, _SAME_SECONDS):
        return part
    far, was_asked = await _far(context, request, clip)
    reaches += far
    part = _nearest(before, wanted, reaches)
    if part is not None:
        return part
    others = (wanted_window(before, one, context.limits.max_seconds) for one in Recut)
    if not was_asked:
        raise Refused(texts.clips.recordings_unreachable())
    if any(_nearest(before, other, reaches) for other in others if other is not None):
        raise Refused(texts.clips.nothing_beyond(recut))
    await _take_buttons_away(context, clip.first)
    raise Refused(texts.clips.no_longer_changeable())


def _nearest(before: Window, wanted: Window, reaches: Iterable[Window]) -> Window | None:
    """Of what can be had, what is most like it."""
    found = (within_reach(before, wanted, reach) for reach in reaches)
    parts = [part for part in found if part is not None]
    return min(parts, key=lambda part: _distance(part, wanted), default=None)


async def _near(context: CommandContext, clip: OwnClip) -> list[Window]:
    """What it can be cut of with nobody asked: what is kept around it, and the ring. Where that
    goes on, what comes soon is waited for."""
    first = clip.first
    async with context.store.read() as unit:
        padded = await unit.jobs.padded_clip(first.padded_clip_key)
    reaches = [padded.window] if padded is not None and padded.window is not None else []
    near = await context.lookback.near(first.order.mint, _around(clip))
    if near is not None:
        # Told by the clock of the clip, which may have been set since.
        goes_on = context.clock.age(near.ends_at).least.total_seconds() <= _LIVE_SECONDS
        comes = near.ends_at + timedelta(seconds=RECUT_STEP)
        reaches.append(Window(near.begins_at, comes) if goes_on else near)
    return reaches


async def _far(
    context: CommandContext, request: Request, clip: OwnClip
) -> tuple[list[Window], bool]:
    """What the site's recordings have of it; and whether these could be asked. Raises Refused where
    too much was asked lately."""
    context.allowances.take(request, 1)
    try:
        far = await context.lookback.far(clip.first.order.mint, _around(clip))
    except PumpfunError:
        return [], False
    return ([far] if far is not None else []), True


def _around(clip: OwnClip) -> Window:
    """All that any of the buttons may show."""
    return clip.job.order.window.widened(RECUT_STEP)


async def _take_buttons_away(context: CommandContext, first: ClipJob) -> None:
    """By an edit, where they are still there: what lies around the first clip is of no use to the
    one that stands there. The next sweep takes its file."""
    async with context.store.write() as unit:
        padded = await unit.jobs.padded_clip(first.padded_clip_key)
        if padded is not None and padded.window is None:
            return  # it is being made
        await unit.jobs.leave_padded_clip(first.id)
        await unit.deliveries.raise_clip(first, context.clock.now())
    context.notifier.notify(DELIVERIES)


def _distance(part: Window, wanted: Window) -> timedelta:
    return abs(part.begins_at - wanted.begins_at) + abs(part.ends_at - wanted.ends_at)


def _moved(clip: ClipJob, window: Window) -> float:
    return abs((window.ends_at - clip.order.window.ends_at).total_seconds())


# Its row


async def _add(context: CommandContext, request: Request, clip: OwnClip, window: Window) -> ClipJob:
    """The job of that window: a new one, unless it is being made, or shown. Raises Refused."""
    first = clip.first
    async with context.store.write() as unit:
        await _delivery(unit, first)
        shown = await unit.jobs.shown(first.id)
        if shown is None or shown.state is not JobState.DONE:
            raise Refused(texts.clips.no_such_clip())
        under_way = await unit.jobs.recut_under_way(first.id)
        for job in (shown, under_way):
            if job is not None and job.order.window.is_about(window, _SAME_SECONDS):
                return job
        if under_way is not None:
            raise Refused(texts.clips.recut_under_way())
        return await _add_new(context, unit, request, first, window)


async def _add_new(
    context: CommandContext, unit: Unit, request: Request, first: ClipJob, window: Window
) -> ClipJob:
    now = context.clock.now()
    if not await unit.jobs.is_recut_free(first.id):
        last = await last_asked(unit, first.order.place_id, request.caller.person)
        check_cool_downs(context.clock, last, context.limits)
    job, _ = await unit.jobs.add(_order(request, first, window, now), now)
    return job


def _order(request: Request, first: ClipJob, window: Window, now: datetime) -> ClipOrder:
    return ClipOrder(
        request_key=f"{request.sender}:{request.reply.request_id}",
        place_id=first.order.place_id,
        target_id=first.order.target_id,
        mint=first.order.mint,
        person=request.caller.person,
        seconds=window.seconds,
        window=window,
        max_bytes=min(first.order.max_bytes, request.upload_limit),
        asked_at=now,
        stream_id=first.order.stream_id,
        parent_id=first.id,
    )


# How it went


async def _is_over(context: CommandContext, first: ClipJob, job: ClipJob, seconds: float) -> bool:
    """Whether its clip is what stands there, within so many seconds. Raises Refused where that is
    not to be."""
    ends = context.clock.monotonic() + seconds
    with context.notifier.listening(job_topic(job.id), job_topic(first.id)) as news:
        while not await _is_shown(context, first, job):
            left = ends - context.clock.monotonic()
            if left <= 0:
                return False
            await heard(news, context.clock, min(left, context.limits.follow_seconds))
            news.clear()
    return True


async def _is_shown(context: CommandContext, first: ClipJob, job: ClipJob) -> bool:
    async with context.store.read() as unit:
        now = await unit.jobs.get(job.id)
        delivery = await _delivery(unit, first)
    if now is None or now.state in (JobState.FAILED, JobState.CANCELLED):
        raise Refused(_why_not(now))
    if now.state in (JobState.QUEUED, JobState.RUNNING):
        return False
    return delivery.state is DeliveryState.SENT and delivery.shown >= delivery.wanted


async def _delivery(unit: Unit, first: ClipJob) -> Delivery:
    """What brought the clip. Raises Refused where its message is gone, or cannot be changed any
    more: on Discord, where the bot is no member, an answer is its own for a quarter of an hour."""
    delivery = await unit.deliveries.find(first.order.target_id, f"clip:{first.id}")
    if delivery is None or delivery.state in (DeliveryState.DEAD, DeliveryState.UNCERTAIN):
        raise Refused(texts.clips.no_longer_changeable())
    if delivery.state is DeliveryState.SENT and delivery.message_id is None:
        raise Refused(texts.clips.no_longer_changeable())
    return delivery


def _why_not(job: ClipJob | None) -> str:
    if job is not None and job.state is JobState.CANCELLED:
        return texts.clips.deleted_meanwhile()
    if job is not None and job.error == ClipFailure.NOT_AT_HAND:
        return texts.clips.no_longer_changeable()
    return texts.clips.why_no_clip(job.error if job is not None else None)


async def _made(context: CommandContext, job: ClipJob) -> Window:
    """What its clip shows: less than was asked for where the stream has ended meanwhile."""
    async with context.store.read() as unit:
        row = await unit.jobs.get(job.id)
    return (row or job).order.window


def _done(before: ClipJob, job: ClipJob, made: Window, recut: Recut) -> str:
    """What was asked for, where that was made: a cut is off by less than is worth a word."""
    asked = job.order.window
    shown = asked if made.is_about(asked, _SAME_SECONDS) else made
    return texts.clips.recut(recut, _moved(before, shown), shown.seconds)


async def _tell_failure(
    context: CommandContext, request: Request, first: ClipJob, job: ClipJob
) -> None:
    """Whoever pressed was told that it takes a moment: only that it failed is news."""
    try:
        await _is_over(context, first, job, _LONGEST_SECONDS)
    except Refused as refusal:
        await _show(request, formatting.sentence(refusal.sentence, tone=Tone.BAD))
    except MintcastError:
        return  # the rows say it, to whoever presses again


async def _show(request: Request, message: Message) -> None:
    try:
        await request.reply.show(message)
    except MintcastError:
        return  # nobody waits for it any more


def _word(text: str) -> Message:
    return Message(kind=MessageKind.TOAST, lines=(formatting.line(text),))
