"""Our rates stay below Telegram's, in whatever second or minute one looks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.kit.rate_limits import REPLY
from bot.platforms.telegram.connection.limits import new_rate_limits, patience, timeouts
from tests.fakes.clock import FakeClock

GROUP, OTHER, PERSON = 1, 2, 3


async def sent(
    wishes: Sequence[tuple[int, int]], seconds: float, unrationed: int | None = None
) -> list[tuple[float, int]]:
    """When each of these `(target, place)` went out, all of them asked for at once."""
    clock = FakeClock()
    rate_limits = new_rate_limits(clock)
    if unrationed is not None:
        rate_limits.unration(unrationed)
    times: list[tuple[float, int]] = []

    async def send(number: int, target: int, place: int) -> None:
        async with rate_limits.turn(target, place, REPLY if number % 5 == 0 else 20):
            times.append((clock.monotonic(), place))

    tasks = [asyncio.create_task(send(n, *wish)) for n, wish in enumerate(wishes)]
    await clock.advance(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return times


def peak(times: Sequence[float], seconds: float) -> int:
    """The most within any stretch of so many seconds."""
    return max(sum(1 for other in times if at <= other < at + seconds) for at in times)


async def test_all_together_stay_below_thirty_a_second() -> None:
    times = [at for at, _ in await sent([(n, n) for n in range(200)], 10)]
    assert len(times) == 200
    assert peak(times, 1.0) <= 28


async def test_one_chat_gets_at_most_three_in_three_seconds_whichever_its_topics() -> None:
    times = [at for at, _ in await sent([(n, PERSON) for n in range(40)], 70, PERSON)]
    assert len(times) == 40
    assert peak(times, 3.0) <= 3


async def test_a_group_gets_fewer_than_twenty_a_minute_and_disturbs_no_other() -> None:
    wishes = [(GROUP, GROUP), (OTHER, OTHER)] * 30
    times = await sent(wishes, 100)
    for place in (GROUP, OTHER):
        assert peak([at for at, one in times if one == place], 60.0) == 19


def test_a_large_file_may_take_its_time_and_nothing_takes_for_ever() -> None:
    assert patience() == 20
    assert patience(10_000_000) == 70
    assert patience(10**10) == 300
    assert timeouts(10_000_000)["read_timeout"] == 70
    assert timeouts()["connect_timeout"] + timeouts()["pool_timeout"] < patience()
