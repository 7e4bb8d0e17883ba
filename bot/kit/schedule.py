"""What is done again and again: one timer a job, no overlap, nothing missed twice.

APScheduler holds the timers and nothing else. Each run is a task of ours, because the
scheduler's own `shutdown(wait=True)` cancels the coroutines that it runs (3.11), in the middle of
whatever they write.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.errors import MintcastError
from bot.kit.health import Health, Part
from bot.kit.reasons import is_all, reason

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Job:
    name: str
    run: Callable[[], Awaitable[object]]
    part: Part
    task: asyncio.Task[object] | None = None
    again: bool = False
    """Its time came while it ran: it runs once more as soon as it is done."""


class Schedule:
    """`async with Schedule(health) as schedule: schedule.every(…)`.

    Leaving it stops the timers first, waits up to `patience` seconds for what runs, and cancels
    what is still running then. A run that fails is noted in the health part of its job's name and
    logged at the edge; the next one comes all the same.
    """

    def __init__(self, health: Health, *, patience: float = 5.0) -> None:
        self._health = health
        self._patience = patience
        self._jobs: list[_Job] = []
        self._stopping = False
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    async def __aenter__(self) -> Self:
        self._scheduler.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def every(
        self,
        seconds: float,
        name: str,
        run: Callable[[], Awaitable[object]],
        *,
        jitter: float = 0.0,
    ) -> None:
        """Run it now, and then each `seconds`, give or take half of `jitter` (seconds).

        A run that takes longer than that is followed at once by the next, by one only.
        """
        job = _Job(name, run, self._health.part(name))
        self._jobs.append(job)

        async def fire() -> None:
            self._begin(job)

        self._scheduler.add_job(
            fire,
            # The trigger adds its jitter to each interval, so that it would drift.
            IntervalTrigger(seconds=seconds - jitter / 2, timezone=UTC, jitter=jitter or None),
            id=name,
            name=name,
            next_run_time=datetime.now(UTC),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    async def stop(self) -> None:
        """Idempotent. Afterwards nothing of it runs."""
        self._stopping = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
            await asyncio.sleep(0)  # it does so in the loop's next round
        if not (running := {job.task for job in self._jobs if job.task is not None}):
            return
        try:
            _, late = await asyncio.wait(running, timeout=self._patience)
        except asyncio.CancelledError:  # nobody waits for them any more
            for task in running:
                task.cancel()
            raise
        for task in late:
            _log.warning("%s is still running, and is cancelled", task.get_name())
            task.cancel()
        if late:
            await asyncio.wait(late)

    def _begin(self, job: _Job) -> None:
        if self._stopping:
            return
        if job.task is not None:
            job.again = True
            return
        job.task = asyncio.create_task(_done(job.run()), name=job.name)
        job.task.add_done_callback(lambda task: self._ended(job, task))

    def _ended(self, job: _Job, task: asyncio.Task[object]) -> None:
        job.task = None
        if not task.cancelled():
            _judge(job, task.exception())
        if job.again:
            job.again = False
            self._begin(job)


async def _done(work: Awaitable[object]) -> object:
    return await work


def _judge(job: _Job, error: BaseException | None) -> None:
    if error is None:
        job.part.good()
        return
    if not is_all(error, (MintcastError,)) and job.part.ok:
        _log.error("%s met a mistake of ours", job.name, exc_info=error)
    job.part.bad(reason(error))
