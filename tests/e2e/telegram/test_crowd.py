"""Many people at once; and a platform that is gone for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.demo.page_client import Page
from bot.demo.ports import free_port
from bot.demo.running import PACE
from bot.demo.service import Service
from bot.demo.world import World
from tests.conftest import require_livekit_server
from tests.e2e.discord import harness as discord_harness
from tests.e2e.seed import until
from tests.e2e.telegram.harness import TelegramHarness, crowd, telegram_harness
from tests.e2e.telegram.harness import environment as telegram_environment
from tests.e2e.test_service import until_part
from tests.fakes.discord import Channel, FakeDiscord
from tests.fakes.telegram import Chat, FakeTelegram, Message

OTHERS, WITHIN = 50, 5.0
LONGEST_ANSWER = 1.0


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[TelegramHarness]:
    require_livekit_server()
    async with telegram_harness(tmp_path) as opened:
        yield opened


@pytest.mark.soak
@pytest.mark.parametrize("timed", [False, True])
async def test_a_clip_in_one_chat_holds_up_none_of_fifty_others(
    harness: TelegramHarness, timed: bool
) -> None:
    others = crowd(harness, OTHERS)
    await harness.world.broadcast(harness.coin, width=640, height=360)
    await harness.al.say(harness.al.chat, f"/clip 100s {harness.coin.mint}")
    (progress,) = await until(lambda: harness.al.chat.messages, "its progress")
    await others.ask(WITHIN)
    waited = await others.answer_seconds()
    assert "Clip cancelled." not in progress.text
    await harness.al.press(progress, label="Cancel")
    await until(lambda: "Clip cancelled." in progress.text, "the end of a clip that was being made")
    if timed:
        assert max(waited) < LONGEST_ANSWER
    assert harness.telegram.rejected == []


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seconds", [30.0, 600.0])
@pytest.mark.parametrize("gone", ["discord", "telegram"])
async def test_one_platform_is_gone_and_the_other_goes_on(
    tmp_path: Path, gone: str, seconds: float
) -> None:
    port = free_port()
    async with (
        World(livekit=False) as world,
        FakeDiscord() as discord,
        FakeTelegram() as telegram,
    ):
        coin = world.add_coin("MINTY", "Minty the coin")
        guild = discord.add_guild("Friends")
        channel = guild.add_text_channel("alerts")
        owner = guild.add_member(discord.add_user("olga"), permissions=("manage_guild",))
        al = telegram.add_user("al")
        told = {
            **world.environment,
            **PACE,
            **discord_harness.environment(discord),
            **telegram_environment(telegram),
            "MINTCAST_HTTP__PORT": str(port),
        }
        async with Service(tmp_path, told) as service, Page(f"http://127.0.0.1:{port}") as page:
            await discord_harness.connected(discord, service)
            await (await owner.slash(channel, "subscribe", mint=coin.mint)).answered()
            await al.say(al.chat, f"/subscribe {coin.mint}")
            await until(lambda: al.chat.messages, "an answer")
            broken: FakeDiscord | FakeTelegram = discord if gone == "discord" else telegram
            await broken.down()
            coin.go_live("Through an outage")
            there, here = on_telegram(al.chat), on_discord(channel)
            if gone == "discord":
                there, here = here, there
            await until(lambda: here() == 1, "the alert on the platform that is there")
            ends = time.monotonic() + seconds
            await until_part(page, gone, ok=False)
            await asyncio.sleep(max(0.0, ends - time.monotonic()))
            await broken.up()
            await until(lambda: there() == 1, "the alert that was owed", 90)
            await until_part(page, gone, ok=True)
            assert (here(), there()) == (1, 1)
            assert await service.stop() == 0


def videos(chat: Chat) -> list[Message]:
    return [one for one in chat.messages if one.video]


def on_telegram(chat: Chat) -> Callable[[], int]:
    return lambda: sum(one.photo is not None for one in chat.messages)


def on_discord(channel: Channel) -> Callable[[], int]:
    return lambda: len(discord_harness.alerts(channel))
