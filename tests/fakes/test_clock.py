from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from bot.kit.timing.clock import Clock
from bot.store import Store
from tests.fakes.clock import START, FakeClock, settle, until


async def test_it_stands_still_until_it_is_moved() -> None:
    clock: Clock = FakeClock()
    assert (clock.now(), clock.monotonic()) == (START, 0.0)
    await asyncio.sleep(0.01)
    assert (clock.now(), clock.monotonic()) == (START, 0.0)


async def test_sleepers_wake_in_the_order_of_their_times_each_at_its_own() -> None:
    clock = FakeClock()
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, *waits: float) -> None:
        for wait in waits:
            await clock.sleep(wait)
            woken.append((name, clock.monotonic()))

    tasks = [
        asyncio.create_task(sleeper("slow", 5)),
        asyncio.create_task(sleeper("quick", 1, 1, 1)),
        asyncio.create_task(sleeper("late", 100)),
    ]
    await clock.advance(2.5)
    assert woken == [("quick", 1), ("quick", 2)]
    assert clock.monotonic() == 2.5
    await clock.advance(2.5)
    assert woken[2:] == [("quick", 3), ("slow", 5)]
    assert clock.sleeping == 1
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await clock.advance(1000)
    assert len(woken) == 4


async def test_no_time_at_all_still_lets_others_go_on() -> None:
    clock = FakeClock()
    await asyncio.wait_for(clock.sleep(0), 1)
    await asyncio.wait_for(clock.sleep(-1), 1)


async def test_what_a_sleeper_does_in_the_database_is_done_before_the_next_one_wakes(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    async with Store(tmp_path / "a.db") as store:

        async def tick() -> None:
            while True:
                await clock.sleep(10)
                async with store.write() as unit:
                    for _ in range(5):
                        await unit.key_values.put("ticked", str(clock.monotonic()))

        task = asyncio.create_task(tick())
        for number in range(1, 6):
            await clock.advance(10)
            async with store.read() as unit:
                assert await unit.key_values.get("ticked") == f"{10.0 * number}"
        await clock.advance(100)
        assert clock.sleeping == 1
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_settling_waits_for_a_thread_that_computes() -> None:
    def count() -> int:
        sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000)"
        connection = sqlite3.connect(":memory:")
        try:
            return int(connection.execute(f"{sql} SELECT count(*) FROM n").fetchone()[0])
        finally:
            connection.close()

    task = asyncio.create_task(asyncio.to_thread(count))
    await settle()
    assert task.done()
    assert await task == 500_000


async def test_waiting_for_what_never_happens_fails_the_test() -> None:
    with pytest.raises(AssertionError, match=r"within 0\.01"):
        await until(lambda: False, within=0.01)
    await until(lambda: True)
