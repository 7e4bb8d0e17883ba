"""What one token may send, by a clock that the test moves."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.kit.rate_limits import REPLY, RateLimits
from tests.fakes.clock import FakeClock

ALERT = 20


@contextlib.asynccontextmanager
async def taking(
    rate_limits: RateLimits, clock: FakeClock, wishes: list[tuple[int, int, int]]
) -> AsyncIterator[list[tuple[float, int]]]:
    """Everybody asks at once for `(target, place, priority)`; what they got, and when."""
    got: list[tuple[float, int]] = []

    async def take(target: int, place: int, priority: int) -> None:
        async with rate_limits.turn(target, place, priority):
            got.append((round(clock.monotonic(), 3), target))

    tasks = [asyncio.create_task(take(*wish)) for wish in wishes]
    try:
        yield got
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_unlimited_lanes_let_everybody_go_at_once() -> None:
    clock = FakeClock()
    rate_limits = RateLimits.unlimited(clock)
    async with taking(rate_limits, clock, [(n, 1, ALERT) for n in range(50)]) as got:
        await clock.advance(0)
    assert len(got) == 50
    assert rate_limits.free(8) == 8
    assert rate_limits.delay() == 0


async def test_a_burst_goes_at_once_and_the_rest_at_the_rate() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_second=10, burst=3)
    async with taking(rate_limits, clock, [(n, n, ALERT) for n in range(6)]) as got:
        await clock.advance(1)
    assert [at for at, _ in got] == [0, 0, 0, 0.1, 0.2, 0.3]


async def test_a_reply_overtakes_whoever_waits() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_second=1, burst=1)
    wishes = [(1, 1, ALERT), (2, 2, ALERT), (3, 3, ALERT), (4, 4, REPLY)]
    async with taking(rate_limits, clock, wishes) as got:
        await clock.advance(5)
    assert [target for _, target in got] == [1, 4, 2, 3]


async def test_two_to_the_same_target_lie_apart_and_others_go_between() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_target_seconds=3)
    async with taking(rate_limits, clock, [(1, 1, ALERT), (1, 1, ALERT), (2, 1, ALERT)]) as got:
        await clock.advance(5)
    assert got == [(0, 1), (0, 2), (3, 1)]


async def test_a_target_may_have_a_burst_of_its_own() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_target_seconds=3, target_burst=2)
    async with taking(rate_limits, clock, [(1, 1, ALERT)] * 4) as got:
        await clock.advance(10)
    assert [at for at, _ in got] == [0, 0, 3, 6]


async def test_a_place_has_so_many_in_any_minute() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_place_minute=3)
    wishes = [(n, 7, ALERT) for n in range(5)] + [(90, 8, ALERT)]
    async with taking(rate_limits, clock, wishes) as got:
        await clock.advance(59)
        assert len(got) == 4
        assert (0, 90) in got
        assert rate_limits.own_wait(1, 7) == pytest.approx(1)
        await clock.advance(2)
    assert sorted(at for at, _ in got) == [0, 0, 0, 0, 60, 60]


async def test_a_sleeping_target_holds_up_nobody() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_second=10, burst=1)
    rate_limits.sleep_target(1, 30)
    assert rate_limits.asleep(1) == 30
    assert rate_limits.asleep(2) == 0
    async with taking(rate_limits, clock, [(1, 1, REPLY), (2, 1, ALERT), (3, 1, ALERT)]) as got:
        await clock.advance(1)
        assert got == [(0, 2), (0.1, 3)]
        await clock.advance(29)
    assert got[-1] == (30, 1)


async def test_a_limit_for_all_lets_nobody_go() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_second=10, burst=5)
    rate_limits.sleep_all(20)
    rate_limits.sleep_all(5)  # a shorter one changes nothing
    assert rate_limits.free(8) == 0
    assert rate_limits.delay() == 20
    async with taking(rate_limits, clock, [(1, 1, REPLY)]) as got:
        await clock.advance(19)
        assert not got
        await clock.advance(1)
    assert got == [(20, 1)]


async def test_who_waits_already_is_reckoned_before_somebody_new() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_second=1, burst=2)
    assert rate_limits.free(8) == 2
    async with taking(rate_limits, clock, [(n, n, ALERT) for n in range(4)]):
        await clock.advance(0)
        assert rate_limits.free(8) == 0
        assert rate_limits.delay() == pytest.approx(3)
        assert rate_limits.free(8, within=5) == 3


async def test_what_will_be_free_soon_can_be_asked() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_second=4, burst=2)
    assert rate_limits.free(99, within=0.5) == 4
    async with rate_limits.turn(1, 1, ALERT):
        assert rate_limits.free(99, within=0.5) == 3
        assert rate_limits.free(2, within=0.5) == 2
    rate_limits.sleep_all(1)
    assert rate_limits.free(99, within=0.5) == 0
    assert rate_limits.free(99, within=1.5) == 7


async def test_who_gives_up_waiting_takes_nothing() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_second=1, burst=1)
    async with taking(rate_limits, clock, [(1, 1, ALERT), (2, 2, ALERT)]):
        await clock.advance(0)
    async with taking(rate_limits, clock, [(3, 3, ALERT)]) as got:
        await clock.advance(1)
    assert got == [(1, 3)]


@pytest.mark.parametrize("rate", [1.0, 30.0, 47.5])
async def test_under_load_no_less_than_95_percent_of_the_rate_is_used_and_no_more_than_all(
    rate: float,
) -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_second=rate, burst=4)
    times: list[float] = []

    async def load(target: int) -> None:
        while True:
            async with rate_limits.turn(target, target, ALERT):
                times.append(clock.monotonic())
            await clock.sleep(0.01)  # what a request takes of the machine

    tasks = [asyncio.create_task(load(n)) for n in range(8)]
    seconds = max(4.0, 60 / rate)
    await clock.advance(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert 0.95 * rate * seconds <= len(times) <= rate * seconds + 4 + 1


async def test_memory_stays_bounded() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_target_seconds=1, per_place_minute=20)
    for number in range(9000):
        async with rate_limits.turn(number, number, ALERT):
            pass
        rate_limits.unration(number + 9000)
        if number == 4000:
            await clock.advance(61)
    assert len(rate_limits._targets) < 6000
    assert len(rate_limits._places) < 6000
    assert len(list(rate_limits._unrationed)) < 6000
    assert rate_limits.left(17_999) is None


_wish = st.tuples(st.integers(1, 4), st.integers(1, 2), st.sampled_from([0, 10, 20]))


@settings(max_examples=15, deadline=None)
@given(
    wishes=st.lists(_wish, max_size=25), naps=st.dictionaries(st.integers(1, 4), st.floats(0, 9))
)
async def test_everybody_goes_in_the_end_and_no_limit_is_broken(
    wishes: list[tuple[int, int, int]], naps: dict[int, float]
) -> None:
    clock = FakeClock()
    rate_limits = RateLimits(
        clock, per_second=5, burst=2, per_target_seconds=1, per_place_minute=10
    )
    for target, seconds in naps.items():
        rate_limits.sleep_target(target, seconds)
    async with taking(rate_limits, clock, wishes) as got:
        await clock.advance(240)
    assert Counter(target for _, target in got) == Counter(target for target, _, _ in wishes)
    _assert_spaced(got, naps)


def _assert_spaced(got: list[tuple[float, int]], naps: dict[int, float]) -> None:
    times = sorted(at for at, _ in got)
    for third, first in zip(times[2:], times, strict=False):
        assert third - first >= 0.199
    for target in {target for _, target in got}:
        own = sorted(at for at, one in got if one == target)
        assert all(b - a >= 0.999 for a, b in itertools.pairwise(own))
        assert own[0] >= naps.get(target, 0) - 0.001


async def test_where_places_are_spaced_the_targets_of_one_wait_for_one_another() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_target_seconds=1.0, by_place=True)
    async with taking(rate_limits, clock, [(1, 1, ALERT), (2, 1, ALERT), (3, 2, ALERT)]) as got:
        await clock.advance(0)
        assert [target for _, target in got] == [1, 3]
        assert rate_limits.own_wait(2, 1) == 1.0
        await clock.advance(1)
    assert got[-1] == (1.0, 2)


async def test_a_place_that_is_not_rationed_is_sent_more_than_the_others_in_a_minute() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_place_minute=2)
    rate_limits.unration(1)
    async with taking(rate_limits, clock, [(place, place, ALERT) for place in (1, 2) * 3]) as got:
        await clock.advance(0)
        assert Counter(target for _, target in got) == {1: 3, 2: 2}
    assert rate_limits.left(1) is None


async def test_what_is_left_of_a_minute_comes_back() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_place_minute=3)
    assert rate_limits.left(1) == 3
    async with taking(rate_limits, clock, [(1, 1, ALERT)]):
        await clock.advance(40)
    assert rate_limits.left(1) == 2
    assert rate_limits.left(2) == 3
    await clock.advance(20)
    assert rate_limits.left(1) == 3


async def test_who_goes_first_does_so_to_the_same_target_too() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_second=10, burst=5, per_target_seconds=1.0)
    async with rate_limits.turn(1, 1, ALERT):
        pass
    order: list[str] = []

    async def take(name: str, target: int, priority: int) -> None:
        async with rate_limits.turn(target, 1, priority):
            order.append(name)

    wishes = [("alert", 1, ALERT), ("other", 2, ALERT), ("reply", 1, REPLY)]
    tasks = [asyncio.create_task(take(*wish)) for wish in wishes]
    await clock.advance(1)
    assert order == ["other", "reply"]
    await clock.advance(1)
    assert order == ["other", "reply", "alert"]
    await asyncio.gather(*tasks)


async def test_one_that_sleeps_holds_up_nobody_else_of_its_place() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_target_seconds=1.0, by_place=True)
    rate_limits.sleep_target(1, 30)
    async with taking(rate_limits, clock, [(1, 1, REPLY), (2, 1, ALERT)]) as got:
        await clock.advance(0)
        assert got == [(0.0, 2)]


async def test_who_waits_for_a_place_of_their_own_takes_no_room_of_others() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_second=25, burst=2, per_target_seconds=1.6, by_place=True)
    async with taking(rate_limits, clock, [(1, 1, REPLY)] * 20):
        await clock.advance(0)
        assert rate_limits.free(16, within=0.5) == 13
        assert rate_limits.delay(0.5) == 0
    rate_limits.sleep_target(3, 60)
    async with taking(rate_limits, clock, [(3, 3, REPLY)] * 20):
        await clock.advance(1)
        assert rate_limits.free(2) == 2


async def test_replies_to_many_places_leave_a_share_to_what_is_delivered() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_second=25, burst=2)
    replies = [(n, n, REPLY) for n in range(300)]
    alerts = [(n, n, ALERT) for n in range(2000, 2100)]
    async with taking(rate_limits, clock, replies + alerts) as got:
        await clock.advance(5)
        assert rate_limits.free(16, within=0.5) == 0
    delivered = sum(target >= 2000 for _, target in got)
    assert len(got) >= 125
    assert 48 <= delivered <= 52


async def test_of_replies_those_go_first_whose_place_had_few_lately() -> None:
    clock = FakeClock()
    rate_limits = RateLimits(clock, per_second=10, burst=1, per_place_minute=19)
    greedy = [(n, n, REPLY) for n in range(20) for _ in range(10)]
    async with taking(rate_limits, clock, greedy):
        await clock.advance(5)
        async with taking(rate_limits, clock, [(99, 99, REPLY)]) as got:
            await clock.advance(0.5)
    assert len(got) == 1
