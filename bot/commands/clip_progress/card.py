"""The card that says how far a clip is, in one line. Pure.

Its clip, or the reason why there is none, comes as a delivery, and then the card goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from bot import texts
from bot.commands import formatting
from bot.model import (
    Button,
    ClipJob,
    Delivery,
    DeliveryState,
    JobState,
    Line,
    Message,
    MessageKind,
    Phase,
    Span,
    TimeStyle,
    Tone,
    Verb,
)

_BUSY = frozenset({JobState.QUEUED, JobState.RUNNING})
_MADE = frozenset({JobState.DONE, JobState.FAILED})
_ON_ITS_WAY = frozenset({DeliveryState.DUE, DeliveryState.CLAIMED, DeliveryState.SENDING})
_RECORDING = frozenset({Phase.RECORDING.value, Phase.RECONNECTING.value, Phase.WRITING.value})

_EARLY = frozenset({None, Phase.ASKING.value})
"""Nothing is known yet but what was offered."""

_LOOKING = frozenset({Phase.WAITING.value, Phase.SETTLING.value})

_BEFORE_SECONDS = 6.0
"""For joining a stream."""

_WAIT_SECONDS = 3.0
"""Less is no wait that anybody has to be told of."""

_CUT_SECONDS = 2.0
"""For fetching, cutting and uploading what the site has recorded."""

_AFTER_SECONDS = 4.0
"""For saving a clip and uploading it, and for cutting one of what is at hand."""


class Stage(IntEnum):
    """How far it is, as far as nobody wants to wait for the news of it."""

    WAITING = 0
    RECORDING = 1
    OVER = 2


@dataclass(frozen=True, slots=True)
class JobSnapshot:
    """A job's row at one moment; `ahead` jobs of the queue are before it. `is_held`: it is next,
    and waits until another one is recorded. `delivery` is what it owes, once it does; `is_late`:
    that is not to be expected soon. `wait` is in how many seconds it was to be had when it was
    asked for."""

    job: ClipJob
    ahead: int = 0
    is_held: bool = False
    delivery: Delivery | None = None
    is_late: bool = False
    wait: float = 0.0

    @property
    def is_catching_up(self) -> bool:
        """The site's recording does not show its end yet."""
        if self.job.phase in _EARLY:
            return self.wait > _WAIT_SECONDS
        return self.job.phase == Phase.CATCHING_UP

    @property
    def has_arrived(self) -> bool:
        """The clip, or why there is none, is there to be read."""
        if self.delivery is None or self.job.cancel_requested:
            return False
        return self.delivery.shown > 0 or self.delivery.state is DeliveryState.SENT

    @property
    def is_queued(self) -> bool:
        """Others come first."""
        return self.ahead > 0 or self.is_held

    @property
    def is_on_its_way(self) -> bool:
        """It is made, and has not arrived."""
        is_owed = self.delivery is not None and self.delivery.state in _ON_ITS_WAY
        return is_owed and self.job.state in _MADE

    @property
    def is_to_come(self) -> bool:
        """It is made, and will be there soon."""
        return self.is_on_its_way and not self.is_late

    @property
    def stage(self) -> Stage:
        """Who cancelled gets nothing any more, whatever becomes of a capture that others want,
        too."""
        job = self.job
        if job.cancel_requested or self.has_arrived:
            return Stage.OVER
        if job.state in _BUSY:
            is_begun = job.state is JobState.RUNNING and job.phase in _RECORDING
            return Stage.RECORDING if is_begun else Stage.WAITING
        return Stage.RECORDING if self.is_to_come else Stage.OVER


def expected(snapshot: JobSnapshot, now: datetime) -> datetime:
    """When the clip is about to be there, if all goes well."""
    order, left = snapshot.job.order, _AFTER_SECONDS
    if order.is_ahead:
        left += max(0.0, order.window.seconds - snapshot.job.done_seconds)
        left += _BEFORE_SECONDS if snapshot.stage is Stage.WAITING else 0.0
    elif snapshot.is_catching_up:
        left = _CUT_SECONDS + _behind(snapshot)
    return now + timedelta(seconds=left)


