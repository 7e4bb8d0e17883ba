"""What people write to the bot in private."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.clock import settle, until
from tests.fakes.discord import Message, ServerError, User
from tests.platforms.discord.harness import PlatformHarness, answered, open_platform
from tests.pumpfun.samples import MINT

LINK = f"https://pump.fun/coin/{MINT}"


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[PlatformHarness]:
    async with open_platform(tmp_path) as opened:
        await opened.start_in_a_server()
        yield opened


def of_bot(harness: PlatformHarness, user: User) -> list[Message]:
    return [one for one in user.dm.messages if one.author_id == harness.fake.bot.id]


async def offer(harness: PlatformHarness, user: User, text: str) -> Message:
    before = len(of_bot(harness, user))
    user.write(text)
    await until(lambda: len(of_bot(harness, user)) > before)
    return of_bot(harness, user)[-1]


@pytest.mark.parametrize("text", [LINK, MINT, f"look: {LINK}?x=1"])
async def test_a_coin_is_offered_and_a_press_follows_it(
    harness: PlatformHarness, text: str
) -> None:
    user = harness.fake.add_user("cleo")
    shown = await offer(harness, user, text)
    assert MINT in shown.embeds[0]["description"]
    assert [button["label"] for button in shown.buttons] == ["Subscribe", "Is it live?"]
    assert "Following " in await answered(await user.press(shown, label="Subscribe"))
    shown = await offer(harness, user, text)
    assert "Minty coin" in shown.embeds[0]["description"]
    assert [button["label"] for button in shown.buttons] == ["Is it live?", "Settings"]


async def test_a_coin_is_offered_though_discord_fails_at_first(harness: PlatformHarness) -> None:
    user = harness.fake.add_user("cleo")
    harness.fake.faults.add(("POST", user.dm), ServerError(), times=2)
    user.write(LINK)
    await harness.pass_time_until(lambda: len(of_bot(harness, user)) == 1)


async def test_a_link_to_no_coin_is_told_why(harness: PlatformHarness) -> None:
    user = harness.fake.add_user("cleo")
    shown = await offer(harness, user, f"https://pump.fun/profile/{MINT}")
    assert "a creator's profile" in shown.embeds[0]["description"].replace("\\", "")


async def test_talk_is_not_answered(harness: PlatformHarness) -> None:
    user = harness.fake.add_user("cleo")
    user.write("hello there")
    await settle()
    assert of_bot(harness, user) == []
