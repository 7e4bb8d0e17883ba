from __future__ import annotations

import logging
from random import Random

import pytest

from bot.kit.health import Health
from bot.model import Reason, Unknown
from bot.watch.poll_backoff import PollBackoff
from tests.fakes.clock import FakeClock

FAILURE = Unknown(Reason.SERVER_ERROR, 504)


def slow_down(seconds: float) -> Unknown:
    return Unknown(Reason.RATE_LIMITED, 429, seconds)


def backoff(clock: FakeClock) -> tuple[PollBackoff, Health]:
    health = Health(clock)
    return PollBackoff(health.part("pump.fun"), clock, 10.0, Random(1)), health


async def test_a_failure_now_and_then_is_nobody_s_business(
    caplog: pytest.LogCaptureFixture,
) -> None:
    one, health = backoff(FakeClock())
    for _ in range(5):
        one.bad(FAILURE)
        one.bad(FAILURE)
        one.good()
    assert health.part("pump.fun").ok
    assert not one.waiting
    assert not caplog.records


async def test_three_ticks_without_an_answer_are_told_once_and_so_is_the_first_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    one, health = backoff(FakeClock())
    for _ in range(20):
        one.bad(FAILURE)
    assert not health.part("pump.fun").ok
    assert "504" in health.part("pump.fun").detail
    one.good()
    one.good()
    assert health.part("pump.fun").ok
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_pauses_double_up_to_a_minute_and_one_answer_ends_them() -> None:
    clock = FakeClock()
    one, _ = backoff(clock)
    pauses = []
    for _ in range(8):
        one.bad(FAILURE)
        pause = one.left
        pauses.append(pause)
        await clock.advance(pause)
        assert not one.waiting
    assert pauses[:2] == [0.0, 0.0]
    for pause, most in zip(pauses[2:], [20, 40, 60, 60, 60, 60], strict=True):
        assert 0.8 * most <= pause <= most
    assert len({round(pause, 3) for pause in pauses[4:]}) > 1
    one.bad(FAILURE)
    assert one.waiting
    one.good()
    assert not one.waiting


async def test_a_stated_wait_is_kept_within_reason() -> None:
    clock = FakeClock()
    one, _ = backoff(clock)
    one.told_to_wait(slow_down(45))
    await clock.advance(44)
    assert one.waiting
    await clock.advance(1)
    assert not one.waiting
    one.told_to_wait(slow_down(86_400))
    await clock.advance(300)
    assert not one.waiting


async def test_a_long_wait_is_told_until_the_first_answer_after_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    clock = FakeClock()
    one, health = backoff(clock)
    part = health.part("pump.fun")
    for _ in range(2):  # in a row
        one.told_to_wait(slow_down(300))
        one.good()
        assert (part.ok, part.detail) == (False, "it asks Mintcast to slow down (error 429)")
        await clock.advance(299)
        one.good()  # a person's look
        assert not part.ok
        await clock.advance(1)
    assert not part.ok
    one.good()
    assert part.ok
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_a_wait_that_the_watcher_s_promise_has_room_for_is_nobody_s_business() -> None:
    clock = FakeClock()
    one, health = backoff(clock)
    one.told_to_wait(slow_down(40))
    assert one.waiting
    assert health.part("pump.fun").ok
