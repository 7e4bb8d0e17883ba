"""What is done again and again: one timer a job, no overlap, nothing missed twice.

APScheduler holds the timers and nothing else. Each run is a task of ours, because the
scheduler's own `shutdown(wait=True)` cancels the coroutines that it runs (3.11), in the middle of
whatever they write.

It also compares its appointments with the wall clock and arms its timer with the difference
(agronholm/apscheduler#351, #752), so that a clock that is set back stops everything. Here each
trigger counts its interval in monotonic seconds, and whenever the scheduler asks what is due, the
appointments are made anew from those, in terms of the time that it has just read.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.errors import MintcastError
from bot.kit.error_text import is_all, reason
from bot.kit.health import Health, Part
from bot.kit.tasks import awaited, cancel_and_wait, failure_of, spawn

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Job:
    name: str
    run: Callable[[], Awaitable[object]]
    part: Part
    task: asyncio.Task[object] | None = None
    again: bool = False
    """Its time came while it ran: it runs once more as soon as it is done."""


class _Interval(BaseTrigger):  # type: ignore[misc] # APScheduler has no types
    """Now, and then each `seconds`, give or take half of `jitter`."""

    def __init__(self, seconds: float, jitter: float) -> None:
        self._least = seconds - jitter / 2
        self._jitter = jitter
        self._due = time.monotonic()

    @property
    def left(self) -> float:
        """Seconds until it is due."""
        return self._due - time.monotonic()

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """By APScheduler's `now`. It is asked more than once after a run."""
        if previous is not None:
            pause = self._least + random.uniform(0, self._jitter)  # noqa: S311
            self._due = time.monotonic() + pause
        return now + timedelta(seconds=self.left)


class _Appointments(MemoryJobStore):  # type: ignore[misc]
    """As they stand by the wall clock that `now` was just read from."""

    def get_due_jobs(self, now: datetime) -> list[Any]:
        for job in self.get_all_jobs():
            job._modify(next_run_time=now + timedelta(seconds=job.trigger.left))
            self.update_job(job)
        due: list[Any] = super().get_due_jobs(now)
        return due


class _Scheduler(AsyncIOScheduler):  # type: ignore[misc]
    """Its timer rings when the first interval is over."""

    def _process_jobs(self) -> float | None:
        super()._process_jobs()
        return min((job.trigger.left for job in self.get_jobs()), default=None)


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
        self._scheduler = _Scheduler(timezone=UTC, jobstores={"default": _Appointments()})

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
            _Interval(seconds, jitter),
            id=name,
            name=name,
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
            for task in late:
                _log.warning("%s is still running, and is cancelled", task.get_name())
        finally:
            await cancel_and_wait(*running)

    def _begin(self, job: _Job) -> None:
        if self._stopping:
            return
        if job.task is not None:
            job.again = True
            return
        job.task = spawn(awaited(job.run()), job.name)
        job.task.add_done_callback(lambda task: self._ended(job, task))

    def _ended(self, job: _Job, task: asyncio.Task[object]) -> None:
        job.task = None
        error = failure_of(task)
        if error is not None or not task.cancelled():
            _judge(job, error)
        if job.again:
            job.again = False
            self._begin(job)


def _judge(job: _Job, error: BaseException | None) -> None:
    if error is None:
        job.part.good()
        return
    words = reason(error)
    if not is_all(error, (MintcastError,)) and (job.part.ok or job.part.detail != words):
        _log.error("%s met a mistake of ours", job.name, exc_info=error)
    job.part.bad(words)
