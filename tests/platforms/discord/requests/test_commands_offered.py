"""What is offered where: only what works there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.model import Preference
from tests.fakes.discord import Asked
from tests.platforms.discord.harness import PlatformHarness, answered, open_platform
from tests.pumpfun.samples import MINT


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[PlatformHarness]:
    async with open_platform(tmp_path) as opened:
        yield opened


def labels(asked: Asked) -> list[str]:
    return [one["label"] for one in asked.answer.buttons]


@pytest.mark.parametrize("where", ["a group", "a private conversation", "a server without us"])
async def test_no_alerts_are_offered_where_nothing_but_answers_can_be_posted(
    harness: PlatformHarness, where: str
) -> None:
    await harness.start_in_a_server()
    person, other = harness.fake.add_user("cleo"), harness.fake.add_user("dan")
    if where == "a server without us":
        abroad = harness.fake.add_guild("Abroad", member=False)
        abroad.add_member(person)
        channel = abroad.add_text_channel("chat")
    else:
        others = [other, harness.fake.add_user("eve")] if where == "a group" else [other]
        channel = harness.fake.add_group(person, *others)

    asked = await person.slash(channel, "live", installed_for_user=True, mint=MINT)
    await answered(asked)
    assert labels(asked) == ["Watch", "Copy address"]
    asked = await person.slash(channel, "live", installed_for_user=True)
    text = await answered(asked)
    assert "Name a coin: /live" in text
    assert "subscribe" not in text


async def test_alerts_are_offered_where_they_can_be_had(harness: PlatformHarness) -> None:
    guild, channel = await harness.start_in_a_server()
    person = harness.fake.add_user("cleo")
    for asked in (
        await person.slash(person.dm, "live", mint=MINT),
        await harness.manager(guild).slash(channel, "live", mint=MINT),
    ):
        await answered(asked)
        assert "Subscribe here" in labels(asked)


async def test_notices_do_not_go_to_a_locked_thread(harness: PlatformHarness) -> None:
    guild, channel = await harness.start_in_a_server()
    thread = channel.add_thread("old talk", locked=True)
    asked = await harness.manager(guild).slash(channel, "settings", notices=thread)
    assert "That thread is locked" in await answered(asked)
    async with harness.store.read() as unit:
        assert Preference.NOTICES not in await unit.preferences.of(1, None)


async def test_a_picture_of_the_settings_names_the_role_and_pings_nobody(
    harness: PlatformHarness,
) -> None:
    guild, channel = await harness.start_in_a_server()
    role = guild.add_role("mooners", mentionable=True)
    ada = harness.manager(guild)
    every: tuple[dict[str, Any], ...] = ({"role": role}, {})
    for options in every:
        asked = await ada.slash(channel, "settings", **options)
        assert f"<@&{role.id}> is mentioned" in await answered(asked)
        assert not asked.answer.pings
