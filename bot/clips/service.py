"""The clip service: claims jobs, runs so many at once, and owes each its answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot import texts
from bot.clips.job_context import ClipContext, Site
from bot.clips.job_runner import MOMENT_SECONDS, ClipJobRunner
from bot.clips.outcomes import INTERRUPTED, count, finish, notify_all
from bot.errors import StoreError
from bot.kit.error_text import reason
from bot.kit.notifier import DELIVERIES, JOBS, heard
from bot.kit.tasks import cancel_and_wait, failure_of, spawn, within
from bot.model import RECUT_STEP, ClipJob

if TYPE_CHECKING:
    from bot.clips.padding import PaddedClipKeeper
    from bot.clips.retention import ClipRetention
    from bot.clips.sources import ClipSources
    from bot.kit.files import Files
    from bot.kit.health import Health
    from bot.kit.metrics import Metrics
    from bot.kit.notifier import Notifier
    from bot.kit.timing.clock import Clock
    from bot.store import Store, Unit

_log = logging.getLogger(__name__)

_STOP_SECONDS = 4.0
_RETRY_SECONDS = 2.0
_LOOK_SECONDS = 30.0
"""A hint may be missed, so the rows are looked at now and then without one."""
_UNSTEADY_SECONDS = 1.0
"""So often is looked whether a ring whose term is over is its node's no more."""
_ROOM_SECONDS = 15.0
"""A look may take so long on a busy machine before it counts as hung."""

_CUTS_AT_ONCE = 8
"""What is at hand is cut in a moment, and holds up nobody who records. One that takes longer, since
it is encoded a second time, is not counted: these wait for one another."""

_SLOW_CUTS_AT_ONCE = 24
"""Those included that take longer, or wait for the site's recording to catch up."""

_RERUN = timedelta(minutes=5)
"""A capture that a crash ended begins anew if it was asked for so recently: it shows what
happens now, and not what somebody saw then."""

_QUEUED = timedelta(minutes=15)
"""The same for one that had not begun when the service was stopped: a long queue takes so long by
itself."""


