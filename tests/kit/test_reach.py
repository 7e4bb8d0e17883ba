"""When nothing but failures counts as not being able to reach anybody."""

from __future__ import annotations

from bot.kit.leadership import Reach
from tests.fakes.clock import FakeClock


async def test_failures_in_a_row_are_counted_from_the_first_to_the_last() -> None:
    clock = FakeClock()
    reach = Reach(clock)
    for seconds in (0, 20):
        await clock.advance(seconds)
        reach.note(answered=False)
    assert reach.failing_for == 0.0  # two may be bad luck
    await clock.advance(20)
    reach.note(answered=False)
    await clock.advance(100)
    assert reach.failing_for == 40.0


async def test_one_answer_ends_them() -> None:
    clock = FakeClock()
    reach = Reach(clock)
    for answered in (False, False, False, True, False, False):
        await clock.advance(20)
        reach.note(answered=answered)
    assert reach.failing_for == 0.0


async def test_a_failure_of_hours_ago_says_nothing_of_the_next() -> None:
    clock = FakeClock()
    reach = Reach(clock)
    for seconds in (0, 5, 7200, 5, 5):
        await clock.advance(seconds)
        reach.note(answered=False)
    assert reach.failing_for == 10.0
