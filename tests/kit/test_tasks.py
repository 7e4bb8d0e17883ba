from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

import pytest

from bot.errors import ChildError
from bot.kit.health import Health
from bot.kit.tasks import Tasks, supervise
from tests.fakes.clock import FakeClock

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
