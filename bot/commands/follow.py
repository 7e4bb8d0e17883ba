"""Shows how far a clip job is, by looking at its row. The clip itself comes as a delivery."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from bot.clips import load_result
from bot.commands import writing
from bot.commands.ports import Reply
from bot.commands.tools import Tools
from bot.errors import MintcastError, StoreError
from bot.kit.wake import heard, job_topic
from bot.model import (
    Button,
    ClipJob,
    ClipStatus,
    JobState,
    Line,
    Message,
    MessageKind,
    Phase,
    Tone,
    Verb,
)
from bot.texts import asking
from bot.texts import commands as said

_log = logging.getLogger(__name__)

_BUSY = frozenset({JobState.QUEUED, JobState.RUNNING})


@dataclass(frozen=True, slots=True)
class Look:
    """A job's row at one moment; `ahead` jobs of the queue are before it."""

    job: ClipJob
    ahead: int = 0

    @property
    def is_over(self) -> bool:
        """Nothing more will change that is shown here: who cancelled gets nothing any more,
        whatever becomes of a recording that others want, too."""
        return self.job.state not in _BUSY or self.job.cancel_requested


class Follow:
    """One job, and the answer under which it is shown. Its task ends with the job."""

    def __init__(self, tools: Tools, reply: Reply, job_id: int, name: str) -> None:
        self._tools = tools
        self._reply = reply
        self._id = job_id
        self._name = name
        self._shown: Message | None = None

    async def begin(self) -> None:
        """Show it once, now; then go on in a task of its own. Raises MintcastError."""
        if not await self._show():
            self._tools.tasks.start(self._run(), name=f"follow-clip-{self._id}")

    async def _run(self) -> None:
        with self._tools.wake.listening(job_topic(self._id)) as changed:
            is_over = False
            while not is_over:
                await self._tools.clock.sleep(self._reply.pace)
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
        await heard(changed, self._tools.clock, self._tools.limits.follow_seconds)

    async def _show(self) -> bool:
        """Show what has changed, if anything has; whether that was the last of it."""
        async with self._tools.store.read() as unit:
            job = await unit.jobs.get(self._id)
            ahead = await unit.jobs.ahead(self._id)
        if job is None:
            return True
        look = Look(job, ahead)
        message = compose(look, self._name)
        if message != self._shown:
            await self._reply.show(message)
            self._shown = message
        return look.is_over


def compose(look: Look, name: str) -> Message:
    """What is to be read of a job now. `name` is the coin's, made harmless. Pure."""
    job = look.job
    title = asking.clip_title(name, job.order.seconds)
    if look.is_over:
        return _last(job, title)
    return Message(
        kind=MessageKind.PROGRESS,
        title=title,
        lines=(writing.line(writing.bold(_now(look))), *_promises(job)),
        buttons=((writing.press(said.CANCEL, Verb.CANCEL_CLIP, str(job.id)),),),
        progress=_share(job),
    )


def _now(look: Look) -> str:
    job = look.job
    if job.state is JobState.RUNNING:
        return asking.clip_phase(job.phase, job.done_seconds, job.order.seconds)
    return asking.in_queue(look.ahead)


def _promises(job: ClipJob) -> list[Line]:
    lines = [writing.line(asking.from_now_on(job.order.seconds))]
    if job.order.ago:
        lines.append(writing.line(asking.not_at_hand(job.order.ago)))
    if job.leader_id is not None:
        lines.append(writing.line(asking.shares_recording()))
    return lines


def _share(job: ClipJob) -> float:
    if job.phase == Phase.WRITING:
        return 1.0
    return max(0.0, min(1.0, job.done_seconds / job.order.seconds))


def _last(job: ClipJob, title: str) -> Message:
    match JobState.CANCELLED if job.cancel_requested else job.state:
        case JobState.DONE if _is_short(job):
            words, tone = asking.clip_is_short(), Tone.GOOD
        case JobState.DONE:
            words, tone = asking.clip_done(), Tone.GOOD
        case JobState.FAILED:
            words, tone = asking.clip_failed(), Tone.BAD
        case JobState.CANCELLED:
            words, tone = asking.clip_cancelled(), Tone.PLAIN
        case _:
            words, tone = asking.clip_gone(), Tone.PLAIN
    return Message(
        kind=MessageKind.PROGRESS,
        title=title,
        lines=(writing.line(writing.bold(words)),),
        tone=tone,
        buttons=writing.rows(_after(job)),
    )


def _is_short(job: ClipJob) -> bool:
    try:
        return load_result(job.result or "").status is ClipStatus.PARTIAL
    except (KeyError, TypeError, ValueError):  # written by another version
        return False


def _after(job: ClipJob) -> list[Button]:
    if job.state is not JobState.CANCELLED and not job.cancel_requested:
        return []
    return [writing.press(said.AGAIN, Verb.CLIP_AGAIN, str(job.id))]
