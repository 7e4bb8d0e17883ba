"""`/help` on Discord: commands to tap, by the ids that Discord gave them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.clock import settle
from tests.fakes.discord import ServerError
from tests.platforms.discord.harness import PlatformHarness, answered, open_platform

COMMANDS = "/applications/{application_id}/commands"
ASKED = ("GET", "/applications/*/commands")


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[PlatformHarness]:
    async with open_platform(tmp_path) as opened:
        yield opened


async def help_text(harness: PlatformHarness) -> str:
    user = harness.fake.add_user("cleo")
    return await answered(await user.slash(user.dm, "help"))


def mention(harness: PlatformHarness, name: str) -> str:
    return f"</{name}:{harness.fake.commands[0][name]['id']}>"


async def test_commands_can_be_tapped(harness: PlatformHarness) -> None:
    await harness.start_in_a_server()
    await settle()
    text = await help_text(harness)
    for name in ("subscribe", "clip", "settings", "help"):
        assert mention(harness, name) in text
    assert "managers" not in text


async def test_they_can_after_a_start_that_had_nothing_to_tell(harness: PlatformHarness) -> None:
    await harness.start_in_a_server()
    await settle()
    await harness.restart()
    await settle()
    assert harness.fake.syncs == 1
    assert mention(harness, "clip") in await help_text(harness)


async def test_they_are_words_until_discord_has_told_their_ids(harness: PlatformHarness) -> None:
    await harness.start_in_a_server()
    await settle()
    harness.fake.faults.add(ASKED, ServerError(), times=1)
    await harness.restart()
    await settle()
    text = await help_text(harness)
    assert "/clip while" in text
    assert "</" not in text
    await harness.pass_time_until(lambda: len(harness.fake.calls_to("GET", COMMANDS)) == 1)
    await settle()
    assert mention(harness, "clip") in await help_text(harness)


async def test_who_manages_is_told_in_a_server(harness: PlatformHarness) -> None:
    guild, channel = await harness.start_in_a_server()
    text = await answered(await harness.manager(guild).slash(channel, "help"))
    assert "Only managers of this server can use " in text
