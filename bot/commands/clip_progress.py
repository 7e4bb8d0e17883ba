"""Shows how far a clip job is, by looking at its row. The clip itself comes as a delivery."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from bot import texts
from bot.clips import load_result
from bot.commands import formatting
from bot.commands.context import CommandContext
from bot.commands.ports import Reply
from bot.errors import MintcastError, StoreError
from bot.kit.notifier import heard, job_topic
from bot.kit.timing.clock import Clock
from bot.model import (
    Button,
    ClipJob,
    ClipStatus,
    Delivery,
    DeliveryState,
    JobState,
    Line,
    Message,
    MessageKind,
    Phase,
    Tone,
    Verb,
)
from bot.store import Unit

_log = logging.getLogger(__name__)

_BUSY = frozenset({JobState.QUEUED, JobState.RUNNING})
_ON_ITS_WAY = frozenset({DeliveryState.DUE, DeliveryState.CLAIMED, DeliveryState.SENDING})

_PATIENCE = timedelta(minutes=10)
"""A finished clip that has not arrived for so long is no longer waited for here."""


@dataclass(frozen=True, slots=True)
class JobSnapshot:
    """A job's row at one moment; `ahead` jobs of the queue are before it. `delivery` is that of its
    clip, once it is owed; `is_late`: it is not to be expected soon."""

    job: ClipJob
    ahead: int = 0
    delivery: Delivery | None = None
    is_late: bool = False

    @property
    def is_over(self) -> bool:
        """Nothing more will change that is shown here: who cancelled gets nothing any more,
        whatever becomes of a recording that others want, too."""
        is_busy = self.job.state in _BUSY or self.is_uploading
        return not is_busy or self.job.cancel_requested

    @property
    def is_on_its_way(self) -> bool:
        """The clip is there, and has not arrived."""
        is_owed = self.delivery is not None and self.delivery.state in _ON_ITS_WAY
        return is_owed and self.job.state is JobState.DONE

    @property
    def is_uploading(self) -> bool:
        """It arrives soon."""
        return self.is_on_its_way and not self.is_late


class ProgressFollower:
    """One job, and the answer under which it is shown. Its task ends with the job."""

    def __init__(self, context: CommandContext, reply: Reply, job_id: int, name: str) -> None:
        self._context = context
        self._reply = reply
        self._id = job_id
        self._name = name
        self._shown: Message | None = None

    async def begin(self) -> None:
        """Show it once, now; then go on in a task of its own. Raises MintcastError."""
        if not await self._show():
            self._context.tasks.start(self._run(), name=f"follow-clip-{self._id}")

    async def _run(self) -> None:
        with self._context.notifier.listening(job_topic(self._id)) as changed:
            is_over = False
            while not is_over:
                await self._context.clock.sleep(self._reply.pace)
                changed.clear()
                try:
                    is_over = await self._show()
                except StoreError as error:
                    _log.info("clip %d cannot be looked at: %s", self._id, error)
                except MintcastError as error:
                    _log.info("the progress of clip %d can no longer be shown: %s", self._id, error)
                    return
                if not is_over:
                    await self._wait(changed)

    async def _wait(self, changed: asyncio.Event) -> None:
        """For a hint; it may be missed, so not for ever."""
        await heard(changed, self._context.clock, self._context.limits.follow_seconds)

    async def _show(self) -> bool:
        """Show what has changed, if anything has; whether that was the last of it."""
        async with self._context.store.read() as unit:
            job = await unit.jobs.get(self._id)
            snapshot = (
                await _read_snapshot(unit, job, self._context.clock) if job is not None else None
            )
        if snapshot is None:
            return True
        message = compose(snapshot, self._name)
        if message != self._shown:
            await self._reply.show(message)
            self._shown = message
        return snapshot.is_over


async def _read_snapshot(unit: Unit, job: ClipJob, clock: Clock) -> JobSnapshot:
    target_id = job.order.target_id
    delivery = await unit.deliveries.find(target_id, f"clip:{job.id}")
    target = await unit.places.by_id(target_id)
    is_stopped = target is not None and target.disabled is not None
    is_old = job.finished_at is not None and clock.age(job.finished_at).most > _PATIENCE
    return JobSnapshot(job, await unit.jobs.ahead(job.id), delivery, is_late=is_stopped or is_old)


def compose(snapshot: JobSnapshot, name: str) -> Message:
    """What is to be read of a job now. `name` is the coin's, made harmless. Pure."""
    job = snapshot.job
    title = texts.clips.title(name, job.order.seconds)
    if snapshot.is_over:
        return _last(snapshot, title)
    if snapshot.is_uploading:
        return _uploading(title)
    return Message(
        kind=MessageKind.PROGRESS,
        title=title,
        lines=(formatting.line(formatting.bold(_now(snapshot))), *_promises(job)),
        buttons=((formatting.press(texts.commands.CANCEL, Verb.CANCEL_CLIP, str(job.id)),),),
        progress=_share(job),
    )