def _behind(snapshot: JobSnapshot) -> float:
    """Seconds until the recording shows its end."""
    job = snapshot.job
    if job.phase in _EARLY:
        return snapshot.wait
    return max(0.0, job.order.window.seconds - job.done_seconds)


def compose(snapshot: JobSnapshot, name: str, ready_at: datetime) -> Message:
    """What is to be read of a job now. `name` is the coin's, made harmless."""
    job = snapshot.job
    if snapshot.stage is Stage.OVER:
        words, tone = _last(snapshot)
        buttons = () if snapshot.is_on_its_way else ((_again(job),),)
        return Message(MessageKind.PROGRESS, lines=((Span(words),),), tone=tone, buttons=buttons)
    is_busy = job.state in _BUSY
    return Message(
        kind=MessageKind.PROGRESS,
        lines=((Span(name, bold=True), Span(texts.clips.APART), *_now(snapshot, ready_at)),),
        buttons=((_cancel(job),),) if is_busy else (),
        progress=_share(job) if is_busy else 1.0,
    )


def _now(snapshot: JobSnapshot, ready_at: datetime) -> Line:
    job = snapshot.job
    if job.state not in _BUSY:
        done = job.state is JobState.DONE
        return (Span(texts.clips.UPLOADING if done else texts.clips.FAILED),)
    if snapshot.stage is Stage.RECORDING:
        words = texts.clips.recorded(job.phase, job.done_seconds, job.order.window.seconds)
        return (Span(words), Span(texts.clips.READY_ABOUT), _time(ready_at))
    if job.phase in _LOOKING:
        return (Span(texts.clips.WAITING_FOR_VIDEO),)
    if snapshot.is_queued:
        return (Span(texts.clips.in_queue(snapshot.ahead)),)
    if snapshot.is_catching_up:
        away = _away(ready_at, _CUT_SECONDS + _behind(snapshot))
        return (Span(texts.clips.RECORDING_BEHIND), Span(texts.clips.READY_SOON), away)
    if not job.order.is_ahead:
        return (Span(texts.clips.READY), _away(ready_at, _AFTER_SECONDS))
    seconds = job.order.window.seconds
    return (
        Span(texts.clips.next_seconds(seconds)),
        Span(texts.clips.READY_SOON),
        _away(ready_at, seconds + _BEFORE_SECONDS + _AFTER_SECONDS),
    )


def _time(at: datetime) -> Span:
    return Span(texts.units.time_of_day(at), at=at, style=TimeStyle.SECOND)


def _away(at: datetime, seconds: float) -> Span:
    return Span(texts.clips.in_about(seconds), at=at, style=TimeStyle.AWAY)


def _share(job: ClipJob) -> float:
    if job.phase == Phase.WRITING:
        return 1.0
    return max(0.0, min(1.0, job.done_seconds / job.order.window.seconds))


def _last(snapshot: JobSnapshot) -> tuple[str, Tone]:
    """What stays to be read, since no delivery says it."""
    job, delivery = snapshot.job, snapshot.delivery
    if job.cancel_requested or job.state is JobState.CANCELLED:
        return texts.clips.cancelled(), Tone.PLAIN
    if snapshot.is_on_its_way:
        return texts.clips.is_late(has_failed=job.state is JobState.FAILED), Tone.PLAIN
    if job.state is JobState.FAILED:
        return texts.clips.why_no_clip(job.error), Tone.BAD
    if job.state is JobState.DONE and delivery is not None:
        if delivery.state is DeliveryState.UNCERTAIN:
            return texts.clips.is_uncertain(), Tone.PLAIN
        return texts.clips.not_posted(texts.alerts.why(delivery.error)), Tone.BAD
    return texts.clips.gone(), Tone.PLAIN


def finished() -> Message:
    """In place of a card that cannot be removed, when all is there to be read."""
    return Message(MessageKind.PROGRESS, lines=((Span(texts.clips.DONE),),))


def _cancel(job: ClipJob) -> Button:
    return formatting.press(texts.commands.CANCEL, Verb.CANCEL_CLIP, str(job.id))


def _again(job: ClipJob) -> Button:
    return formatting.press(texts.commands.AGAIN, Verb.CLIP_AGAIN, str(job.id))