class ClipService:
    """Call `recover` once, then `run` for as long as the service lives. `is_steady`: whether a
    node is gone, and a ring its node's no more, whose term is over (`bot.kit.leadership`)."""

    def __init__(
        self,
        *,
        store: Store,
        sources: ClipSources,
        site: Site,
        files: Files,
        clip_retention: ClipRetention,
        padded_clips: PaddedClipKeeper,
        clock: Clock,
        notifier: Notifier,
        health: Health,
        metrics: Metrics,
        worker_id: str,
        concurrent: int,
        max_height: int,
        is_steady: Callable[[], bool],
    ) -> None:
        self._context = ClipContext(
            store=store,
            sources=sources,
            site=site,
            files=files,
            clip_retention=clip_retention,
            padded_clips=padded_clips,
            clock=clock,
            notifier=notifier,
            part=health.part("clips"),
            metrics=metrics,
            max_height=max_height,
        )
        self._loop = health.part("clip service", vital=True)
        self._loop.expect(_LOOK_SECONDS + _ROOM_SECONDS, texts.health.silent("clip service"))
        self._worker_id = worker_id
        self._is_steady = is_steady
        self._concurrent = concurrent
        # One person can be anonymous in many groups: one capture is for those with a name.
        self._most_unnamed = max(1, concurrent - 1)
        self._running: dict[asyncio.Task[None], ClipJobRunner] = {}
        self._has_doubts = False
        """Whether a claim may have been saved of which we know nothing."""
        self._losses = ""
        """What the last clip lacks."""

    async def recover(self) -> None:
        """Take over what an earlier run left: young jobs wait again, old ones have failed. For a
        service that is alone."""
        await self._recover_jobs(has_stood_still=True)
        await self._context.padded_clips.recover()

    async def _recover_jobs(self, *, has_stood_still: bool) -> None:
        """Those that were begun; also those that waited, where their queue `has_stood_still`. Terms
        are judged only when it is our turn to write, which may have been long in coming."""
        clock, now = self._context.clock, self._context.clock.now()
        async with self._context.store.write() as unit:
            lost = await unit.jobs.recover(self._worker_id, now, by_term=self._is_steady())
            begun = {job.id for job in lost}
            given_up: list[tuple[ClipJob, ...]] = []
            for job in await unit.jobs.queued():
                was_begun = job.id in begun
                is_old = clock.age(job.order.asked_at).least > (_RERUN if was_begun else _QUEUED)
                if is_old and (was_begun or has_stood_still):
                    given_up.append(await finish(unit, job, INTERRUPTED, now))
        for ended in given_up:
            notify_all(self._context.notifier, ended)
            count(self._context.metrics, INTERRUPTED, ended)
        self._context.notifier.notify(DELIVERIES)
        if begun or given_up:
            lost_jobs = sum(map(len, given_up))
            _log.info("%d clips were under way, %d jobs are given up", len(begun), lost_jobs)

    async def recover_lost(self) -> None:
        """The same for what nodes of the cluster had begun that are gone: that have left, or whose
        term is over, once that may be believed. Who waits is served by the others. Call it
        often."""
        async with self._context.store.read() as unit:
            has_lost = await unit.jobs.has_lost(self._worker_id, by_term=self._is_steady())
        if has_lost:
            await self._recover_jobs(has_stood_still=False)
            self._context.notifier.notify(JOBS)

    async def run(self) -> None:
        """Until cancelled; then what is being recorded is cut short, and kept."""
        try:
            with self._context.notifier.listening(JOBS) as hint:
                while True:
                    hint.clear()
                    self._reap()
                    await heard(hint, self._context.clock, await self._fill())
        finally:
            await self._wind_down()

    def _reap(self) -> None:
        """Whoever broke off, by a defect or with what it waited for, disturbs no other."""
        for task in [task for task in self._running if task.done()]:
            runner = self._running.pop(task)
            error = failure_of(task)
            if error is None and not task.cancelled():
                self._losses = texts.clip_results.losses(runner.notes)
                continue
            _log.error("a clip broke off", exc_info=error)
            if not runner.has_given_up:
                self._start(runner, runner.give_up())

    async def _fill(self) -> float:
        """Start what may be started. For so many seconds there is nothing more to start, unless
        that is told."""
        try:
            await self._give_back_doubted()
            while await self._start_next():
                pass
            async with self._context.store.read() as unit:
                waiting = await unit.jobs.waiting()
                waits = [self._wait(job) for job in await self._queued_recuts(unit)]
                waits += await self._waits_for_rings(unit) if waiting else ()
        except StoreError as error:
            self._has_doubts |= error.in_doubt
            self._context.part.bad(reason(error))
            return _RETRY_SECONDS
        self._loop.good()
        if fault := self._context.sharing.fault(self._context.clock.monotonic()):
            self._context.part.bad(fault)
        else:
            self._context.part.good(texts.health.at_work(len(self._running), waiting, self._losses))
        slow = [MOMENT_SECONDS for runner in self._running.values() if runner.is_cutting]
        return min(filter(None, (*waits, *slow)), default=_LOOK_SECONDS)

    async def _give_back_doubted(self) -> None:
        """What we have claimed, and nobody makes, since the answer of the database was lost: for
        all others it is ours, for as long as we live."""
        if not self._has_doubts:
            return
        made = [runner.job_id for runner in self._running.values()]
        async with self._context.store.write() as unit:
            await unit.jobs.give_back(self._worker_id, made, self._context.clock.now())
        self._has_doubts = False

    async def _waits_for_rings(self, unit: Unit) -> list[float]:
        """Seconds. A clip that waits for the node of its ring is anybody's where that one says no
        more."""
        rings = await unit.captures.elsewhere(self._worker_id, by_term=self._is_steady())
        return [ring.left if ring.left > 0 else _UNSTEADY_SECONDS for ring in rings]

    async def _queued_recuts(self, unit: Unit) -> tuple[ClipJob, ...]:
        return await unit.jobs.queued_recuts(self._worker_id, by_term=self._is_steady())

    def _wait(self, recut: ClipJob) -> float:
        """Seconds. One that is moved later may show what is still to come, of a stream that goes
        on: it is begun when that is there, and until then holds up nobody. Its window is of the
        clock of when the first clip was made, which may have been set since."""
        moment = self._context.clock.moment()
        wait = moment.counted(recut.order.window.ends_at) - moment.monotonic
        longest = moment.age(recut.order.asked_at).left(timedelta(seconds=RECUT_STEP))
        return max(0.0, round(min(wait, longest.total_seconds()), 3))

    async def _start_next(self) -> bool:
        recording = sum(runner.takes_room for runner in self._running.values())
        past = sum(runner.is_cutting for runner in self._running.values()) < _CUTS_AT_ONCE
        past = past and len(self._running) - recording < _SLOW_CUTS_AT_ONCE
        ahead = recording < self._concurrent
        if not past and not ahead:
            return False
        async with self._context.store.read() as unit:  # which keeps nobody who writes
            due = [job for job in await self._queued_recuts(unit) if not self._wait(job)]
            queued = await unit.jobs.queued(self._worker_id, by_term=self._is_steady())
            if not (due and past) and not queued:
                return False
        async with self._context.store.write() as unit:
            job = await self._claim(unit, due[0].id if due and past else None, past, ahead)
            coin = await unit.coins.get(job.order.mint) if job else None
        if job is None:
            return False
        runner = ClipJobRunner(job, coin.symbol if coin else "clip", self._context)
        self._start(runner, runner.run())
        self._context.notifier.notify(JOBS)  # the others have moved up
        return True

    async def _claim(
        self, unit: Unit, recut: int | None, past: bool, ahead: bool
    ) -> ClipJob | None:
        """Terms are judged only now, as where jobs are recovered."""
        now, by_term = self._context.clock.now(), self._is_steady()
        if recut is not None:
            job = await unit.jobs.claim_recut(self._worker_id, now, recut, by_term=by_term)
            if job is not None:
                return job
        return await unit.jobs.claim(
            self._worker_id,
            now,
            past=past,
            ahead=ahead,
            most_unnamed=self._most_unnamed,
            by_term=by_term,
        )

    def _start(self, runner: ClipJobRunner, work: Coroutine[Any, Any, None]) -> None:
        task = spawn(work, f"clip-{runner.job_id}")
        self._running[task] = runner
        task.add_done_callback(lambda _: self._context.notifier.notify(JOBS))

    async def _wind_down(self) -> None:
        for runner in self._running.values():
            runner.stop()
        tasks = tuple(self._running)
        try:
            if tasks:
                with contextlib.suppress(TimeoutError):
                    await within(self._context.clock, _STOP_SECONDS, asyncio.wait(tasks))
        finally:
            await cancel_and_wait(*tasks)
            await self._context.padded_clips.stop()
            for error in filter(None, map(failure_of, tasks)):
                _log.error("a clip broke off", exc_info=error)
            self._running.clear()
