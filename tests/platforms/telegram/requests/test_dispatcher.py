"""Updates on their way to the commands, and the end of a service that is still asked."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.model import plain
from tests.commands.harness import CommandHarness
from tests.platforms.telegram.harness import FastClock, PlatformHarness, open_harness
from tests.pumpfun.samples import MINT, OTHER_MINT


async def test_a_reply_to_an_alert_says_which_coin_is_meant(harness: PlatformHarness) -> None:
    """A message of the bot's that is replied to goes to the commands by its id."""
    requests: list[Any] = []

    async def run(request: Any, text: str) -> None:
        requests.append((request.message_id, text))

    harness.commands.service.run = run  # type: ignore[method-assign]
    first = await harness.say("/subscriptions")
    await harness.al.say(harness.al.chat, "/clip 30s", reply_to=first)
    await harness.telegram.until(lambda: requests)
    assert requests == [(str(first.id), "/clip 30s")]


async def test_a_clip_that_was_asked_for_long_ago_is_not_made_now(
    harness: PlatformHarness,
) -> None:
    await harness.stop()
    await harness.al.say(harness.al.chat, f"/clip 30s {MINT}")
    await harness.al.say(harness.al.chat, f"/subscribe {OTHER_MINT}")
    harness.telegram.advance(3600)
    harness.restart()
    await harness.platform.login()
    harness.start()
    await harness.telegram.until(lambda: len(harness.al.chat.messages) == 2)
    told = sorted(message.text for message in harness.al.chat.messages)
    assert "Following " in told[0] + told[1]
    assert "1 h ago" in told[0] + told[1]


class Late(FastClock):
    """An hour later than Telegram."""

    def wall(self) -> datetime:
        return super().wall() + timedelta(hours=1)


async def test_a_clip_is_made_also_where_our_clock_is_an_hour_ahead(
    commands: CommandHarness,
) -> None:
    async with open_harness(commands, clock=Late()) as harness:
        answer = await harness.say(f"/clip 30s {MINT}")
        assert "ago" not in answer.text


async def test_a_defect_is_told_to_who_asked_and_freezes_nobody(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    async def run(request: Any, text: str) -> None:
        raise ZeroDivisionError

    kept, harness.commands.service.run = harness.commands.service.run, run  # type: ignore[method-assign]
    answer = await harness.say("/live")
    assert "Something went wrong on my side" in answer.text
    harness.commands.service.run = kept  # type: ignore[method-assign]
    assert "What I can do" not in answer.text
    assert (await harness.say("/help")).text


async def test_while_a_command_takes_long_the_chat_sees_that_the_bot_types(
    harness: PlatformHarness,
) -> None:
    go_on = asyncio.Event()

    async def run(request: Any, text: str) -> None:
        await go_on.wait()
        await request.reply.show(plain("Here it is."))

    harness.commands.service.run = run  # type: ignore[method-assign]
    await harness.al.say(harness.al.chat, "/live")
    typing = (harness.al.chat.id, "typing")
    await harness.telegram.until(lambda: harness.telegram.actions.count(typing) == 2)
    go_on.set()
    await harness.telegram.until(lambda: harness.al.chat.messages)
    await harness.idle()


async def test_whatever_a_closed_dispatcher_is_handed_is_told_to_try_again(
    harness: PlatformHarness,
) -> None:
    await harness.platform.dispatcher.close()
    assert "Mintcast is restarting" in (await harness.say(f"/subscribe {MINT}")).text
    assert await harness.mints(harness.al.chat) == []


async def test_what_comes_after_the_dispatcher_is_closed_waits_for_the_next_start(
    harness: PlatformHarness,
) -> None:
    await harness.platform.close_dispatcher()
    await harness.al.say(harness.al.chat, f"/subscribe {MINT}")
    await harness.stop()
    assert harness.al.chat.messages == []
    harness.restart()
    await harness.platform.login()
    harness.start()
    await harness.telegram.until(lambda: harness.al.chat.messages)
    assert [mint for _, mint in await harness.mints(harness.al.chat)] == [MINT]


async def test_who_waits_when_the_dispatcher_is_closed_is_told(harness: PlatformHarness) -> None:
    never = asyncio.Event()
    begun = asyncio.Event()

    async def run(request: object, text: str) -> None:
        begun.set()
        await never.wait()

    harness.commands.service.run = run  # type: ignore[method-assign]
    await harness.al.say(harness.al.chat, "/live")
    await begun.wait()
    await harness.platform.close_dispatcher()
    assert [one.text for one in harness.al.chat.messages] == [
        "Mintcast is restarting. Try again in a minute."
    ]
