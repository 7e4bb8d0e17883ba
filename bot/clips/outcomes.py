"""What comes of a clip job: the rows that end by it, and what they owe."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.clips.results import dump_result, error_code
from bot.kit.notifier import job_topic
from bot.model import (
    ClipFailure,
    ClipJob,
    ClipResult,
    ClipStatus,
    JobFault,
    JobState,
    Priority,
    Reason,
    Window,
)

if TYPE_CHECKING:
    from bot.clips.padding import PaddedClipPlan
    from bot.kit.metrics import Metrics
    from bot.kit.notifier import Notifier
    from bot.store import Unit


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended, for all who share it and did not cancel: `error` is a code or None, `shows`
    what of the stream its clip shows, where that is known, `padded_clip` what is going to lie
    beside it."""

    state: JobState
    error: str | None = None
    result: ClipResult | None = None
    file_key: str | None = None
    expires_at: datetime | None = None
    shows: Window | None = None
    padded_clip: PaddedClipPlan | None = None


def failure(cause: ClipFailure | JobFault | Reason, result: ClipResult | None = None) -> Outcome:
    """There is no clip."""
    return Outcome(JobState.FAILED, error_code(cause), result)


async def finish(unit: Unit, job: ClipJob, outcome: Outcome, now: datetime) -> tuple[ClipJob, ...]:
    """Write it, and owe everybody an answer who did not cancel; the rows that ended by it. One that
    was cut anew takes the place of the first, or leaves that where it is."""
    if outcome.shows is not None:
        await unit.jobs.note_window(job, outcome.shows)
    ended = await unit.jobs.finish(
        job,
        outcome.state,
        result=dump_result(outcome.result) if outcome.result else None,
        error=outcome.error,
        file_key=outcome.file_key,
        expires_at=outcome.expires_at,
        now=now,
    )
    for one in ended:
        await _tell(unit, one, now)
    done = [one.id for one in ended if one.state is JobState.DONE]
    if outcome.padded_clip is not None and done:
        await unit.jobs.order_padded_clip(
            outcome.padded_clip.key, outcome.padded_clip.mint, done, now
        )
    return ended


async def _tell(unit: Unit, job: ClipJob, now: datetime) -> None:
    if job.order.parent_id is None and job.state is not JobState.CANCELLED:
        await unit.deliveries.owe_clip(
            job.id, job.order.target_id, now, reply_to=job.order.reply_to
        )
    elif job.state is JobState.DONE:
        await unit.deliveries.raise_clip(job, now, Priority.CLIP)


def count(metrics: Metrics, outcome: Outcome, ended: Collection[ClipJob]) -> None:
    """After the commit: one clip, however many share it; none where another has claimed it since,
    or the answer to the commit was lost. Where all had cancelled by then, that is what became of
    it."""
    if not ended:
        return
    status = outcome.result.status if outcome.result is not None else ClipStatus.FAILED
    is_cancelled = all(job.state is JobState.CANCELLED for job in ended)
    metrics.clips.labels(JobState.CANCELLED if is_cancelled else status).inc()


def notify_all(notifier: Notifier, jobs: Iterable[ClipJob]) -> None:
    """After the commit: whoever shows these jobs is to look."""
    for job in jobs:
        notifier.notify(job_topic(job.id))


CANCELLED = Outcome(JobState.CANCELLED)
INTERRUPTED = failure(JobFault.INTERRUPTED)
