"""One claimed clip job: from its claim to the rows that say what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bot import texts
from bot.clips.results import dump_result, error_code
from bot.errors import PumpfunError, StoreError
from bot.kit.error_text import reason
from bot.kit.files import poster_of
from bot.kit.notifier import DELIVERIES, JOBS, job_topic
from bot.kit.tasks import background
from bot.model import (
    ClipFailure,
    ClipJob,
    ClipNote,
    ClipProgress,
    ClipRequest,
    ClipResult,
    ClipStatus,
    JobFault,
    JobState,
    Observation,
    Offline,
    Phase,
    Reason,
    Unknown,
)

if TYPE_CHECKING:
    from bot.clips.retention import ClipRetention
    from bot.clips.workers.capture_client import OnProgress
    from bot.kit.files import Files
    from bot.kit.health import Part
    from bot.kit.metrics import Metrics
    from bot.kit.notifier import Notifier
    from bot.kit.timing.clock import Clock
    from bot.store import Store, Unit

_log = logging.getLogger(__name__)

_PROGRESS_SECONDS = 1.0
_RETRY_SECONDS = 2.0


class Site(Protocol):
    """Who says whether a coin is on air."""

    async def livestream(self, mint: str) -> Observation: ...


class ClipSource(Protocol):
    """Who makes clips: `CapturePool`, or what a test puts in its place. May raise PumpfunError."""

    async def record(
        self,
        request: ClipRequest,
        on_progress: OnProgress = ...,
        finish: asyncio.Event | None = None,
    ) -> ClipResult: ...


@dataclass(frozen=True, slots=True)
class ClipContext:
    """What every job is run with. `part` is that of the service's health."""

    store: Store
    source: ClipSource
    site: Site
    files: Files
    clip_retention: ClipRetention
    clock: Clock
    notifier: Notifier
    part: Part
    metrics: Metrics
    max_height: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended, for all who share it and did not cancel: `error` is a code or None."""

    state: JobState
    error: str | None = None
    result: ClipResult | None = None
    file_key: str | None = None
    expires_at: datetime | None = None


def failure(cause: ClipFailure | JobFault | Reason, result: ClipResult | None = None) -> Outcome:
    """There is no clip."""
    return Outcome(JobState.FAILED, error_code(cause), result)


async def finish(unit: Unit, job: ClipJob, outcome: Outcome, now: datetime) -> tuple[ClipJob, ...]:
    """Write it, and owe everybody an answer who did not cancel; the rows that ended by it."""
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
        if one.state is not JobState.CANCELLED:
            await unit.deliveries.owe_clip(
                one.id, one.order.target_id, now, reply_to=one.order.reply_to
            )
    return ended


def notify_all(notifier: Notifier, jobs: Iterable[ClipJob]) -> None:
    """After the commit: whoever shows these jobs is to look."""
    for job in jobs:
        notifier.notify(job_topic(job.id))


class ClipJobRunner:
    """Records for `job` and for all that share its window; who cancelled is left out of it.

    It alone writes the rows of a claimed job, but for `cancel_requested`, which anybody may set.
    `name` is for the file, and an attacker's text.
    """

    def __init__(self, job: ClipJob, name: str, context: ClipContext) -> None:
        self._job = job
        self._context = context
        self._key = context.files.new_key(name, "mp4")
        self._finish = asyncio.Event()
        self._news = asyncio.Event()
        self._unsaved: ClipProgress | None = None
        self._last_progress: tuple[Phase | None, float] = (None, 0.0)
        self.notes: tuple[ClipNote, ...] = ()
        """What came with the clip, once it is made."""

    def stop(self) -> None:
        """End it soon, with what there is."""
        self._finish.set()

    async def run(self) -> None:
        """To the end: the rows say how it went, or there was nobody left who wanted it.

        Where it is stopped or cancelled with nothing to keep, the rows wait for `recover`.
        """
        with self._context.notifier.listening(job_topic(self._job.id)) as self._news:
            self._on_progress(ClipProgress(Phase.ASKING))
            outcome = await self._make_while_wanted()
        if outcome is None or self._is_for_later(outcome):
            await self._remove_file()
        else:
            await self._surely_finish(outcome)

    async def _make_while_wanted(self) -> Outcome | None:
        if not await self._save_progress():
            return None
        async with background(self._make(), f"clip-{self._job.id}-making") as making:
            making.add_done_callback(lambda _: self._news.set())
            while not making.done():
                await self._news.wait()
                self._news.clear()
                if not making.done() and not await self._save_progress():
                    return None
            return making.result()

    def _is_for_later(self, outcome: Outcome) -> bool:
        nothing = outcome.error == ClipFailure.STOPPED.value
        return nothing and self._finish.is_set()

    async def _make(self) -> Outcome:
        order = self._job.order
        refused = await self._refusal()
        if refused is not None:
            return refused
        if self._finish.is_set():
            return failure(ClipFailure.STOPPED)
        request = ClipRequest(
            mint=order.mint,
            seconds=order.window.seconds,
            path=self._context.files.path(self._key),
            max_bytes=order.max_bytes,
            max_height=self._context.max_height,
            poster=self._context.files.path(poster_of(self._key)),
        )
        try:
            result = await self._context.source.record(request, self._on_progress, self._finish)
        except PumpfunError as error:
            return failure(error.reason)
        if result.failure is not None:
            return failure(result.failure, result)
        self._keep_notes(result)
        expires_at = self._context.clock.now() + self._context.clip_retention.rules.keep
        return Outcome(JobState.DONE, None, result, self._key, expires_at)

    def _keep_notes(self, result: ClipResult) -> None:
        """A chat is told only what its viewers may notice, and no numbers."""
        self.notes = result.notes
        told = [texts.recording.clip_note(note) for note in result.notes]
        if result.status is ClipStatus.PARTIAL:
            why = result.end.value if result.end is not None else "for no known reason"
            told.insert(0, f"{result.seconds:g} of {self._job.order.window.seconds:g} s, {why}")
        if told:
            _log.info("clip %d is made: %s", self._job.id, "; ".join(told))

    async def _refusal(self) -> Outcome | None:
        """Why no process is to be started for it; else there is room for the file."""
        observation = await self._context.site.livestream(self._job.order.mint)
        if isinstance(observation, Offline):
            return failure(JobFault.OFFLINE)
        if isinstance(observation, Unknown):
            return failure(observation.reason)
        try:
            # Twice: where a clip turns out too large, its second encode lies beside the first.
            has_room = await self._context.clip_retention.make_room(2 * self._job.order.max_bytes)
        except OSError:
            return failure(ClipFailure.NOT_WRITABLE)
        return None if has_room else failure(ClipFailure.DISK_FULL)

    def _on_progress(self, progress: ClipProgress) -> None:
        """A change of phase is saved at once, the rest once a second."""
        phase, at = self._last_progress
        now = self._context.clock.monotonic()
        if progress.phase is not phase or now - at >= _PROGRESS_SECONDS:
            self._last_progress = (progress.phase, now)
            self._unsaved = progress
            self._news.set()

    async def _save_progress(self) -> bool:
        """Write it to the rows. False: all have cancelled, and their rows say so now."""
        progress, self._unsaved = self._unsaved, None
        try:
            async with self._context.store.write() as unit:
                if progress is not None:
                    await unit.jobs.progress(self._job, progress.phase.value, progress.done_seconds)
                sharing = await unit.jobs.sharers(self._job.id)
                wanted = any(not job.cancel_requested for job in sharing)
                if not wanted:
                    sharing = await finish(unit, self._job, _CANCELLED, self._context.clock.now())
        except StoreError as error:
            self._report_store_failure(error)
            return True
        if progress is not None or not wanted:
            notify_all(self._context.notifier, sharing)
        if not wanted and sharing:
            self._count("cancelled")
        return wanted

    async def _surely_finish(self, outcome: Outcome) -> None:
        while True:
            try:
                async with self._context.store.write() as unit:
                    ended = await finish(unit, self._job, outcome, self._context.clock.now())
                break
            except StoreError as error:
                self._report_store_failure(error)
                await self._context.clock.sleep(_RETRY_SECONDS)
        notify_all(self._context.notifier, ended)
        self._context.notifier.notify(DELIVERIES)
        if ended:
            self._count(outcome.result.status if outcome.result else ClipStatus.FAILED)
        if outcome.file_key and not any(job.file_key == outcome.file_key for job in ended):
            await self._remove_file()

    def _report_store_failure(self, error: StoreError) -> None:
        self._context.part.bad(reason(error))
        self._context.notifier.notify(JOBS)  # `ClipService` looks until it works, and says so

    def _count(self, outcome: str) -> None:
        self._context.metrics.clips.labels(outcome).inc()

    async def _remove_file(self) -> None:
        try:
            await self._context.files.delete(self._key)
        except OSError as error:  # it is a stray now: `ClipRetention.tidy` tries again
            _log.warning("a clip that nobody wants stays for now: %s", error.strerror)


_CANCELLED = Outcome(JobState.CANCELLED)
