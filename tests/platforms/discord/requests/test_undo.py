"""Undo in a server: the answer changes where it stands, and a press adds no message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.clock import until
from tests.fakes.discord import Asked, Channel, Member, Message
from tests.platforms.discord.harness import PlatformHarness, answered, open_platform
from tests.pumpfun.samples import MINT

DEFER_UPDATE = 6


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[PlatformHarness]:
    async with open_platform(tmp_path) as opened:
        yield opened


async def unsubscribed(harness: PlatformHarness) -> tuple[Member, Asked, Channel]:
    """Somebody who may undo that, and the answer to `/unsubscribe`."""
    guild, channel = await harness.start_in_a_server()
    await harness.follow(guild, channel)
    ada = harness.manager(guild)
    asked = await ada.slash(channel, "unsubscribe", mint=MINT)
    await answered(asked)
    return ada, asked, channel


def labels(message: Message) -> list[str]:
    return [button["label"] for button in message.buttons]


async def followed(harness: PlatformHarness) -> int:
    async with harness.store.read() as unit:
        return await unit.subscriptions.count()


async def test_the_answer_changes_in_place_and_the_press_is_only_acknowledged(
    harness: PlatformHarness,
) -> None:
    ada, asked, channel = await unsubscribed(harness)
    answer = asked.answer
    assert labels(answer) == ["Undo"]
    pressed = await ada.press(answer, label="Undo")
    await pressed.until(lambda one: one.callback is not None)
    assert pressed.callback == DEFER_UPDATE
    assert pressed.followups == []
    assert "again." in await answered(asked)
    assert labels(answer) == []
    assert await followed(harness) == 1
    assert len(channel.messages) == 0, "all of it is between the two of them"


async def test_after_half_a_minute_the_button_goes(harness: PlatformHarness) -> None:
    _, asked, _ = await unsubscribed(harness)
    await harness.pass_time(31)
    await until(lambda: labels(asked.answer) == [])
    assert await followed(harness) == 0


async def test_after_a_restart_the_press_is_answered_to_who_pressed_alone(
    harness: PlatformHarness,
) -> None:
    ada, asked, _ = await unsubscribed(harness)
    answer = asked.answer
    await harness.restart()
    pressed = await ada.press(answer, label="Undo")
    assert "again." in await answered(pressed)
    assert pressed.answer.ephemeral
    again = await ada.press(answer, label="Undo")
    assert (await answered(again)).strip() == "Already restored."
    assert await followed(harness) == 1


async def test_a_refusal_is_a_message_that_nobody_else_sees(harness: PlatformHarness) -> None:
    ada, asked, _ = await unsubscribed(harness)
    answer = asked.answer
    await harness.restart()
    await harness.pass_time(31)
    pressed = await ada.press(answer, label="Undo")
    assert "Too late to undo. Run /subscribe again." in await answered(pressed)
    assert pressed.answer.ephemeral
    assert await followed(harness) == 0
