"""Commands and presses, from Discord through the desk to the commands and back."""

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
from tests.fakes.discord import Asked, Channel, Guild, Member, Refuse
from tests.platforms.discord.harness import House, open_house
from tests.pumpfun.samples import MINT


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


async def answered(asked: Asked) -> str:
    """What the answer says, when it is there."""
    await asked.until(lambda one: bool(one.answers))
    answer = asked.answer
    embeds = [f"{one.get('title', '')}\n{one.get('description', '')}" for one in answer.embeds]
    return "\n".join((answer.content, *embeds))


async def furnished(house: House) -> tuple[Guild, Channel]:
    guild = house.fake.add_guild("Moon")
    channel = guild.add_text_channel("general")
    await house.start()
    await house.synced()
    return guild, channel


async def target(house: House, number: int = 1) -> Target:
    async with house.room.store.read() as unit:
        found = await unit.places.by_id(number)
    assert found is not None
    return found


def manager(house: House, guild: Guild) -> Member:
    return guild.add_member(house.fake.add_user("ada"), permissions=["manage_guild"])


async def test_a_thread_is_known_by_its_own_id(house: House) -> None:
    guild, channel = await furnished(house)
    thread = channel.add_thread("a coin")
    asked = await manager(house, guild).slash(thread, "subscribe", mint=MINT)
    assert "MINTY" in await answered(asked)
    found = (await target(house)).address
    assert (found.channel, found.channel_name) == (str(thread.id), "a coin")


async def test_an_archived_thread_can_be_chosen_and_is_said_to_wake_up(house: House) -> None:
    guild, channel = await furnished(house)
    thread = channel.add_thread("old coin", archived=True)
    asked = await manager(house, guild).slash(channel, "subscribe", mint=MINT, channel=thread)
    assert "opens it again" in await answered(asked)
    assert (await target(house)).address.channel == str(thread.id)


async def test_a_locked_thread_is_refused_with_the_reason(house: House) -> None:
    guild, channel = await furnished(house)
    thread = channel.add_thread("old coin", locked=True)
    guild.set_bot_permissions("view_channel", "send_messages", "send_messages_in_threads")
    asked = await manager(house, guild).slash(channel, "subscribe", mint=MINT, channel=thread)
    assert "locked" in await answered(asked)


async def test_brought_along_by_a_person_live_works_and_alerts_say_why_they_cannot(
    house: House,
) -> None:
    await furnished(house)
    abroad = house.fake.add_guild("Abroad", member=False)
    channel = abroad.add_text_channel("chat")
    person = house.fake.add_user("cleo")
    abroad.add_member(person, permissions=["manage_guild"])
    asked = await person.slash(channel, "live", installed_for_user=True, mint=MINT)
    assert "MINTY" in await answered(asked)
    await house.room.go_live()
    asked = await person.slash(channel, "clip", installed_for_user=True, mint=MINT)
    assert "MINTY" in await answered(asked)
    found = (await target(house)).address
    assert (found.place, found.channel) == (f"user:{person.id}", str(channel.id))
    options: dict[str, Any] = {"mint": MINT}
    for name in ("subscribe", "settings", "resume"):
        asked = await person.slash(channel, name, installed_for_user=True, **options)
        options = {}
        text = await answered(asked)
        assert "not a member here" in text
        assert "[Invite me](" in text
        assert house.platform.invite_url in text


async def test_a_group_of_people_is_the_persons_own_place(house: House) -> None:
    await furnished(house)
    person = house.fake.add_user("cleo")
    group = house.fake.add_group(person, house.fake.add_user("dan"))
    await house.room.go_live()
    asked = await person.slash(group, "clip", installed_for_user=True, mint=MINT)
    await answered(asked)
    assert (await target(house)).address.place == f"user:{person.id}"


async def test_in_private_with_the_bot_everybody_manages_their_own(house: House) -> None:
    await furnished(house)
    person = house.fake.add_user("cleo")
    asked = await person.slash(person.dm, "subscribe", mint=MINT)
    assert "MINTY" in await answered(asked)
    assert (await target(house)).address.place == f"dm:{person.dm.id}"


