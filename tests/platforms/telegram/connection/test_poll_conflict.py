"""Another program that polls with the same token, or sets a webhook."""

from __future__ import annotations

import asyncio
import math

import pytest

from bot.alerts import Fault, SendError
from bot.platforms.telegram.connection.poll_conflict import GONE_AFTER, MUTE_AFTER, PollConflict
from tests.commands.harness import CommandHarness
from tests.fakes.clock import FakeClock
from tests.fakes.telegram import Refuse, ServerError
from tests.fakes.telegram.api.refusals import WEBHOOK
from tests.platforms.telegram.harness import FastClock, PlatformHarness, open_harness, until


async def test_a_poll_conflict_is_told_of_once(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    rule = harness.telegram.faults.add("getUpdates", Refuse(409, "Conflict: terminated by other"))
    await harness.al.say(harness.al.chat, "/help")  # ends the poll that waits
    await until(lambda: not harness.part.ok)
    assert "another program uses this token" in harness.part.detail
    await until(lambda: rule.hits >= 3)
    lines = [record.message for record in caplog.records if "another program" in record.message]
    assert len(lines) == 1
    harness.telegram.faults.remove(rule)


async def test_after_a_minute_of_conflicts_nothing_is_sent_until_they_end() -> None:
    clock = FakeClock()
    conflict = PollConflict(clock)
    conflict.met()
    await clock.advance(MUTE_AFTER - 1)
    conflict.met()
    assert not conflict.is_muting
    await clock.advance(1)
    assert conflict.is_muting
    await clock.advance(GONE_AFTER - 1.5)  # two polls of the other program may be far apart
    assert conflict.is_muting
    await clock.advance(0.5)
    assert not conflict.is_muting
    conflict.met()
    assert not conflict.is_muting


async def test_a_muted_copy_waits_and_disables_nothing(commands: CommandHarness) -> None:
    async with open_harness(commands, clock=FastClock(400, patience=math.inf)) as harness:
        connection = harness.platform.connection
        rule = harness.telegram.faults.add(
            "getUpdates", Refuse(409, "Conflict: terminated by other")
        )
        await harness.al.say(harness.al.chat, "/help")  # ends the poll that waits
        await until(lambda: "nothing is posted" in harness.part.detail)
        with pytest.raises(SendError) as muted:
            connection.client()
        assert (muted.value.fault, muted.value.everywhere) == (Fault.RATE_LIMITED, True)
        harness.telegram.faults.remove(rule)
        await asyncio.sleep(2 * GONE_AFTER / 400)
        assert connection.client() is connection.bot
        await harness.al.say(harness.al.chat, "/help")
        await until(lambda: harness.part.ok)


async def test_a_webhook_that_was_set_meanwhile_is_removed(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """By a tool that is gone by now: nothing is wrong once it is removed."""
    await until(lambda: harness.telegram.updates.is_polled)
    harness.telegram.set_webhook("https://example.org/hook")
    assert (await harness.say("/help")).text
    assert harness.part.ok
    assert "a webhook was set for this token" in caplog.text
    assert "another program" not in caplog.text


async def test_a_webhook_that_comes_back_is_another_program(commands: CommandHarness) -> None:
    async with open_harness(commands, clock=FastClock(400, patience=math.inf)) as harness:
        rule = harness.telegram.faults.add("getUpdates", Refuse(409, WEBHOOK))
        await harness.al.say(harness.al.chat, "/help")  # ends the poll that waits
        await until(lambda: "keeps setting a webhook" in harness.part.detail)
        await until(lambda: "nothing is posted" in harness.part.detail)
        with pytest.raises(SendError):
            harness.platform.connection.client()
        harness.telegram.faults.remove(rule)
        await until(lambda: harness.part.ok)


async def test_a_webhook_that_could_not_be_removed_has_not_come_back(
    harness: PlatformHarness,
) -> None:
    await until(lambda: harness.telegram.updates.is_polled)
    rule = harness.telegram.faults.add("deleteWebhook", ServerError(502))
    harness.telegram.set_webhook("https://example.org/hook")
    await until(lambda: rule.hits > 1)
    assert "can't be reached" in harness.part.detail
    harness.telegram.faults.remove(rule)
    assert (await harness.say("/help")).text
    await until(lambda: harness.part.ok)
