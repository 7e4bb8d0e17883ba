"""Discord is told of the commands when they have changed, and only then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from discord import app_commands

from bot.commands import CATALOGUE
from tests.fakes.clock import settle, until
from tests.fakes.discord import RateLimit, ServerError
from tests.platforms.discord.harness import PlatformHarness, open_platform

GLOBAL = ("PUT", "/applications/*/commands")


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[PlatformHarness]:
    async with open_platform(tmp_path) as opened:
        yield opened


async def test_a_first_start_tells_discord_of_every_command(harness: PlatformHarness) -> None:
    await harness.start()
    await harness.synced()
    told = harness.fake.commands[0]
    assert sorted(told) == sorted(command.name for command in CATALOGUE)
    for command in CATALOGUE:
        assert told[command.name]["description"] == command.summary
        assert told[command.name]["contexts"] == [0, 1, 2]
        assert told[command.name]["integration_types"] == [0, 1]
        needed = "32" if command.manages else None
        assert told[command.name].get("default_member_permissions") == needed


async def test_a_second_start_says_nothing(harness: PlatformHarness) -> None:
    await harness.start()
    await harness.synced()
    await settle()
    await harness.restart()
    await settle()
    assert harness.fake.syncs == 1


@pytest.mark.parametrize(
    "theirs", [{"ping": {"id": "7", "name": "ping"}}, {}], ids=["others", "none"]
)
async def test_what_another_program_has_put_in_their_place_is_told_again(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture, theirs: dict[str, Any]
) -> None:
    await harness.start()
    await harness.synced()
    await settle()
    harness.fake.commands[0] = theirs
    await harness.restart()
    await harness.synced(2)
    assert sorted(harness.fake.commands[0]) == sorted(command.name for command in CATALOGUE)
    await until(lambda: "another program registers its own" in caplog.text)
    await harness.restart()
    await settle()
    assert harness.fake.syncs == 2


async def test_a_change_is_told(harness: PlatformHarness) -> None:
    await harness.start()
    await harness.synced()
    await settle()
    await harness.stop()
    harness.platform = harness.build()
    help_ = next(cog for cog in harness.cogs if cog.qualified_name == "Help")
    (command,) = help_.get_app_commands()
    assert isinstance(command, app_commands.Command)
    command.description = "Another summary"
    harness.commands.service = harness.commands.fresh()
    await harness.start()
    await harness.synced(2)
    assert harness.fake.commands[0]["help"]["description"] == "Another summary"


async def test_what_discord_did_not_take_is_told_again_later(harness: PlatformHarness) -> None:
    harness.fake.faults.add(GLOBAL, RateLimit(5.0), times=1)
    harness.fake.faults.add(GLOBAL, ServerError(), times=1)
    await harness.start()
    await until(lambda: len(harness.fake.calls_to("PUT", "")) == 1)
    assert harness.fake.syncs == 0
    assert harness.part.ok
    await harness.pass_time_until(lambda: harness.fake.syncs == 1)
    assert harness.commands.clock.monotonic() >= 3.0


async def test_one_server_gets_them_for_development(harness: PlatformHarness) -> None:
    guild = harness.fake.add_guild("Workshop")
    harness.platform = harness.build(guild_id=guild.id)
    await harness.start()
    await harness.synced()
    assert sorted(harness.fake.commands[guild.id]) == sorted(one.name for one in CATALOGUE)
    assert 0 not in harness.fake.commands