async def test_whom_the_servers_settings_let_in_may_subscribe(house: House) -> None:
    guild, channel = await furnished(house)
    guild.open_command("subscribe")
    ben = guild.add_member(house.fake.add_user("ben"))
    asked = await ben.slash(channel, "subscribe", mint=MINT)
    assert "MINTY" in await answered(asked)


async def test_who_brought_the_bot_along_may_not_change_the_servers_alerts(house: House) -> None:
    guild, channel = await furnished(house)
    ben = house.fake.add_user("ben")
    guild.add_member(ben)
    options: dict[str, Any] = {"mint": MINT}
    for name in ("subscribe", "settings", "resume"):
        asked = await ben.slash(channel, name, installed_for_user=True, **options)
        options = {}
        assert "Only managers" in await answered(asked)
    async with house.room.store.read() as unit:
        assert await unit.subscriptions.count() == 0
    ada = manager(house, guild).user
    asked = await ada.slash(channel, "subscribe", installed_for_user=True, mint=MINT)
    assert "MINTY" in await answered(asked)


async def test_a_press_needs_the_right_that_discord_does_not_check(house: House) -> None:
    guild, channel = await furnished(house)
    guild.open_command("subscribe")
    ada = manager(house, guild)
    ben = guild.add_member(house.fake.add_user("ben"))
    shown = await ada.slash(channel, "live", mint=MINT)
    await answered(shown)
    message = shown.answer
    asked = await ben.press(message, label="Subscribe here")
    assert "Only managers" in await answered(asked)
    assert asked.answer.ephemeral
    asked = await ada.press(message, label="Subscribe here")
    assert "MINTY" in await answered(asked)


async def test_a_button_works_in_the_next_process(house: House) -> None:
    guild, channel = await furnished(house)
    ada = manager(house, guild)
    shown = await ada.slash(channel, "live", mint=MINT)
    await answered(shown)
    await house.restart()
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


async def test_the_alert_whose_button_was_pressed_says_which_coin(house: House) -> None:
    overheard: Any = Overheard(house.room.commands)
    house.room.commands = overheard
    house.platform = house.build()
    guild, channel = await furnished(house)
    ben = guild.add_member(house.fake.add_user("ben"))
    shown = await ben.slash(channel, "live", mint=MINT)
    await answered(shown)
    await answered(await ben.press(shown.answer, label="Subscribe here"))
    (heard,) = overheard.presses
    assert (heard.message_id, heard.upload_limit) == (str(shown.answer.id), 10 << 20)


async def test_who_waits_when_we_stop_is_told_that_we_restart(house: House) -> None:
    guild, channel = await furnished(house)
    house.room.pumpfun.slow.add(MINT)
    asked = await manager(house, guild).slash(channel, "subscribe", wait=False, mint=MINT)
    await until(lambda: house.room.pumpfun.asked == [MINT])
    await house.platform.close_dispatcher()
    assert "restarting" in await answered(asked)
    asked = await manager(house, guild).slash(channel, "help")
    assert "restarting" in await answered(asked)
    assert asked.answer.ephemeral


async def test_a_slow_command_is_held_and_then_answered(house: House) -> None:
    guild, channel = await furnished(house)
    house.room.pumpfun.slow.add(MINT)
    asked = await manager(house, guild).slash(channel, "subscribe", wait=False, mint=MINT)
    await until(lambda: house.room.pumpfun.asked == [MINT])
    await house.pass_time(1.3)
    await until(lambda: asked.acknowledged_at is not None)
    assert asked.callback == 5
    await house.pass_time(10.0)
    await settle()
    assert "MINTY" in await answered(asked) or MINT[:4] in await answered(asked)


async def test_another_program_with_our_token_is_told_in_the_health(house: House) -> None:
    guild, channel = await furnished(house)
    ben = guild.add_member(house.fake.add_user("ben"))
    house.fake.faults.add(("POST", "/interactions/*"), Refuse(400, 40060), times=1)
    await ben.slash(channel, "help", wait=False)
    await until(lambda: "another program uses the same token" in house.part.detail)
    assert house.part.ok


async def test_twenty_people_are_answered_at_once(house: House) -> None:
    guild, channel = await furnished(house)
    people = [guild.add_member(house.fake.add_user(f"p{n}")) for n in range(20)]
    asked = await asyncio.gather(*(one.slash(channel, "help", command="clip") for one in people))
    assert all("/clip" in text for text in [await answered(one) for one in asked])
