from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

import pytest

from bot.errors import ChildError
from bot.kit.health import Health
from bot.kit.tasks import (
    BrokenOffError,
    Tasks,
    background,
    cancel_and_wait,
    failure_of,
    first_to_end,
    spawn,
    supervise,
    to_its_end,
    within,
)
from tests.fakes.clock import FakeClock, settle

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def test_what_fails_as_expected_begins_again_after_pauses_that_double() -> None:
    clock = FakeClock(NOON)
    part = Health(clock).part("runner")
    began: list[float] = []

    async def run() -> None:
        began.append(clock.monotonic())
        if len(began) < 4:
            raise ChildError("gone")

    task = asyncio.create_task(supervise(run, part, clock))
    await clock.advance(10)
    await task
    assert [round(at - began[0]) for at in began] == [0, 1, 3, 7]
    assert (part.ok, part.detail) == (False, "gone")


async def test_a_defect_is_not_tried_again() -> None:
    clock = FakeClock(NOON)

    async def run() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await supervise(run, Health(clock).part("runner"), clock)


async def test_stopping_waits_for_what_it_cancels() -> None:
    ended = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            ended.append(True)

    tasks = Tasks()
    tasks.start(work(), "work")
    await asyncio.sleep(0)
    await tasks.stop()
    assert ended == [True]
    assert len(tasks) == 0


async def test_a_task_that_fails_is_logged_with_its_name(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def work() -> None:
        raise ZeroDivisionError

    tasks = Tasks()
    with caplog.at_level(logging.ERROR):
        await asyncio.gather(tasks.start(work(), "the work"), return_exceptions=True)
        await asyncio.sleep(0)
    assert [record.getMessage() for record in caplog.records] == ["the work failed"]


async def test_whoever_owns_tasks_may_say_what_becomes_of_a_failure() -> None:
    told: list[tuple[str, BaseException]] = []

    async def work() -> None:
        raise ZeroDivisionError

    tasks = Tasks(on_failure=lambda task, error: told.append((task.get_name(), error)))
    await asyncio.wait({tasks.start(work(), "the work")})
    await tasks.ended()
    assert [(name, type(error)) for name, error in told] == [("the work", ZeroDivisionError)]


async def test_waiting_for_tasks_to_end_cancels_none() -> None:
    tasks, free = Tasks(), asyncio.Event()
    task = tasks.start(_until(free), "work")
    async with background(tasks.ended(), "waiting") as waiting:
        await settle()
        assert not waiting.done()
    assert not task.done()
    free.set()
    await tasks.ended()
    assert task.result() == "done"


class Stubborn:
    """Work that takes a moment to end when it is cancelled; `free` lets it."""

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self.cancelled = 0

    async def __call__(self) -> None:
        while not self.free.is_set():
            try:
                await self.free.wait()
            except asyncio.CancelledError:
                self.cancelled += 1


async def test_what_is_cancelled_is_waited_for() -> None:
    work = Stubborn()
    task = spawn(work(), "work")
    await settle()
    ending = spawn(cancel_and_wait(task), "ending")
    await settle()
    assert (work.cancelled, ending.done()) == (1, False)
    work.free.set()
    await ending
    assert task.done()


async def test_whoever_is_cancelled_while_waiting_still_waits() -> None:
    work = Stubborn()
    task = spawn(work(), "work")
    await settle()
    ending = spawn(cancel_and_wait(task), "ending")
    await settle()
    ending.cancel()
    await settle()
    assert (work.cancelled, ending.done()) == (2, False)
    work.free.set()
    await asyncio.wait({ending})
    assert task.done()
    assert ending.cancelled()


async def test_a_failure_is_left_to_whoever_asks_the_task() -> None:
    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            raise ZeroDivisionError

    task = spawn(work(), "work")
    await settle()
    await cancel_and_wait(task)
    assert isinstance(failure_of(task), ZeroDivisionError)


async def test_what_was_cancelled_has_not_failed() -> None:
    task = spawn(asyncio.sleep(60), "work")
    await cancel_and_wait(task)
    assert failure_of(task) is None


async def test_what_nobody_of_ours_has_cancelled_has_failed_all_the_same() -> None:
    async def work() -> None:
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        gone.cancel()
        await gone

    task = spawn(work(), "polling")
    await settle()
    error = failure_of(task)
    assert isinstance(error, BrokenOffError)
    assert str(error) == "polling was cancelled by what it waited for"


async def test_what_runs_beside_a_block_has_ended_after_it() -> None:
    begun: list[asyncio.Task[None]] = []

    async def block() -> None:
        async with background(asyncio.sleep(60), "work") as task:
            begun.append(task)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await block()
    assert [(task.get_name(), task.cancelled()) for task in begun] == [("work", True)]


async def test_of_several_one_ends_first_and_the_others_go_on() -> None:
    free = asyncio.Event()
    async with (
        background(_until(free), "slow") as slow,
        background(asyncio.sleep(0), "quick") as quick,
    ):
        await first_to_end(slow, quick)
        assert (slow.done(), quick.done()) == (False, True)


async def test_what_comes_in_time_is_returned() -> None:
    free = asyncio.Event()
    free.set()
    assert await within(FakeClock(NOON), 5, _until(free)) == "done"


async def test_what_takes_too_long_is_cancelled() -> None:
    clock, work = FakeClock(NOON), Stubborn()
    waiting = spawn(within(clock, 5, work()), "waiting")
    await clock.advance(4)
    assert work.cancelled == 0
    await clock.advance(1)
    assert (work.cancelled, waiting.done()) == (1, False)
    work.free.set()
    with pytest.raises(TimeoutError):
        await waiting
    assert clock.sleeping == 0


async def test_a_failure_in_time_is_raised() -> None:
    async def work() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await within(FakeClock(NOON), 5, work())


async def test_what_is_run_to_its_end_outlives_two_cancellations_of_its_awaiter() -> None:
    free = asyncio.Event()
    ended = []

    async def work() -> None:
        ended.append(await _until(free))

    waiting = spawn(to_its_end(work()), "waiting")
    for _ in range(2):
        await settle()
        waiting.cancel()
    await settle()
    assert not waiting.done()
    free.set()
    await asyncio.wait({waiting})
    assert waiting.cancelled()
    assert ended == ["done"]


async def _until(free: asyncio.Event) -> str:
    await free.wait()
    return "done"
