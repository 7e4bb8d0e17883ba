"""Against a plain model: when each instant was really written, which nobody but the test knows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.kit.timing.ages import UNKNOWN, Age
from tests.fakes.clock import START, FakeClock

NONE, SECOND, MINUTE = timedelta(0), timedelta(seconds=1), timedelta(minutes=1)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)

spans = st.timedeltas(NONE, timedelta(days=400))
steps = st.sampled_from([-YEAR, -DAY, -HOUR, -45 * SECOND, 45 * SECOND, HOUR, DAY, YEAR])


def passed(clock: FakeClock, span: timedelta) -> None:
    """Nobody sleeps by it, so that nobody is to be woken."""
    clock._elapsed += span.total_seconds()


@pytest.fixture
def clock() -> FakeClock:
    clock = FakeClock()
    clock.now()  # its life begins
    return clock


def test_a_clock_that_nobody_sets_knows_every_age(clock: FakeClock) -> None:
    then = clock.now()
    passed(clock, 5 * MINUTE)
    assert clock.age(then) == Age(5 * MINUTE, 5 * MINUTE)
    assert clock.age(START - DAY) == Age(DAY + 5 * MINUTE, DAY + 5 * MINUTE)
    assert clock.before(HOUR) == clock.now() - HOUR


@pytest.mark.parametrize("step", [-DAY, -HOUR, -45 * SECOND])
def test_what_this_life_wrote_is_as_old_as_it_is_when_the_clock_is_set_back(
    clock: FakeClock, step: timedelta
) -> None:
    then = clock.now()
    passed(clock, 10 * SECOND)
    clock.set(step.total_seconds())
    passed(clock, 10 * SECOND)
    assert clock.age(then) == Age(20 * SECOND, 20 * SECOND)


@pytest.mark.parametrize("step", [45 * SECOND, HOUR, DAY, YEAR])
def test_when_it_is_set_forward_what_waits_is_over_and_nothing_else(
    clock: FakeClock, step: timedelta
) -> None:
    """It may have been asleep with its machine; nobody can tell."""
    then = clock.now()
    passed(clock, 10 * SECOND)
    clock.set(step.total_seconds())
    passed(clock, 10 * SECOND)
    assert clock.age(then) == Age(20 * SECOND, 20 * SECOND + step)
    fresh = clock.now()
    passed(clock, SECOND)
    assert clock.age(fresh) == Age(SECOND, SECOND)


def test_nobody_waits_for_what_an_earlier_life_dated_in_the_future(clock: FakeClock) -> None:
    assert clock.age(START + DAY) == UNKNOWN
    assert UNKNOWN.left(HOUR) == NONE


def test_a_moment_in_which_the_clock_was_wrong_makes_nothing_old(clock: FakeClock) -> None:
    earlier, mine = START - HOUR, clock.now()
    clock.set(YEAR.total_seconds())
    assert clock.age(earlier).least == HOUR
    assert clock.before(DAY) == START - DAY
    clock.set(-YEAR.total_seconds())
    passed(clock, MINUTE)
    assert clock.age(earlier).least == HOUR + MINUTE
    assert clock.age(mine) == Age(MINUTE, MINUTE)
    assert clock.before(DAY) == START + MINUTE - DAY


def test_a_clock_that_was_put_right_is_believed_a_day_later(clock: FakeClock) -> None:
    """A machine without a battery begins in the past."""
    clock.set(YEAR.total_seconds())
    assert clock.before(HOUR) == START - HOUR
    passed(clock, DAY + MINUTE)
    assert clock.before(HOUR) == clock.now() - HOUR


@pytest.mark.parametrize("step", [-YEAR, -HOUR, HOUR, YEAR])
def test_from_one_instant_to_another_it_was_as_long_as_it_was_however_the_clock_is_set(
    clock: FakeClock, step: timedelta
) -> None:
    start = clock.now()
    passed(clock, 10 * SECOND)
    clock.set(step.total_seconds())
    passed(clock, 10 * SECOND)
    end = clock.now()
    passed(clock, MINUTE)
    assert clock.between(start, end) == 20 * SECOND
    assert clock.between(end, start) == NONE
    assert clock.between(end, clock.now()) == MINUTE


@pytest.mark.parametrize("then", [START - DAY, START + DAY])
def test_of_an_earlier_life_it_was_as_long_as_was_written_down(
    clock: FakeClock, then: datetime
) -> None:
    assert clock.between(then, then + MINUTE) == MINUTE
    assert clock.between(then + MINUTE, then) == NONE


def test_less_than_a_second_is_no_setting(clock: FakeClock) -> None:
    then = clock.now()
    for _ in range(100):
        clock.set(0.3)
        clock.set(-0.3)
        passed(clock, 0.01 * SECOND)
    age = clock.age(then)
    assert abs(age.least - SECOND) < SECOND
    assert abs(age.most - SECOND) < SECOND


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_however_it_is_set_the_truth_lies_between_least_and_most(data: st.DataObject) -> None:
    """Of what this life wrote; and no wait is longer than it is meant."""
    clock, written = FakeClock(), []
    for _ in range(data.draw(st.integers(1, 6))):
        written.append((clock.now(), clock.monotonic()))
        passed(clock, data.draw(spans))
        clock.set(data.draw(steps).total_seconds())
        passed(clock, data.draw(spans))
    wait = data.draw(spans)
    for then, at in written:
        truth = timedelta(seconds=clock.monotonic() - at)
        age = clock.age(then)
        assert NONE <= age.least <= truth + SECOND
        assert age.most >= truth - SECOND
        assert NONE <= age.left(wait) <= max(NONE, wait - truth + SECOND)


@settings(max_examples=40, deadline=None)
@given(then=st.timedeltas(-10 * YEAR, 10 * YEAR), wait=spans, data=st.data())
def test_whatever_stands_there_no_wait_is_longer_than_its_setting(
    then: timedelta, wait: timedelta, data: st.DataObject
) -> None:
    clock = FakeClock()
    for _ in range(data.draw(st.integers(0, 4))):
        clock.set(data.draw(steps).total_seconds())
        passed(clock, data.draw(spans))
    age = clock.age(START + then)
    assert NONE <= age.least <= age.most
    assert NONE <= age.left(wait) <= wait
    assert clock.before(wait) <= clock.now() - wait


@given(st.floats(-1000, 1000), st.floats(0, 1000))
def test_an_instant_of_a_clock_that_nobody_sets_has_its_place_on_the_other(
    seconds: float, elapsed: float
) -> None:
    clock = FakeClock()
    clock._elapsed = elapsed
    then = clock.now() + timedelta(seconds=seconds)
    assert clock.moment().counted(then) == pytest.approx(elapsed + seconds, abs=1e-4)


@pytest.mark.parametrize("step", [-DAY, -HOUR, HOUR, YEAR])
def test_what_this_life_has_shown_stays_where_it_was_however_the_clock_is_set(
    clock: FakeClock, step: timedelta
) -> None:
    passed(clock, MINUTE)
    then = clock.now()
    clock.set(step.total_seconds())
    passed(clock, MINUTE)
    assert clock.moment().counted(then) == 60.0


@pytest.mark.parametrize("ahead", [-YEAR, -4 * SECOND, 4 * SECOND, YEAR])
def test_what_others_tell_is_as_old_as_it_is_by_their_clock(
    clock: FakeClock, ahead: timedelta
) -> None:
    then = clock.now()
    passed(clock, MINUTE)
    now = clock.moment(clock.now() + ahead)
    assert now.told_age(then + ahead, now.at) == MINUTE
    assert now.told_age(then + ahead + HOUR, now.at) == NONE
    assert now.told_age(None, then) == MINUTE
    assert now.far(then) == then + ahead


@pytest.mark.parametrize("ahead", [None, -3 * SECOND, NONE, 3 * SECOND])
def test_where_theirs_is_not_known_or_agrees_with_ours_ours_stands_for_it(
    clock: FakeClock, ahead: timedelta | None
) -> None:
    then = clock.now()
    passed(clock, MINUTE)
    now = clock.moment(clock.now() + ahead if ahead is not None else None)
    assert now.told_age(then, now.at) == MINUTE
    assert now.far(then) == then
