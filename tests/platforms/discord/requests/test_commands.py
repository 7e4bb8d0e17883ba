"""Commands and presses, from Discord through the request dispatcher to the commands and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.commands import Request
from bot.model import Target
from tests.fakes.clock import settle, until
from tests.fakes.discord import Refuse
from tests.platforms.discord.harness import PlatformHarness, answered, open_platform
from tests.pumpfun.samples import MINT


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[PlatformHarness]:
    async with open_platform(tmp_path) as opened:
        yield opened


async def target(harness: PlatformHarness, number: int = 1) -> Target:
    async with harness.store.read() as unit:
        found = await unit.places.by_id(number)
    assert found is not None
    return found


async def test_a_thread_is_known_by_its_own_id(harness: PlatformHarness) -> None:
    guild, channel = await harness.start_in_a_server()
    thread = channel.add_thread("a coin")
    asked = await harness.manager(guild).slash(thread, "subscribe", mint=MINT)
    assert "MINTY" in await answered(asked)
    found = (await target(harness)).address
    assert (found.channel, found.channel_name) == (str(thread.id), "a coin")


async def test_an_archived_thread_can_be_chosen_and_is_said_to_wake_up(
    harness: PlatformHarness,
) -> None:
    guild, channel = await harness.start_in_a_server()
    thread = channel.add_thread("old coin", archived=True)
    asked = await harness.manager(guild).slash(channel, "subscribe", mint=MINT, channel=thread)
    assert "reopens it" in await answered(asked)
    assert (await target(harness)).address.channel == str(thread.id)


async def test_a_locked_thread_is_refused_with_the_reason(harness: PlatformHarness) -> None:
    guild, channel = await harness.start_in_a_server()
    thread = channel.add_thread("old coin", locked=True)
    guild.set_bot_permissions("view_channel", "send_messages", "send_messages_in_threads")
    asked = await harness.manager(guild).slash(channel, "subscribe", mint=MINT, channel=thread)
    assert "locked" in await answered(asked)


async def test_brought_along_by_a_person_live_works_and_alerts_say_why_they_cannot(
    harness: PlatformHarness,
) -> None:
    await harness.start_in_a_server()
    abroad = harness.fake.add_guild("Abroad", member=False)
    channel = abroad.add_text_channel("chat")
    person = harness.fake.add_user("cleo")
    abroad.add_member(person, permissions=["manage_guild"])
    asked = await person.slash(channel, "live", installed_for_user=True, mint=MINT)
    assert "MINTY" in await answered(asked)
    await harness.commands.go_live()
    asked = await person.slash(channel, "clip", installed_for_user=True, mint=MINT)
    assert "MINTY" in await answered(asked)
    found = (await target(harness)).address
    assert (found.place, found.channel) == (f"user:{person.id}", str(channel.id))
    options: dict[str, Any] = {"mint": MINT}
    for name in ("subscribe", "settings", "resume"):
        asked = await person.slash(channel, name, installed_for_user=True, **options)
        options = {}
        text = await answered(asked)
        assert "not a member here" in text
        assert "[Invite me](" in text
        assert harness.platform.invite_url in text


async def test_a_group_of_people_is_the_persons_own_place(harness: PlatformHarness) -> None:
    await harness.start_in_a_server()
    person = harness.fake.add_user("cleo")
    group = harness.fake.add_group(person, harness.fake.add_user("dan"))
    await harness.commands.go_live()
    asked = await person.slash(group, "clip", installed_for_user=True, mint=MINT)
    await answered(asked)
    assert (await target(harness)).address.place == f"user:{person.id}"


async def test_in_private_with_the_bot_everybody_manages_their_own(
    harness: PlatformHarness,
) -> None:
    await harness.start_in_a_server()
    person = harness.fake.add_user("cleo")
    asked = await person.slash(person.dm, "subscribe", mint=MINT)
    assert "MINTY" in await answered(asked)
    assert (await target(harness)).address.place == f"dm:{person.dm.id}"


async def test_whom_the_servers_settings_let_in_may_subscribe(harness: PlatformHarness) -> None:
    guild, channel = await harness.start_in_a_server()
    guild.open_command("subscribe")
    ben = guild.add_member(harness.fake.add_user("ben"))
    asked = await ben.slash(channel, "subscribe", mint=MINT)
    assert "MINTY" in await answered(asked)


async def test_whom_the_servers_settings_let_in_is_shown_no_button_that_would_refuse(
    harness: PlatformHarness,
) -> None:
    guild, channel = await harness.start_in_a_server()
    guild.open_command("subscribe")
    guild.open_command("settings")
    ben = guild.add_member(harness.fake.add_user("ben"))
    asked = await ben.slash(channel, "subscribe", mint=MINT)
    assert "MINTY" in await answered(asked)
    assert asked.answer.buttons == []
    panel = await ben.slash(channel, "settings")
    told = await answered(panel)
    assert "**When it ends**: edit" in told
    assert "Menus here need Manage Server. Use the options of" in told
    assert (panel.answer.buttons, panel.answer.selects) == ([], [])
    changed = await ben.slash(channel, "settings", at_end="delete")
    assert "delete" in await answered(changed)


async def test_who_brought_the_bot_along_may_not_change_the_servers_alerts(
    harness: PlatformHarness,
) -> None:
    guild, channel = await harness.start_in_a_server()
    ben = harness.fake.add_user("ben")
    guild.add_member(ben)
    options: dict[str, Any] = {"mint": MINT}
    for name in ("subscribe", "settings", "resume"):
        asked = await ben.slash(channel, name, installed_for_user=True, **options)
        options = {}
        assert "Only managers of this server" in await answered(asked)
    async with harness.store.read() as unit:
        assert await unit.subscriptions.count() == 0
    ada = harness.manager(guild).user
    asked = await ada.slash(channel, "subscribe", installed_for_user=True, mint=MINT)
    assert "MINTY" in await answered(asked)


async def test_a_press_needs_the_right_that_discord_does_not_check(
    harness: PlatformHarness,
) -> None:
    guild, channel = await harness.start_in_a_server()
    guild.open_command("subscribe")
    ada = harness.manager(guild)
    ben = guild.add_member(harness.fake.add_user("ben"))
    shown = await ada.slash(channel, "live", mint=MINT)
    await answered(shown)
    message = shown.answer
    asked = await ben.press(message, label="Subscribe here")
    assert "Only managers of this server" in await answered(asked)
    assert asked.answer.ephemeral
    asked = await ada.press(message, label="Subscribe here")
    assert "MINTY" in await answered(asked)


async def test_a_button_works_in_the_next_process(harness: PlatformHarness) -> None:
    guild, channel = await harness.start_in_a_server()
    ada = harness.manager(guild)
    shown = await ada.slash(channel, "live", mint=MINT)
    await answered(shown)
    await harness.restart()
    asked = await ada.press(shown.answer, label="Subscribe here")
    assert "MINTY" in await answered(asked)


@dataclass
class Overheard:
    """Commands, and each request that a press became."""

    commands: Any
    presses: list[Request] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.commands, name)

    async def press(self, request: Request, action: str) -> None:
        self.presses.append(request)
        await self.commands.press(request, action)


async def test_the_alert_whose_button_was_pressed_says_which_coin(harness: PlatformHarness) -> None:
    overheard: Any = Overheard(harness.commands.service)
    harness.commands.service = overheard
    harness.platform = harness.build()
    guild, channel = await harness.start_in_a_server()
    ben = guild.add_member(harness.fake.add_user("ben"))
    shown = await ben.slash(channel, "live", mint=MINT)
    await answered(shown)
    await answered(await ben.press(shown.answer, label="Subscribe here"))
    (heard,) = overheard.presses
    assert (heard.message_id, heard.upload_limit) == (str(shown.answer.id), 10 << 20)


async def test_cancel_changes_the_card_of_a_clip_and_its_press_is_only_acknowledged(
    harness: PlatformHarness,
) -> None:
    guild, channel = await harness.start_in_a_server()
    await harness.commands.go_live()
    ada = harness.manager(guild)
    asked = await ada.slash(channel, "clip", duration="10s", mint=MINT)
    text = (await answered(asked)).strip()
    assert text.startswith("**$MINTY** · Recording the next 10 s · ready <t:")
    card = asked.answer
    pressed = await ada.press(card, label="Cancel")
    await until(lambda: card.embeds[0]["description"] == "Clip cancelled.")
    assert [button["label"] for button in card.buttons] == ["Try again"]
    await pressed.until(lambda one: one.callback is not None)
    assert (pressed.callback, pressed.followups) == (6, [])
    assert channel.messages == [card]


async def test_who_waits_when_we_stop_is_told_that_we_restart(harness: PlatformHarness) -> None:
    guild, channel = await harness.start_in_a_server()
    harness.commands.pumpfun.slow.add(MINT)
    asked = await harness.manager(guild).slash(channel, "subscribe", wait=False, mint=MINT)
    await until(lambda: harness.commands.pumpfun.asked == [MINT])
    await harness.platform.close_dispatcher()
    assert "restarting" in await answered(asked)
    asked = await harness.manager(guild).slash(channel, "help")
    assert "restarting" in await answered(asked)
    assert asked.answer.ephemeral


async def test_a_slow_command_is_held_and_then_answered(harness: PlatformHarness) -> None:
    guild, channel = await harness.start_in_a_server()
    harness.commands.pumpfun.slow.add(MINT)
    asked = await harness.manager(guild).slash(channel, "subscribe", wait=False, mint=MINT)
    await until(lambda: harness.commands.pumpfun.asked == [MINT])
    await harness.pass_time(1.3)
    await until(lambda: asked.acknowledged_at is not None)
    assert asked.callback == 5
    await harness.pass_time(10.0)
    await settle()
    assert "MINTY" in await answered(asked) or MINT[:4] in await answered(asked)


async def test_another_program_with_our_token_is_told_in_the_health(
    harness: PlatformHarness,
) -> None:
    guild, channel = await harness.start_in_a_server()
    ben = guild.add_member(harness.fake.add_user("ben"))
    harness.fake.faults.add(("POST", "/interactions/*"), Refuse(400, 40060), times=1)
    await ben.slash(channel, "help", wait=False)
    await until(lambda: "another program uses the same token" in harness.part.detail)
    assert harness.part.ok


async def test_twenty_people_are_answered_at_once(harness: PlatformHarness) -> None:
    guild, channel = await harness.start_in_a_server()
    people = [guild.add_member(harness.fake.add_user(f"p{n}")) for n in range(20)]
    asked = await asyncio.gather(*(one.slash(channel, "help", command="clip") for one in people))
    assert all("/clip" in text for text in [await answered(one) for one in asked])
