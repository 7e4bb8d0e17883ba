"""The panel of `/settings` over Discord's API: in private, in its place, also when it is late."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from base58 import b58encode

from bot.model import Preference
from tests.fakes.clock import until
from tests.fakes.discord import Member, Message
from tests.fakes.discord.people.interaction import DEFER_UPDATE, REPLY, UPDATE
from tests.platforms.discord.harness import PlatformHarness, answered, open_platform
from tests.store.raw_sql import lock_of_another_program


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[PlatformHarness]:
    async with open_platform(tmp_path) as opened:
        yield opened


async def opened(harness: PlatformHarness) -> tuple[Member, Message]:
    guild, channel = await harness.start_in_a_server()
    ada = harness.manager(guild)
    asked = await ada.slash(channel, "settings")
    assert "When it ends" in await answered(asked)
    assert asked.answer.ephemeral
    return ada, asked.answer


def select(message: Message, label: str) -> dict[str, Any]:
    return next(one for one in message.selects if one["placeholder"].startswith(label))


async def chosen(harness: PlatformHarness) -> dict[Preference, str]:
    async with harness.store.read() as unit:
        return {name: one.value for name, one in (await unit.preferences.of(1)).items()}


async def test_a_choice_answers_with_the_changed_panel_at_once(harness: PlatformHarness) -> None:
    ada, panel = await opened(harness)
    asked = await ada.choose(panel, select(panel, "When it ends")["custom_id"], ["delete"])
    assert asked.callback == UPDATE
    assert asked.answer is panel
    assert panel.ephemeral
    assert select(panel, "When it ends")["placeholder"] == "When it ends · Delete it"
    assert await chosen(harness) == {Preference.AT_END: "delete"}
    assert len(panel.channel.posts) == 1


async def test_the_pages_of_a_list_turn_in_the_same_message(harness: PlatformHarness) -> None:
    guild, channel = await harness.start_in_a_server()
    for number in range(25):
        mint = b58encode(bytes([9, *[number] * 31])).decode()
        await harness.commands.follow(mint, harness.address(guild, channel))
    ada = harness.manager(guild)
    asked = await ada.slash(channel, "subscriptions")
    assert "Page 1 of 2." in await answered(asked)
    turned = await ada.press(asked.answer, label="Next ▶")
    assert "Page 2 of 2." in await answered(turned)
    assert turned.callback == UPDATE
    assert turned.answer is asked.answer


async def test_a_role_and_a_channel_are_picked_by_their_ids(harness: PlatformHarness) -> None:
    ada, panel = await opened(harness)
    role = ada.guild.add_role("Pingers", mentionable=True)
    await ada.choose(panel, select(panel, "Role")["custom_id"], [str(role.id)])
    assert select(panel, "Role")["default_values"] == [{"id": str(role.id), "type": "role"}]
    await ada.press(panel, label="Clips and notices")
    office = ada.guild.add_text_channel("office")
    await ada.choose(panel, select(panel, "Notices")["custom_id"], [str(office.id)])
    assert f"<#{office.id}>" in panel.embeds[0]["description"]
    await ada.press(panel, label="Alerts")
    await ada.choose(panel, select(panel, "Role")["custom_id"], [])
    assert "default_values" not in select(panel, "Role")
    assert Preference.ROLE not in await chosen(harness)


async def test_a_refusal_stands_beside_the_panel(harness: PlatformHarness) -> None:
    ada, panel = await opened(harness)
    before = panel.embeds[0]["description"]
    role = select(panel, "Role")["custom_id"]
    asked = await ada.choose(panel, role, [str(ada.guild.id)])
    assert asked.callback == REPLY
    assert "don't mention everyone" in await answered(asked)
    assert asked.answer is not panel
    assert asked.answer.ephemeral
    assert panel.embeds[0]["description"] == before


@pytest.mark.database_threads
async def test_a_choice_that_takes_long_is_acknowledged_and_changes_the_panel_then(
    harness: PlatformHarness,
) -> None:
    ada, panel = await opened(harness)
    with lock_of_another_program(harness.store.name):
        asked = await ada.choose(
            panel, select(panel, "Keep up to date")["custom_id"], ["yes"], wait=False
        )
        await harness.pass_time_until(lambda: asked.callback is not None)
        assert asked.callback == DEFER_UPDATE
        assert not panel.edited
    await until(lambda: bool(panel.edited))
    assert select(panel, "Keep up to date")["placeholder"] == "Keep up to date · Yes"
    assert len(panel.channel.posts) == 1


async def test_a_panel_of_before_a_restart_still_changes(harness: PlatformHarness) -> None:
    ada, panel = await opened(harness)
    await harness.restart()
    await ada.press(panel, label="Night")
    await ada.choose(panel, select(panel, "Quiet hours")["custom_id"], ["22-8"])
    assert await chosen(harness) == {Preference.NIGHT: "22:00-08:00"}
    assert select(panel, "Quiet hours")["placeholder"] == "Quiet hours · 22:00–08:00"
