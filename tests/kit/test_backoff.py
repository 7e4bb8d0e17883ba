"""Pauses double up to the longest, and begin anew after a good time."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kit.backoff import Backoff, pauses
from tests.fakes.clock import PassingClock


@pytest.fixture
def clock() -> PassingClock:
    return PassingClock()


def test_each_pause_is_twice_the_one_before_up_to_the_longest() -> None:
    assert list(islice(pauses(1.0, 60.0), 8)) == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    assert list(islice(pauses(2.0, 5.0), 4)) == [2.0, 4.0, 5.0, 5.0]


@given(st.floats(0.1, 100.0), st.floats(0.1, 1000.0))
def test_pauses_grow_to_the_longest_and_no_further(first: float, longest: float) -> None:
    found = list(islice(pauses(first, longest), 30))
    assert found == sorted(found)
    assert found[-1] == longest


async def test_what_keeps_failing_is_tried_ever_more_seldom_however_long_that_takes(
    clock: PassingClock,
) -> None:
    backoff = Backoff(clock, longest=16.0)
    for _ in range(8):
        await backoff.wait()
    assert clock.slept == [1, 2, 4, 8, 16, 16, 16, 16]


async def test_after_a_success_the_next_pause_is_the_first_one_again(clock: PassingClock) -> None:
    backoff = Backoff(clock)
    await backoff.wait()
    await backoff.wait()
    backoff.reset()
    await backoff.wait()
    assert clock.slept == [1, 2, 1]


async def test_what_held_for_a_good_time_has_not_failed_in_a_row(clock: PassingClock) -> None:
    backoff = Backoff(clock, steady=60.0)
    for held in (5.0, 60.0, 60.5, 0.0):
        backoff.begin()
        await clock.advance(held)
        assert backoff.lasted == held
        await backoff.wait()
    assert clock.slept == [1, 2, 1, 2]


async def test_a_pause_that_is_cut_counts_as_a_whole_one(clock: PassingClock) -> None:
    backoff = Backoff(clock, first=4.0)
    await backoff.wait(at_most=2.5)
    await backoff.wait()
    assert clock.slept == [2.5, 8]


async def test_what_fails_as_expected_is_tried_until_it_works(clock: PassingClock) -> None:
    failures = [OSError("one"), OSError("two")]
    heard: list[Exception] = []

    async def act() -> str:
        if failures:
            raise failures.pop(0)
        return "done"

    assert await Backoff(clock).keep_trying(act, (OSError,), heard.append) == "done"
    assert [str(error) for error in heard] == ["one", "two"]
    assert clock.slept == [1, 2]


async def test_a_failure_that_was_not_expected_ends_it(clock: PassingClock) -> None:
    heard: list[Exception] = []

    async def act() -> None:
        raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        await Backoff(clock).keep_trying(act, (OSError,), heard.append)
    assert (heard, clock.slept) == ([], [])
