"""Buttons under a clip, and under its progress: cancel it, delete it, ask for it again.

A job's id is a small number that anybody can make up: it counts in its own place only, and for who
asked for it, or whoever may manage.
"""

from __future__ import annotations

from dataclasses import replace

from bot import texts
from bot.commands import formatting
from bot.commands.context import CommandContext
from bot.commands.handlers import clip
from bot.commands.ports import Request
from bot.errors import Refused
from bot.kit.notifier import DELIVERIES, JOBS, job_topic
from bot.model import ClipJob, JobState, Message, Priority, Target

_LARGEST_ID = (1 << 63) - 1


async def cancel(
    context: CommandContext, request: Request, target: Target, argument: str
) -> Message:
    """Through the row: whoever records looks at it."""
    job = await _own_job(context, request, target, argument)
    async with context.store.write() as unit:
        was_running = await unit.jobs.request_cancel(job.id)
    if not was_running:
        raise Refused(texts.clips.nothing_to_cancel())
    for topic in (job_topic(job.leader_id or job.id), job_topic(job.id), JOBS):
        context.notifier.notify(topic)
    return formatting.sentence(texts.clips.being_cancelled())


async def delete(
    context: CommandContext, request: Request, target: Target, argument: str
) -> Message:
    """The file goes now, its message with the next change of the delivery."""
    job = await _own_job(context, request, target, argument)
    was_there = await context.clips.delete(job.id)
    async with context.store.write() as unit:
        now = await unit.jobs.get(job.id)
        if now is None or now.state is not JobState.DELETED:
            raise Refused(texts.clips.nothing_to_delete())
        delivery = await unit.deliveries.find(job.order.target_id, f"clip:{job.id}")
        if delivery is not None:
            await unit.deliveries.raise_one(delivery.id, context.clock.now(), Priority.CHANGE)
    context.notifier.notify(DELIVERIES)
    return formatting.sentence(texts.clips.deleted() if was_there else texts.clips.deleted_before())


async def again(
    context: CommandContext, request: Request, target: Target, argument: str
) -> Message | None:
    """Anybody who may clip may ask for the same once more; it is a new request."""
    job = await _job(context, target, argument)
    words = (job.order.mint, f"{job.order.seconds:g}s")
    return await clip.run(context, replace(request, words=words), target)


async def _own_job(
    context: CommandContext, request: Request, target: Target, argument: str
) -> ClipJob:
    job = await _job(context, target, argument)
    is_own = job.order.person.id == request.caller.person.id
    if not is_own and not await request.caller.may_manage():
        raise Refused(texts.commands.may_not_touch_clip())
    return job


async def _job(context: CommandContext, target: Target, argument: str) -> ClipJob:
    if not argument.isdecimal() or not argument.isascii() or int(argument) > _LARGEST_ID:
        raise Refused(texts.commands.odd_button())
    async with context.store.read() as unit:
        job = await unit.jobs.get(int(argument))
    if job is None or job.order.place_id != target.place_id:
        raise Refused(texts.clips.no_such_clip())
    return job
