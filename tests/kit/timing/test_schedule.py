"""The timers are APScheduler's, so that these run in real time; nothing here sleeps to wait."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

import pytest

from bot.errors import MintcastError
from bot.kit.health import Health
from bot.kit.tasks import BrokenOffError
from bot.kit.timing.clock import SystemClock
from bot.kit.timing.schedule import Schedule
from tests.fakes.clock import FakeClock
from tests.patience import PATIENCE


class Job:
    """Counts its runs, and holds each until the test lets it go."""

    def __init__(self, *, held: bool = False) -> None:
        self.begun = 0
        self.done = 0
        self.at_once = 0
        self._now = 0
        self._moved = asyncio.Event()
        self._free = asyncio.Event()
        if not held:
            self._free.set()

    async def __call__(self) -> None:
        self.begun += 1
        self._now += 1
        self.at_once = max(self.at_once, self._now)
        self._tell()
        try:
            await self._free.wait()
            self.done += 1
        finally:
            self._now -= 1
            self._tell()

    def let_go(self) -> None:
        self._free.set()

    async def reached(self, *, begun: int = 0, done: int = 0) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.begun < begun or self.done < done:
                await self._moved.wait()

    def _tell(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()


async def many(schedule: Schedule, ticks: Job, count: int) -> None:
    """Let the time of `count` runs of another job pass."""
    schedule.every(0.01, "a job that shows that time passes", ticks)
    await ticks.reached(done=count)


async def test_a_job_runs_at_once_and_then_again_and_again() -> None:
    job = Job()
    async with Schedule(Health(SystemClock())) as schedule:
        schedule.every(3600, "rare", rare := Job())
        schedule.every(0.01, "often", job, jitter=0.004)
        await job.reached(done=5)
        assert rare.done == 1
    runs = job.begun
    await asyncio.sleep(0)
    assert job.begun == runs


async def test_a_job_never_overlaps_itself_and_makes_up_for_one_run_only() -> None:
    slow = Job(held=True)
    async with Schedule(Health(SystemClock())) as schedule:
        schedule.every(0.02, "slow", slow)
        await slow.reached(begun=1)
        await many(schedule, Job(), 20)
        assert slow.begun == 1
        slow.let_go()
        await slow.reached(done=3)
    assert slow.at_once == 1
    assert slow.begun < 10


async def test_stopping_waits_for_what_runs_and_cancels_nothing() -> None:
    job = Job(held=True)
    async with Schedule(Health(SystemClock())) as schedule:
        schedule.every(0.01, "slow", job)
        await job.reached(begun=1)
        stop = asyncio.ensure_future(schedule.stop())
        await many_turns()
        assert not stop.done()
        job.let_go()
        await stop
    assert (job.begun, job.done) == (1, 1)


async def test_stopping_cancels_what_is_still_running_when_patience_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = Job(held=True)
    async with Schedule(Health(SystemClock()), patience=0.01) as schedule:
        schedule.every(0.01, "stuck", job)
        await job.reached(begun=1)
    assert (job.begun, job.done) == (1, 0)
    assert "stuck is still running" in caplog.text


async def test_stopping_twice_is_stopping_once() -> None:
    async with Schedule(Health(SystemClock())) as schedule:
        await schedule.stop()
        await schedule.stop()


async def test_a_run_that_fails_is_told_at_the_edges_and_the_next_one_comes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    health, job = Health(SystemClock()), Job()
    broken = [True]

    async def run() -> None:
        await job()
        if broken[0]:
            raise MintcastError("the disk is full")

    async with Schedule(health) as schedule:
        schedule.every(0.01, "poll", run)
        await job.reached(done=5)
        await many_turns()
        assert not health.part("poll").ok
        assert health.part("poll").detail == "the disk is full"
        broken[0] = False
        await job.reached(done=job.done + 2)
        await many_turns()
        assert health.part("poll").ok
    told = [record.getMessage() for record in ours(caplog)]
    assert told == ["poll fails: the disk is full", "poll works again"]


async def test_errors_of_a_group_of_tasks_are_expected_if_all_of_them_are(
    caplog: pytest.LogCaptureFixture,
) -> None:
    health, job = Health(SystemClock()), Job()

    async def run() -> None:
        await job()
        raise ExceptionGroup("looks", [MintcastError("the disk is full")])

    async with Schedule(health) as schedule:
        schedule.every(3600, "poll", run)
        await job.reached(done=1)
        await many_turns()
    assert (health.part("poll").ok, health.part("poll").detail) == (False, "the disk is full")
    assert [record.levelname for record in ours(caplog)] == ["WARNING"]


@pytest.mark.parametrize(
    ("raised", "logged"),
    [(KeyError("mint"), KeyError), (asyncio.CancelledError(), BrokenOffError)],
    ids=["a defect", "cancelled by what it waited for"],
)
async def test_a_mistake_of_ours_is_logged_with_its_traceback_and_the_next_run_comes(
    raised: BaseException, logged: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    health, job = Health(SystemClock()), Job()

    async def run() -> None:
        await job()
        raise raised

    async with Schedule(health) as schedule:
        schedule.every(0.01, "poll", run)
        await job.reached(done=3)
        await many_turns()
    assert not health.part("poll").ok
    (mistake,) = [record for record in ours(caplog) if record.levelname == "ERROR"]
    assert mistake.exc_info is not None
    assert mistake.exc_info[0] is logged


# The wall clock is set


class WallClock:
    """APScheduler's own, which the test sets; all else goes by the real one."""

    def __init__(self) -> None:
        self.ahead: Iterator[timedelta] = itertools.repeat(timedelta(0))

    def set(self, *ahead: timedelta) -> None:
        """So far ahead; of several, another at each reading."""
        self.ahead = itertools.cycle(ahead)

    def now(self, zone: tzinfo) -> datetime:
        return datetime.now(zone) + next(self.ahead)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> WallClock:
    wall = WallClock()
    monkeypatch.setattr("apscheduler.schedulers.base.datetime", wall)
    return wall


