"""The connection: tokens, outages, and what is taken or left."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from telegram import Bot, Update

from bot.alerts import Fault, SendError
from bot.errors import TokenRefused
from bot.kit.health import Health
from bot.kit.timing.clock import SystemClock
from bot.platforms.telegram.connection import polling
from tests.commands.harness import CommandHarness
from tests.fakes.telegram import FakeTelegram, Refuse, RetryAfter, ServerError
from tests.platforms.telegram.harness import (
    WRONG_TOKENS,
    PlatformHarness,
    new_platform,
    until,
)


@pytest.mark.parametrize("token", WRONG_TOKENS)
async def test_a_wrong_token_is_refused_at_the_login_and_shown_nowhere(
    commands: CommandHarness, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    async with FakeTelegram() as telegram:
        health = Health(SystemClock())
        platform = new_platform(commands, telegram, health, token=token)
        with pytest.raises(TokenRefused) as refused:
            await platform.login()
        await platform.close()
    assert "@BotFather" in refused.value.detail
    assert not health.part("telegram").ok
    assert token not in caplog.text + str(refused.value) + health.part("telegram").detail


async def test_a_token_that_dies_ends_the_platform_and_its_sending(
    harness: PlatformHarness,
) -> None:
    harness.telegram.faults.add("*", Refuse(401, "Unauthorized"))
    assert harness.running is not None
    await harness.al.say(harness.al.chat, "/help")  # ends the poll that waits
    with pytest.raises(TokenRefused):
        await harness.running
    harness.running = None
    assert "@BotFather" in harness.part.detail
    with pytest.raises(SendError) as stopped:
        harness.platform.connection.client()
    assert stopped.value.fault is Fault.UNAUTHORIZED


async def test_one_refused_poll_is_no_dead_token(harness: PlatformHarness) -> None:
    harness.telegram.faults.add("getUpdates", Refuse(401, "Unauthorized"), times=1)
    await harness.say("/help")
    await harness.say("/help")
    assert harness.part.ok


async def test_an_outage_is_told_once_and_ends_by_itself(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await harness.say("/help")
    await harness.telegram.down()
    await until(lambda: not harness.part.ok)
    await asyncio.sleep(0.2)
    await harness.telegram.up()
    await until(lambda: harness.part.ok)  # though nobody says anything
    await harness.say("/help")
    lines = [record.message for record in caplog.records if record.name == "bot.kit.health"]
    assert len([line for line in lines if "fails" in line]) == 1
    assert len([line for line in lines if "works again" in line]) == 1


async def test_a_long_wait_that_telegram_asks_for_is_told(harness: PlatformHarness) -> None:
    """No command is taken meanwhile."""
    await until(lambda: harness.telegram.updates.is_polled)
    harness.telegram.faults.add("getUpdates", RetryAfter(600))
    await harness.al.say(harness.al.chat, "/help")  # ends the poll that waits
    await until(lambda: not harness.part.ok)
    assert "10 min" in harness.part.detail


async def test_a_short_wait_that_telegram_asks_for_is_no_news(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    rule = harness.telegram.faults.add("getUpdates", RetryAfter(1))
    await harness.al.say(harness.al.chat, "/help")
    await until(lambda: rule.hits > 0)
    harness.telegram.faults.remove(rule)
    assert (await harness.say("/help")).text
    assert harness.part.ok
    assert "fails" not in caplog.text


async def test_a_login_during_an_outage_is_left_to_run(commands: CommandHarness) -> None:
    async with FakeTelegram() as telegram:
        await telegram.down()
        health = Health(SystemClock())
        harness = PlatformHarness(
            commands, telegram, new_platform(commands, telegram, health), health
        )
        await harness.platform.login()
        assert not harness.part.ok
        harness.start()
        await telegram.up()
        assert (await harness.say("/help")).text
        assert harness.part.ok
        await harness.stop()


async def test_a_page_of_a_machine_in_between_is_no_refusal(commands: CommandHarness) -> None:
    async with FakeTelegram() as telegram:
        telegram.faults.add("getMe", ServerError(401))
        health = Health(SystemClock())
        platform = new_platform(commands, telegram, health)
        await platform.login()
        assert "can't be reached" in health.part("telegram").detail
        await platform.close()


async def test_a_webhook_of_another_program_is_taken_away(commands: CommandHarness) -> None:
    async with FakeTelegram() as telegram:
        telegram.set_webhook("https://example.org/hook")
        health = Health(SystemClock())
        harness = PlatformHarness(
            commands, telegram, new_platform(commands, telegram, health), health
        )
        await harness.platform.login()
        harness.start()
        assert (await harness.say("/help")).text
        await harness.stop()


async def test_the_start_line_says_where_the_bot_is(
    commands: CommandHarness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with FakeTelegram() as telegram:
        platform = new_platform(commands, telegram, Health(SystemClock()))
        await platform.login()
        await platform.close()
    (line,) = [r.message for r in caplog.records if r.message.startswith("Telegram: connected")]
    assert "@mintcast_bot" in line
    assert "https://t.me/mintcast_bot?startgroup=1" in line


async def test_what_was_taken_is_not_taken_again(harness: PlatformHarness) -> None:
    await harness.say("/help")
    await harness.stop()
    assert harness.telegram.updates.queue == []
    harness.restart()
    await harness.platform.login()
    harness.start()
    await harness.say("/help", harness.telegram.add_user("somebody else"))
    assert len(harness.al.chat.messages) == 1


async def test_what_was_taken_is_confirmed_at_the_end(harness: PlatformHarness) -> None:
    await until(lambda: harness.telegram.updates.is_polled)  # what waits is not struck any more
    rule = harness.telegram.faults.add("getUpdates", RetryAfter(600))
    await harness.say("/help")
    assert len(harness.telegram.updates.queue) == 1
    harness.telegram.faults.remove(rule)
    await harness.stop()
    assert harness.telegram.updates.queue == []


async def test_few_of_many_updates_are_taken_at_a_time(harness: PlatformHarness) -> None:
    """All that one poll brings is read at once, and nothing else happens meanwhile."""
    await until(lambda: harness.telegram.updates.is_polled)
    people = [harness.telegram.add_user(f"person {number}") for number in range(25)]
    for person in people:
        await person.say(person.chat, "/help")
    await until(lambda: all(person.chat.messages for person in people))
    polls = [call.result for call in harness.telegram.made("getUpdates") if call.result]
    assert max(map(len, polls)) <= 10


async def test_an_update_that_cannot_be_read_is_passed_over(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    for broken in ({"message_id": "x"}, {"date": 7}):
        harness.telegram.tell("message", broken)
    assert (await harness.say("/help")).text
    assert "an update that cannot be read" in caplog.text


@pytest.mark.parametrize("date", ["1e17", "1e20", "-1e20", "1e400"])
async def test_a_date_beyond_all_is_passed_over(harness: PlatformHarness, date: str) -> None:
    about = {"message_id": 7, "chat": harness.al.chat.as_json(), "text": "/help"}
    number = float(date) if date == "1e400" else int(float(date))
    harness.telegram.tell("message", about | {"date": number})
    assert (await harness.say("/help")).text


async def test_a_poll_that_never_ends_is_given_up(
    harness: PlatformHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where an answer trickles: each read is in time."""
    monkeypatch.setattr(polling, "_ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(polling, "POLL_SECONDS", 0)
    asked, get_updates = asyncio.Event(), Bot.get_updates

    async def never_ends_once(bot: Bot, **about: Any) -> tuple[Update, ...]:
        if not asked.is_set():
            asked.set()
            await asyncio.get_running_loop().create_future()
        return await get_updates(bot, **about)

    monkeypatch.setattr(Bot, "get_updates", never_ends_once)
    await harness.al.say(harness.al.chat, "/help")  # ends the poll that waits
    await until(asked.is_set)
    assert (await harness.say("/help")).text


async def test_a_command_that_cannot_be_read_holds_up_nobody(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """PTB parses an update, and fails at its entity when that is asked for."""
    half = {"type": "bot_command", "offset": 0, "length": 1}
    about = {"message_id": 7, "date": 1_790_000_000, "chat": harness.al.chat.as_json()}
    harness.telegram.tell("message", about | {"text": "\U0001f600", "entities": [half]})
    assert (await harness.say("/help")).text
    assert "an update cannot be read" in caplog.text


async def test_pages_of_a_machine_in_between_fill_no_log(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    rule = harness.telegram.faults.add("getUpdates", ServerError(502), times=3)
    await harness.al.say(harness.al.chat, "/help")  # ends the poll that waits
    await until(lambda: rule.hits == 3)
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []
