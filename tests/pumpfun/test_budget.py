"""How a budget is shared: nobody takes it from the others, and nothing of it is left unused."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import ALERTS, POLLER, SERVICE, Asker, AskerKind
from bot.pumpfun.budget import WEIGHTS, Budget
from tests.fakes.clock import FakeClock

MALLORY, ADA, BEN = (Asker(AskerKind.PERSON, name) for name in ("mallory", "ada", "ben"))


class Crowd:
    """Askers at a budget. `got` is who had a turn, and when."""

    def __init__(self, clock: FakeClock, budget: Budget) -> None:
        self.clock = clock
        self.budget = budget
        self.got: list[tuple[Asker, float]] = []
        self.tasks: list[asyncio.Task[None]] = []

    def ask(self, asker: Asker, times: int = 1) -> None:
        self.tasks += [asyncio.create_task(self._one(asker)) for _ in range(times)]

    async def _one(self, asker: Asker) -> None:
        await self.budget.take(asker)
        self.got.append((asker, self.clock.monotonic()))

    def counts(self) -> Counter[Asker]:
        return Counter(asker for asker, _ in self.got)

    def first_of(self, asker: Asker) -> float:
        return next(at for who, at in self.got if who == asker)


@asynccontextmanager
async def crowd(per_second: float, burst: float, reserve: float = 0.0) -> AsyncIterator[Crowd]:
    clock = FakeClock()
    one = Crowd(clock, Budget(clock, per_second, burst, reserve=reserve))
    try:
        yield one
    finally:
        for task in one.tasks:
            task.cancel()
        await asyncio.gather(*one.tasks, return_exceptions=True)


async def test_so_many_at_once_and_then_as_they_drip() -> None:
    async with crowd(2.0, 4.0) as one:
        one.ask(SERVICE, 8)
        await one.clock.advance(0)
        assert len(one.got) == 4
        await one.clock.advance(2.0)
        assert [round(at, 3) for _, at in one.got[4:]] == [0.5, 1.0, 1.5, 2.0]


async def test_a_minute_s_rest_gives_no_more_than_the_burst() -> None:
    async with crowd(2.0, 4.0) as one:
        await one.clock.advance(60)
        one.ask(SERVICE, 8)
        await one.clock.advance(0)
        assert len(one.got) == 4


async def test_whatever_people_ask_polls_have_seven_tenths() -> None:
    async with crowd(5.0, 5.0) as one:
        for person in (MALLORY, ADA, BEN):
            one.ask(person, 100)
        one.ask(POLLER, 100)
        await one.clock.advance(20)
        assert one.counts()[POLLER] >= 70
        assert len(one.got) == pytest.approx(105, abs=1)


async def test_whatever_polls_ask_people_have_three_tenths() -> None:
    async with crowd(5.0, 5.0) as one:
        one.ask(POLLER, 200)
        one.ask(MALLORY, 200)
        await one.clock.advance(20)
        assert one.counts()[MALLORY] >= 30


async def test_what_others_leave_may_be_had_by_one() -> None:
    async with crowd(5.0, 5.0) as one:
        one.ask(MALLORY, 200)
        await one.clock.advance(20)
        assert len(one.got) == pytest.approx(105, abs=1)


async def test_a_question_among_polls_is_next() -> None:
    async with crowd(5.0, 5.0) as one:
        one.ask(POLLER, 100)
        await one.clock.advance(3.1)
        one.ask(ADA)
        await one.clock.advance(1)
        assert one.first_of(ADA) == pytest.approx(3.2)


async def test_a_hundred_questions_of_one_person_delay_that_person_alone() -> None:
    async with crowd(5.0, 5.0) as one:
        one.ask(MALLORY, 100)
        await one.clock.advance(2)
        one.ask(ADA)
        one.ask(BEN)
        await one.clock.advance(1)
        assert one.first_of(ADA) <= 2.2 + 1e-3
        assert one.first_of(BEN) <= 2.4 + 1e-3


async def test_people_who_ask_for_as_much_take_turns() -> None:
    async with crowd(5.0, 5.0) as one:
        one.ask(MALLORY, 200)
        one.ask(ADA, 40)
        await one.clock.advance(14)
        assert one.counts()[ADA] == pytest.approx(one.counts()[MALLORY], abs=2)


async def test_where_tokens_drip_slowly_some_are_kept_for_who_asks_little() -> None:
    async with crowd(50 / 60, 10.0, reserve=0.4) as one:
        one.ask(MALLORY, 100)
        await one.clock.advance(30)
        one.ask(ADA, 3)
        await one.clock.advance(0)
        assert one.counts()[ADA] == 3
        await one.clock.advance(30)
        assert one.counts()[MALLORY] >= 40  # and the flood goes on with what is left


async def test_one_that_waits_no_more_takes_nothing() -> None:
    async with crowd(1.0, 1.0) as one:
        one.ask(MALLORY, 50)
        await one.clock.advance(0)
        for task in one.tasks:
            task.cancel()
        await asyncio.wait(one.tasks)
        await one.clock.advance(1)
        one.ask(ADA)
        await one.clock.advance(0)
        assert one.counts() == {MALLORY: 1, ADA: 1}


async def test_a_queue_that_rested_is_owed_nothing_for_it() -> None:
    async with crowd(5.0, 5.0) as one:
        one.ask(POLLER, 300)
        await one.clock.advance(30)
        one.got.clear()
        one.ask(MALLORY, 100)
        await one.clock.advance(4)
        assert one.counts()[POLLER] >= 13


async def test_a_budget_of_less_than_one_a_second_serves_everybody() -> None:
    async with crowd(0.5, 1.0, reserve=0.4) as one:
        one.ask(MALLORY, 20)
        await one.clock.advance(40)
        assert one.counts()[MALLORY] >= 19


ASKERS = [POLLER, ALERTS, SERVICE, MALLORY, ADA]


@given(st.lists(st.tuples(st.sampled_from(ASKERS), st.floats(0, 0.7)), max_size=60))
@settings(deadline=None, max_examples=10)
async def test_it_is_never_overdrawn_and_never_idle_while_somebody_waits(
    steps: list[tuple[Asker, float]],
) -> None:
    async with crowd(2.0, 3.0, reserve=0.4) as one:
        for asker, pause in steps:
            one.ask(asker)
            one.clock._elapsed += pause
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        await one.clock.advance(40)
        assert len(one.got) == len(steps)
        times = sorted(at for _, at in one.got)
        for n, begun in enumerate(times):
            within = sum(1 for at in times[n:] if at < begun + 5)
            assert within <= 3 + 2.0 * 5 + 1


def test_polls_and_alerts_have_seven_tenths_of_all() -> None:
    of_watching = WEIGHTS[AskerKind.POLL] + WEIGHTS[AskerKind.ALERT]
    assert of_watching / sum(WEIGHTS.values()) >= 0.7


async def test_who_comes_just_when_the_last_was_served_is_served_too() -> None:
    async with crowd(1.0, 1.0) as one:
        one.ask(ADA, 2)
        await one.clock.advance(0)
        one.tasks[-1].add_done_callback(lambda _: one.ask(BEN))
        one.budget._queues[AskerKind.PERSON].askers["ada"][0].add_done_callback(
            lambda _: one.ask(BEN)
        )
        await one.clock.advance(5)
        assert one.counts() == {ADA: 2, BEN: 2}
