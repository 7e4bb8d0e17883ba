"""One request to Discord: answered at once, ended in time, and known to be in doubt or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.alerts import Fault
from bot.platforms.discord.connection import limits
from bot.platforms.discord.connection.client_port import point_at
from tests.fakes.discord import Hang, RateLimit, Reset, ServerError, When
from tests.platforms.discord.sender_harness import ALERT, CLIP, SenderHarness, open_sender

MIB = 1 << 20


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(database.parent) as opened:
        yield opened


async def test_a_rate_limit_is_told_at_once_and_not_waited_out(harness: SenderHarness) -> None:
    harness.fake.faults.add(("POST", harness.channel), RateLimit(30.0), times=1)

    error = await harness.fault_of()

    assert (error.fault, error.retry_after, error.everywhere) == (Fault.RATE_LIMITED, 30.0, False)
    await harness.sender.send(harness.target(), ALERT, nonce="n")  # nothing is blocked afterwards


async def test_the_limit_of_the_whole_token_says_so(harness: SenderHarness) -> None:
    harness.fake.faults.add(("POST", harness.channel), RateLimit(0.3, everywhere=True), times=1)

    error = await harness.fault_of()

    assert (error.fault, error.retry_after, error.everywhere) == (Fault.RATE_LIMITED, 0.3, True)
    other = harness.guild.add_text_channel("other")
    await harness.sender.send(harness.target(other), ALERT, nonce="m")


async def test_five_messages_in_a_row_are_not_held_back(harness: SenderHarness) -> None:
    for number in range(5):
        await harness.sender.send(harness.target(), ALERT, nonce=f"n{number}")

    assert len(harness.channel.messages) == 5


async def test_the_sixth_is_handed_back_to_whoever_can_wait(harness: SenderHarness) -> None:
    for number in range(5):
        await harness.sender.send(harness.target(), ALERT, nonce=f"n{number}")

    error = await harness.fault_of(nonce="n6")

    assert error.fault is Fault.RATE_LIMITED
    assert not error.everywhere
    assert len(harness.channel.messages) == 5


async def test_a_broken_server_is_told_at_once_and_asked_again_harmlessly(
    harness: SenderHarness,
) -> None:
    harness.fake.faults.add(("POST", harness.channel), ServerError(When.AFTER), times=1)

    error = await harness.fault_of(nonce="abc")
    message_id = await harness.sender.send(harness.target(), ALERT, nonce="abc")

    assert error.fault is Fault.SERVER_ERROR
    assert [str(one.id) for one in harness.channel.messages] == [message_id]


@pytest.mark.parametrize("when", [When.BEFORE, When.AFTER])
async def test_a_connection_that_breaks_leaves_the_send_in_doubt(
    harness: SenderHarness, when: When
) -> None:
    harness.fake.faults.add(("POST", harness.channel), Reset(when), times=1)

    error = await harness.fault_of()

    assert error.fault is Fault.MAYBE_SENT


async def test_a_connection_that_breaks_in_the_middle_of_a_file_leaves_it_in_doubt(
    harness: SenderHarness,
) -> None:
    harness.fake.faults.add(("POST", harness.channel), Reset(When.UPLOAD), times=1)

    error = await harness.fault_of(replace(CLIP, video=harness.video(3 << 20)))

    assert error.fault is Fault.MAYBE_SENT


async def test_without_a_connection_nothing_was_sent(harness: SenderHarness) -> None:
    harness.client_port.client = None
    assert (await harness.fault_of()).fault is Fault.NOT_SENT

    harness.client_port.refused = True
    assert (await harness.fault_of()).fault is Fault.UNAUTHORIZED


async def test_a_discord_that_cannot_be_reached_was_sent_nothing(harness: SenderHarness) -> None:
    point_at("http://127.0.0.1:1/api/v10", "")

    assert (await harness.fault_of()).fault is Fault.NOT_SENT


async def test_a_session_that_was_closed_sent_nothing(harness: SenderHarness) -> None:
    await harness.client.http.close()

    assert (await harness.fault_of()).fault is Fault.NOT_SENT


async def test_a_slow_upload_holds_back_nobody_for_long(harness: SenderHarness) -> None:
    harness.fake.faults.add(("POST", harness.channel), Hang(When.BEFORE), times=1)
    first = asyncio.create_task(harness.sender.send(harness.target(), ALERT, nonce="one"))
    await asyncio.sleep(0)

    error = await harness.fault_of(nonce="two")

    assert error.fault is Fault.RATE_LIMITED
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_a_server_that_never_answers_is_given_up(
    harness: SenderHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REQUEST_SECONDS", 0.5)
    harness.fake.faults.add(("POST", harness.channel), Hang(When.AFTER), times=1)

    assert (await harness.fault_of()).fault is Fault.MAYBE_SENT


async def test_a_ban_by_the_proxy_before_discord_disables_no_target(harness: SenderHarness) -> None:
    harness.fake.limits.invalid_allowed = 0

    error = await harness.fault_of()

    assert error.fault is Fault.RATE_LIMITED
    assert error.everywhere


def test_larger_files_are_given_more_time_and_never_without_end() -> None:
    assert limits.patience(0) == 15
    assert limits.patience(10 * MIB) > 100
    assert limits.patience(1 << 40) == 300
