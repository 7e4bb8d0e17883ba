"""What a part says of itself, and what its silence says."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.errors import DatabaseBusy, MintcastError
from bot.kit.error_text import is_all, reason
from bot.kit.health import Health, Part, Phase
from tests.fakes.clock import START, FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def health(clock: FakeClock) -> Health:
    return Health(clock)


def silent(seconds: float) -> str:
    return f"it has not looked for {seconds:g} s"


def watcher(health: Health) -> Part:
    part = health.part("watcher", vital=True)
    part.expect(40, silent)
    return part


async def test_a_part_that_is_silent_for_too_long_is_bad_by_itself(
    health: Health, clock: FakeClock
) -> None:
    part = watcher(health)
    part.good()
    await clock.advance(40)
    assert (part.ok, part.age, health.status) == (True, 40, "ok")
    await clock.advance(5)
    assert (part.ok, part.detail) == (False, "it has not looked for 45 s")
    assert part.since is not None
    assert (part.since - START).total_seconds() == 40
    assert health.status == "failing"
    part.good()
    assert (part.ok, part.age, health.status) == (True, 0, "ok")


async def test_one_that_never_had_success_is_bad_as_soon(health: Health, clock: FakeClock) -> None:
    part = watcher(health)
    assert (part.ok, part.age, health.status) == (True, None, "starting")
    part.alive()
    assert (part.ok, part.age, health.status) == (True, None, "ok")
    await clock.advance(41)
    assert (part.ok, part.age, health.status) == (False, None, "failing")


async def test_what_is_at_work_does_not_hang_but_may_be_bad(
    health: Health, clock: FakeClock
) -> None:
    part = watcher(health)
    for _ in range(5):
        await clock.advance(30)
        part.alive()
    assert part.ok
    part.bad("the disk is full")
    part.alive()
    assert (part.ok, part.detail) == (False, "the disk is full")


async def test_of_several_pulses_each_has_to_go_on(health: Health, clock: FakeClock) -> None:
    part = health.part("dispatcher", vital=True)
    one, other = part.pulse(75, silent), part.pulse(75, silent)
    one.beat()
    await clock.advance(50)
    other.beat()
    assert part.age == 50
    await clock.advance(50)
    assert not part.ok
    one.end()
    assert (part.ok, part.age) == (True, 50)


async def test_a_pulse_makes_good_what_was_said_to_be_bad(health: Health) -> None:
    part = health.part("dispatcher", vital=True)
    pulse = part.pulse(75, silent)
    part.bad("the database is locked")
    assert not health.ok
    pulse.beat()
    assert (part.ok, part.detail, health.ok) == (True, "", True)


async def test_each_edge_is_one_line_of_the_log_silence_too(
    health: Health, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    part = watcher(health)
    part.good()
    noticing = asyncio.create_task(health.keep_noticing())
    await clock.advance(60)
    part.bad("the disk is full")
    part.bad("the disk is still full")
    await clock.advance(60)
    part.good()
    await clock.advance(20)
    noticing.cancel()
    await asyncio.gather(noticing, return_exceptions=True)
    assert [record.getMessage() for record in caplog.records] == [
        "watcher fails: it has not looked for 41 s",
        "watcher works again",
    ]


async def test_commands_are_taken_while_the_service_runs_and_not_before_nor_after(
    health: Health, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    part = watcher(health)
    part.good()
    health.enter(Phase.STARTING, "Mintcast is starting")
    assert (health.ok, health.status) == (False, "starting")
    assert health.part("commands").detail == "Mintcast is starting"
    await clock.advance(100)  # a long migration is no silence of the watcher
    health.enter(Phase.RUNNING, "taken")
    assert (health.ok, health.status, part.ok) == (True, "ok", True)
    health.enter(Phase.STOPPING, "Mintcast is stopping")
    assert (health.ok, health.status) == (False, "stopping")
    assert not caplog.records


def test_a_reason_is_what_the_errors_say_whatever_holds_them() -> None:
    busy, full = DatabaseBusy("x.db", "locked"), MintcastError("the disk is full")
    group = ExceptionGroup("looks", [busy, ExceptionGroup("more", [full, busy])])
    assert reason(group) == "the database is busy (locked); the disk is full"
    assert reason(ValueError("odd\n value")) == "ValueError: odd value"
    assert reason(FileNotFoundError(2, "No such file", "/nonexistent")) == (
        "No such file (/nonexistent)"
    )
    assert reason(TimeoutError()) == "TimeoutError"
    assert is_all(group, (MintcastError,))
    assert not is_all(ExceptionGroup("", [busy, KeyError()]), (MintcastError,))


def test_a_reason_shows_no_token() -> None:
    token = "123456789:" + "A" * 35
    assert token not in reason(RuntimeError(f"https://api.telegram.org/bot{token}/getMe"))


async def test_of_what_is_off_nothing_is_expected(health: Health, clock: FakeClock) -> None:
    part = watcher(health)
    part.off("another node does it")
    await clock.advance(100)
    assert (part.ok, part.is_off, part.detail) == (True, True, "another node does it")
