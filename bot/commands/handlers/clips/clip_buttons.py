"""Buttons under a clip, and under its progress: cancel it, delete it, ask for it again.

A job's id is a small number that anybody can make up: it counts in its own place only, and for who
asked for it, or whoever may manage.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from bot import texts
from bot.commands import formatting
from bot.commands.context import CommandContext
from bot.commands.handlers.clips import clip, highlights
from bot.commands.ports import Request
from bot.commands.undo.removal import change_clip_message, delete_clip, undo_button
from bot.errors import Refused
from bot.kit.notifier import DELIVERIES, JOBS, job_topic
from bot.model import (
    SHORTEST_CLIP_SECONDS,
    ClipJob,
    DeliveryState,
    JobState,
    Message,
    MessageKind,
    Target,
    UndoName,
)

_LARGEST_ID = (1 << 63) - 1
_LOST = (DeliveryState.DEAD, DeliveryState.UNCERTAIN)


async def cancel(
    context: CommandContext, request: Request, target: Target, argument: str
) -> Message:
    """Through the row: whoever records looks at it. Its card says so, where it is followed."""
    job = (await own_clip(context, request, target, argument)).job
    async with context.store.write() as unit:
        was_running = await unit.jobs.request_cancel(job.id)
    if not was_running:
        raise Refused(texts.clips.nothing_to_cancel())
    for topic in (job_topic(job.leader_id or job.id), job_topic(job.id), JOBS):
        context.notifier.notify(topic)
    words = formatting.sentence(texts.clips.cancelled())
    return replace(words, kind=MessageKind.TOAST) if job.id in context.followed else words


async def delete(
    context: CommandContext, request: Request, target: Target, argument: str
) -> Message:
    """Its message offers to undo that, for a while; then both go, message and file. What stands
    there goes, though it may have been cut anew since it was looked at."""
    clip = await own_clip(context, request, target, argument)
    now = context.clock.now()
    async with context.store.write() as unit:
        job = await unit.jobs.shown(clip.first.id) or clip.job
        if request.message_id is not None:
            await unit.deliveries.found_clip(clip.first.id, request.message_id, now)
        undo = await delete_clip(unit, await context.kept(unit, request), request, job.id, now)
        is_last = undo is None and await unit.jobs.delete_expired(job.id)
        known = await unit.jobs.get(job.id)
        if known is None or known.state is not JobState.DELETED:
            raise Refused(texts.clips.nothing_to_delete())
        under_way = await unit.jobs.recut_under_way(clip.first.id)
        if under_way is not None:
            await unit.jobs.request_cancel(under_way.id)
        is_seen = await change_clip_message(unit, job.id, now)
    context.notifier.notify(DELIVERIES)
    if under_way is not None:
        context.notifier.notify(job_topic(under_way.id))
    if undo is None and not is_last:
        return formatting.sentence(texts.undo.CLIP_DELETED_BEFORE)
    return _deleted(context, undo, is_seen=is_seen)


def _deleted(context: CommandContext, undo: UndoName | None, *, is_seen: bool) -> Message:
    """A word, where its message says so; else all of it."""
    line = formatting.line(texts.undo.CLIP_DELETED)
    if undo is None:
        return Message(kind=MessageKind.TOAST if is_seen else MessageKind.REPLY, lines=(line,))
    if not is_seen:
        return Message(lines=(line,), buttons=((undo_button(undo),),))
    context.undo.begin(undo)
    return Message(kind=MessageKind.TOAST, lines=(line,))


async def again(
    context: CommandContext, request: Request, target: Target, argument: str
) -> Message | None:
    """Anybody who may clip may ask for the same once more; it is a new request. Under a clip that
    means its length, of what is on now; where there is none, the moment that it was to show."""
    job = await _job(context, target, argument)
    order = job.order
    if order.highlight_id is not None:
        return await highlights.post_again(context, request, target, job)
    seconds = max(SHORTEST_CLIP_SECONDS, order.seconds)  # it may be what was left of one
    if await _has_missed(context, job):
        ends_at = order.window.ends_at
        await clip.run_fixed(context, request, target, order, seconds, ends_at)
        return None
    words = (order.mint, f"{seconds:g}s")
    return await clip.run(context, replace(request, words=words), target)


async def _has_missed(context: CommandContext, job: ClipJob) -> bool:
    """A moment that is past, of which there is no clip, or none that anybody saw."""
    if job.order.is_ahead or job.order.parent_id is not None:
        return False
    if job.state in (JobState.FAILED, JobState.CANCELLED) or job.cancel_requested:
        return True
    async with context.store.read() as unit:
        delivery = await unit.deliveries.find(job.order.target_id, f"clip:{job.id}")
    is_lost = delivery is not None and delivery.state in _LOST and delivery.shown == 0
    return is_lost and job.state is JobState.DONE


async def rest(context: CommandContext, request: Request, target: Target, argument: str) -> None:
    """What a clip lacks at its end, since the site's recording had it later: a clip of its own."""
    order = (await _job(context, target, argument)).order
    lacks = order.seconds - order.window.seconds
    if not order.is_ahead:
        # It may lack some of its beginning, too, or have been asked for when less had been on air.
        # No clip of the past was wanted beyond the moment at which it was.
        lacks = min(lacks, (order.asked_at - order.window.ends_at).total_seconds())
    seconds = max(SHORTEST_CLIP_SECONDS, lacks)
    ends_at = order.window.ends_at + timedelta(seconds=seconds)
    await clip.run_fixed(context, request, target, order, seconds, ends_at)


@dataclass(frozen=True, slots=True)
class OwnClip:
    """`job` is the one whose button was pressed, `first` what was asked for, where `job` has cut
    that anew; else they are the same."""

    job: ClipJob
    first: ClipJob


async def own_clip(
    context: CommandContext, request: Request, target: Target, argument: str
) -> OwnClip:
    """The clip of a button, for who asked for it and for managers. Raises Refused."""
    job = await _job(context, target, argument)
    first = job
    if job.order.parent_id is not None:
        first = await _job(context, target, str(job.order.parent_id))
    is_own = first.order.person.id == request.caller.person.id
    if not is_own and not await request.caller.may_manage():
        raise Refused(texts.commands.may_not_touch_clip(request.address.platform))
    return OwnClip(job, first)


async def _job(context: CommandContext, target: Target, argument: str) -> ClipJob:
    if not argument.isdecimal() or not argument.isascii() or int(argument) > _LARGEST_ID:
        raise Refused(texts.commands.odd_button())
    async with context.store.read() as unit:
        job = await unit.jobs.get(int(argument))
    if job is None or job.order.place_id != target.place_id:
        raise Refused(texts.clips.no_such_clip())
    return job
