"""Discord is told of the commands when they have changed, and only then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from discord import app_commands

from bot.commands import CATALOGUE
from tests.fakes.clock import settle, until
from tests.fakes.discord import RateLimit, ServerError
from tests.platforms.discord.harness import House, open_house

GLOBAL = ("PUT", "/applications/*/commands")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


async def test_a_first_start_tells_discord_of_every_command(house: House) -> None:
    await house.start()
    await house.synced()
    told = house.fake.commands[0]
    assert sorted(told) == sorted(command.name for command in CATALOGUE)
    for command in CATALOGUE:
        assert told[command.name]["description"] == command.summary
        assert told[command.name]["contexts"] == [0, 1, 2]
        assert told[command.name]["integration_types"] == [0, 1]
        needed = "32" if command.manages else None
        assert told[command.name].get("default_member_permissions") == needed


async def test_a_second_start_says_nothing(house: House) -> None:
    await house.start()
    await house.synced()
    await settle()
    await house.restart()
    await settle()
    assert house.fake.syncs == 1


async def test_a_change_is_told(house: House) -> None:
    await house.start()
    await house.synced()
    await settle()
    await house.stop()
    house.platform = house.build()
    help_ = next(cog for cog in house.cogs if cog.qualified_name == "Help")
    (command,) = help_.get_app_commands()
    assert isinstance(command, app_commands.Command)
    command.description = "Another summary"
    house.room.commands = house.room.fresh()
    await house.start()
    await house.synced(2)
    assert house.fake.commands[0]["help"]["description"] == "Another summary"


async def test_what_discord_did_not_take_is_told_again_later(house: House) -> None:
    house.fake.faults.add(GLOBAL, RateLimit(5.0), times=1)
    house.fake.faults.add(GLOBAL, ServerError(), times=1)
    await house.start()
    await until(lambda: len(house.fake.calls_to("PUT", "")) == 1)
    assert house.fake.syncs == 0
    assert house.part.ok
    await house.pass_time_until(lambda: house.fake.syncs == 1)
    assert house.room.clock.monotonic() >= 3.0


async def test_one_server_gets_them_for_development(house: House) -> None:
    guild = house.fake.add_guild("Workshop")
    house.platform = house.build(guild_id=guild.id)
    await house.start()
    await house.synced()
    assert sorted(house.fake.commands[guild.id]) == sorted(one.name for one in CATALOGUE)
    assert 0 not in house.fake.commands
