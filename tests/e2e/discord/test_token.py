"""A token that is wrong from the start, and a Discord that cannot be reached then."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.demo.page_client import Page
from bot.demo.ports import free_port
from bot.demo.world import World
from tests.e2e.discord.harness import discord_harness, environment
from tests.e2e.seed import until
from tests.e2e.test_service import run, until_part
from tests.fakes.discord import FakeDiscord, Reset


async def test_a_wrong_token_ends_the_start_with_one_sentence(tmp_path: Path) -> None:
    async with World(livekit=False) as world, FakeDiscord() as discord:
        told = {
            **world.environment,
            **environment(discord),
            "MINTCAST_STORAGE__DATABASE": str(tmp_path / "mintcast.db"),
            "MINTCAST_STORAGE__CLIPS": str(tmp_path),
            "MINTCAST_CLIPS__MIN_FREE_GIGABYTES": "0",
            "MINTCAST_HTTP__PORT": str(free_port()),
        }
        code, said = await run({**told, "DISCORD_TOKEN": "not.the-token.of-anybody"}, "run")
        assert code == 78, said
        assert "Discord refuses the token in DISCORD_TOKEN" in said.splitlines()[-1]
        assert "not.the-token" not in said


@pytest.mark.soak
async def test_a_discord_that_is_not_there_at_the_start_is_waited_for(tmp_path: Path) -> None:
    async with discord_harness(tmp_path, livekit=False) as harness:
        await harness.service.stop()
        harness.discord.faults.add(("*", "*"), Reset())
        await harness.service.start()
        async with Page(f"http://127.0.0.1:{harness.port}") as page:
            await page.reachable()
            await until_part(page, "discord", ok=False)
            harness.discord.faults.clear()
            await until_part(page, "discord", ok=True)
        await until(lambda: harness.discord.gateway.connected, "connected")