DAY, YEAR = timedelta(days=1), timedelta(days=365)
SETTINGS = [
    timedelta(seconds=-45),
    -DAY,
    timedelta(hours=1),
    timedelta(0),
    YEAR,
    -YEAR,
    timedelta(seconds=30),
    timedelta(seconds=-30),
]


async def test_a_clock_that_is_set_while_it_sleeps_changes_no_interval(wall: WallClock) -> None:
    often, rare = Job(), Job()
    async with Schedule(Health(SystemClock())) as schedule:
        schedule.every(3600, "rare", rare)
        schedule.every(0.01, "often", often, jitter=0.004)
        for ahead in SETTINGS:
            await often.reached(done=often.done + 3)
            wall.set(ahead)
        await often.reached(done=often.done + 3)
    assert rare.begun == 1


async def test_a_clock_that_is_set_between_two_readings_stops_nothing(wall: WallClock) -> None:
    job = Job()
    async with Schedule(Health(SystemClock())) as schedule:
        wall.set(*SETTINGS)
        schedule.every(0.01, "often", job)
        await job.reached(done=50)


def ours(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Without APScheduler's own, which `bot.kit.log` keeps quiet."""
    return [record for record in caplog.records if record.name.startswith("bot.")]


async def many_turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_job_that_hangs_is_found_out_by_its_age() -> None:
    clock, job = FakeClock(), Job(held=True)
    health = Health(clock)
    part = health.part("poll", vital=True)
    part.expect(40, lambda seconds: f"it has not looked for {seconds:g} s")
    async with Schedule(health) as schedule:
        schedule.every(0.01, "poll", job)
        await job.reached(begun=1)
        await clock.advance(41)
        assert (part.ok, part.detail) == (False, "it has not looked for 41 s")
        assert health.status == "failing"
        job.let_go()
        await job.reached(done=2)
        await many_turns()
        assert health.status == "ok"