def _now(snapshot: JobSnapshot) -> str:
    job = snapshot.job
    if job.state is JobState.RUNNING:
        return texts.clips.phase(job.phase, job.done_seconds, job.order.seconds)
    return texts.clips.in_queue(snapshot.ahead)


def _promises(job: ClipJob) -> list[Line]:
    lines = [formatting.line(texts.clips.from_now_on(job.order.seconds))]
    if job.leader_id is not None:
        lines.append(formatting.line(texts.clips.shares_recording()))
    return lines


def _share(job: ClipJob) -> float:
    if job.phase == Phase.WRITING:
        return 1.0
    return max(0.0, min(1.0, job.done_seconds / job.order.seconds))


def _uploading(title: str) -> Message:
    line = formatting.line(formatting.bold(texts.clips.uploading()))
    return Message(kind=MessageKind.PROGRESS, title=title, lines=(line,), progress=1.0)


def _last(snapshot: JobSnapshot, title: str) -> Message:
    job = snapshot.job
    match JobState.CANCELLED if job.cancel_requested else job.state:
        case JobState.DONE:
            words, tone = _arrived(snapshot)
        case JobState.FAILED:
            words, tone = texts.clips.failed(), Tone.BAD
        case JobState.CANCELLED:
            words, tone = texts.clips.cancelled(), Tone.PLAIN
        case _:
            words, tone = texts.clips.gone(), Tone.PLAIN
    return Message(
        kind=MessageKind.PROGRESS,
        title=title,
        lines=(formatting.line(formatting.bold(words)),),
        tone=tone,
        buttons=formatting.rows(_after(job)),
    )


def _arrived(snapshot: JobSnapshot) -> tuple[str, Tone]:
    """What became of the finished clip."""
    state = snapshot.delivery.state if snapshot.delivery is not None else None
    if snapshot.is_on_its_way:
        return texts.clips.is_late(), Tone.PLAIN
    if state is DeliveryState.UNCERTAIN:
        return texts.clips.is_uncertain(), Tone.PLAIN
    if snapshot.delivery is not None and state is DeliveryState.DEAD:
        return texts.clips.not_posted(texts.alerts.why(snapshot.delivery.error)), Tone.BAD
    return (texts.clips.is_short() if _is_short(snapshot.job) else texts.clips.done()), Tone.GOOD


def _is_short(job: ClipJob) -> bool:
    try:
        return load_result(job.result or "").status is ClipStatus.PARTIAL
    except (KeyError, TypeError, ValueError):  # written by another version
        return False


def _after(job: ClipJob) -> list[Button]:
    if job.state is not JobState.CANCELLED and not job.cancel_requested:
        return []
    return [formatting.press(texts.commands.AGAIN, Verb.CLIP_AGAIN, str(job.id))]
