from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.commands.allowance import Allowance
from tests.fakes.clock import FakeClock


async def test_a_place_may_ask_so_much_in_each_minute_for_ever() -> None:
    clock = FakeClock()
    allowance = Allowance(clock, most=3)
    for _ in range(4):
        assert [allowance.take(1, 1) for _ in range(4)] == [0.0, 0.0, 0.0, 60.0]
        await clock.advance(60)


async def test_places_do_not_share() -> None:
    allowance = Allowance(FakeClock(), most=1)
    assert allowance.take(1, 1) == 0.0
    assert allowance.take(2, 1) == 0.0
    assert allowance.take(1, 1) == 60.0


async def test_what_is_refused_does_not_count() -> None:
    clock = FakeClock()
    allowance = Allowance(clock, most=5)
    assert allowance.take(1, 4) == 0.0
    await clock.advance(30)
    assert allowance.take(1, 2) == 30.0
    assert allowance.take(1, 1) == 0.0
    await clock.advance(30)
    assert allowance.take(1, 4) == 0.0


async def test_more_than_is_ever_allowed_is_allowed_once_nothing_was_asked() -> None:
    allowance = Allowance(FakeClock(), most=5)
    assert allowance.take(1, 20) == 0.0
    assert allowance.take(1, 1) == 60.0


async def test_places_that_are_quiet_are_forgotten() -> None:
    clock = FakeClock()
    allowance = Allowance(clock, most=5)
    for place in range(1500):
        allowance.take(place, 1)
    await clock.advance(61)
    allowance.take(1, 1)
    assert len(allowance._asked) == 1


@example([(4.299970430494774, 1), (30.0, 2), (30.0, 4)])  # where a sum is rounded to nothing
@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 4)), max_size=40))
@settings(deadline=None)
async def test_no_minute_ever_has_more_than_is_allowed(steps: list[tuple[float, int]]) -> None:
    clock = FakeClock()
    allowance = Allowance(clock, most=6)
    taken: list[float] = []
    for pause, count in steps:
        clock._elapsed += pause
        if allowance.take(1, count) == 0.0:
            taken += [clock.monotonic()] * count
        now = clock.monotonic()
        assert sum(at > now - 60 for at in taken) <= 6
