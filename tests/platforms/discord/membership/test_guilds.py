"""Coming into a server, leaving it, and what may be done there meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import DatabaseBusy
from bot.model import Target
from bot.platforms.discord.membership.guilds import SETTLE_SECONDS
from tests.fakes.clock import settle, until
from tests.fakes.discord import Guild, Refuse
from tests.platforms.discord.harness import House, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


async def test_a_new_server_is_greeted_once_with_what_to_type_first(house: House) -> None:
    await house.start()
    guild = house.fake.add_guild("Moon", member=False)
    channel = guild.add_text_channel("general")
    house.fake.restore_guild(guild)
    await until(lambda: len(channel.messages) == 1)
    text = channel.messages[0].content
    assert "`/subscribe`" in text
    assert "lack" not in text
    house.fake.restore_guild(guild)
    await settle()
    await house.restart()
    await until(lambda: house.part.detail == "connected as Mintcast in 1 server")
    house.fake.restore_guild(guild)
    await settle()
    assert len(channel.messages) == 1


async def test_the_greeting_goes_where_it_can_be_read_and_names_what_is_missing(
    house: House,
) -> None:
    await house.start()
    guild = house.fake.add_guild("Moon", member=False)
    guild.set_bot_permissions("view_channel", "send_messages", "embed_links")
    shut = guild.add_text_channel("rules", deny=["send_messages"])
    channel = guild.add_text_channel("general")
    house.fake.restore_guild(guild)
    await until(lambda: len(channel.messages) == 1)
    assert shut.messages == []
    text = channel.messages[0].content
    assert "Attach Files" in text
    assert "Embed Links" not in text


async def test_a_server_that_lets_us_write_nowhere_is_not_greeted(house: House) -> None:
    await house.start()
    guild = house.fake.add_guild("Moon", member=False)
    guild.add_text_channel("rules", deny=["send_messages"])
    house.fake.restore_guild(guild)
    await until(lambda: house.part.detail.endswith("1 server"))
    await settle()
    assert house.fake.all_messages == []


async def test_leaving_disables_and_coming_back_restores(house: House) -> None:
    guild = house.fake.add_guild("Moon")
    target = await house.follow(guild, guild.add_text_channel("alerts"))
    await house.start()
    house.fake.remove_guild(guild)
    await until(lambda: _is(house, target, "left"))
    house.fake.restore_guild(guild)
    await until(lambda: _is(house, target, None))


async def test_what_happened_while_we_were_away_is_caught_up_with(house: House) -> None:
    gone, back = house.fake.add_guild("Gone"), house.fake.add_guild("Back")
    lost = await house.follow(gone, gone.add_text_channel("alerts"))
    found = await house.follow(back, back.add_text_channel("alerts"), disabled="left")
    house.fake.remove_guild(gone)
    await house.start()
    await until(lambda: _is(house, lost, "left"))
    await until(lambda: _is(house, found, None))


async def test_a_thread_that_was_archived_meanwhile_is_tried_again(house: House) -> None:
    guild, other = house.fake.add_guild("Moon"), house.fake.add_guild("Mars")
    post = guild.add_forum("talk").add_thread("a coin")
    thread = other.add_text_channel("news", news=True).add_thread("a coin", archived=True)
    near = await house.follow(guild, post)
    far = await house.follow(other, thread, disabled="left")  # and back while we were away
    await house.start()
    await until(lambda: _is(house, far, None))
    house.fake.remove_guild(guild)
    await until(lambda: _is(house, near, "left"))
    post.set_thread(archived=True)
    house.fake.restore_guild(guild)
    await until(lambda: _is(house, near, None))


async def test_what_a_send_has_stopped_is_not_tried_at_every_change(house: House) -> None:
    guild = house.fake.add_guild("Moon")
    talk, gone = guild.add_text_channel("talk"), guild.add_text_channel("gone")
    asleep = talk.add_thread("a coin", archived=True)
    guild.delete_channel(gone)
    lost = await house.follow(guild, gone, disabled="target-gone")
    shut = await house.follow(guild, asleep, disabled="target-closed")
    await house.start()
    await calm(house)
    talk.allow("manage_messages")
    await noticed(house)
    await house.pass_time(SETTLE_SECONDS + 1)
    await house.restart()
    await calm(house)
    assert await house.disabled(lost) == "target-gone"
    assert await house.disabled(shut) == "target-closed"


async def test_a_server_that_was_left_just_after_a_change_stays_left(house: House) -> None:
    guild = house.fake.add_guild("Moon")
    target = await house.follow(guild, guild.add_text_channel("alerts"))
    role = guild.add_role("Mintcast")
    await house.start()
    await calm(house)
    guild.delete_role(role)  # as the bot's own role goes with it
    await noticed(house)
    house.fake.remove_guild(guild)
    await until(lambda: _is(house, target, "left"))
    await house.pass_time(SETTLE_SECONDS + 1)
    await settle()
    assert await house.disabled(target) == "left"


async def test_an_outage_of_discord_changes_nothing(house: House) -> None:
    guild, other = house.fake.add_guild("Moon"), house.fake.add_guild("Mars")
    target = await house.follow(guild, guild.add_text_channel("alerts"))
    away = await house.follow(other, other.add_text_channel("alerts"))
    house.fake.outage(other)
    await house.start()
    await calm(house)
    house.fake.outage(guild)
    await until(lambda: _is_away(house, guild))
    await house.pass_time(SETTLE_SECONDS + 1)
    assert await house.disabled(target) is None
    assert await house.disabled(away) is None
    house.fake.end_outage(guild)
    await noticed(house)
    await house.pass_time(SETTLE_SECONDS + 1)
    assert await house.disabled(target) is None
    assert house.fake.all_messages == []


async def test_a_permission_that_is_given_back_lets_alerts_go_on(house: House) -> None:
    guild = house.fake.add_guild("Moon")
    channel = guild.add_text_channel("alerts", deny=["send_messages"])
    target = await house.follow(guild, channel, disabled="forbidden")
    await house.start()
    await calm(house)
    assert await house.disabled(target) == "forbidden"
    channel.allow("send_messages")
    await noticed(house)
    await house.pass_time(SETTLE_SECONDS - 0.5)
    assert await house.disabled(target) == "forbidden"
    await house.pass_time(1.0)
    await until(lambda: _is(house, target, None))


async def test_what_changed_just_before_an_outage_waits_for_its_end(house: House) -> None:
    guild = house.fake.add_guild("Moon")
    channel = guild.add_text_channel("alerts", deny=["send_messages"])
    target = await house.follow(guild, channel, disabled="forbidden")
    await house.start()
    await calm(house)
    channel.allow("send_messages")
    await noticed(house)
    house.fake.outage(guild)
    await until(lambda: _is_away(house, guild))
    await house.pass_time(SETTLE_SECONDS + 1)
    assert await house.disabled(target) == "forbidden"
    house.fake.end_outage(guild)
    await noticed(house)
    await house.pass_time(SETTLE_SECONDS + 1)
    await until(lambda: _is(house, target, None))


async def test_a_role_of_ours_that_gets_the_permission_does_so_too(house: House) -> None:
    guild = house.fake.add_guild("Moon")
    guild.set_bot_permissions("view_channel", "embed_links", "attach_files")
    target = await house.follow(guild, guild.add_text_channel("alerts"), disabled="forbidden")
    await house.start()
    await calm(house)
    guild.set_bot_permissions("view_channel", "embed_links", "attach_files", "send_messages")
    await noticed(house)
    await house.pass_time(SETTLE_SECONDS + 1)
    await until(lambda: _is(house, target, None))


async def test_a_thread_that_is_unlocked_gets_alerts_again(house: House) -> None:
    guild = house.fake.add_guild("Moon")
    guild.set_bot_permissions(
        *("view_channel", "embed_links", "attach_files", "send_messages_in_threads")
    )
    thread = guild.add_text_channel("talk").add_thread("a coin", locked=True)
    target = await house.follow(guild, thread, disabled="target-closed")
    await house.start()
    await calm(house)
    assert await house.disabled(target) == "target-closed"
    thread.set_thread(locked=False)
    await noticed(house)
    await house.pass_time(SETTLE_SECONDS + 1)
    await until(lambda: _is(house, target, None))


async def test_a_greeting_that_is_refused_is_no_defect(house: House) -> None:
    await house.start()
    house.fake.faults.add(("POST", "/channels/*/messages"), Refuse(403, 50013))
    guild = house.fake.add_guild("Moon", member=False)
    guild.add_text_channel("general")
    house.fake.restore_guild(guild)
    await until(lambda: any(call.path.endswith("/messages") for call in house.fake.calls))
    await settle()
    assert house.part.ok


async def test_a_database_that_does_not_answer_stops_no_server(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    guild = house.fake.add_guild("Moon")
    await house.start()

    house.platform.guilds.places = BrokenPlaces()
    house.fake.remove_guild(guild)
    await until(lambda: caplog.text.count("could not be noted") == 1)
    house.fake.restore_guild(guild)
    await until(lambda: caplog.text.count("could not be noted") == 2)
    assert house.part.ok


class BrokenPlaces:
    """Places that cannot be read or written."""

    async def left(self, platform: str, place: str) -> None:
        raise DatabaseBusy("mintcast.db")

    async def returned(self, platform: str, place: str, can_post: object) -> int:
        raise DatabaseBusy("mintcast.db")

    async def places(self, platform: str) -> tuple[str, ...]:
        raise DatabaseBusy("mintcast.db")


async def calm(house: House) -> None:
    """Servers that Discord has just told of were looked at."""
    await until(lambda: house.room.clock.sleeping > 0)
    await house.pass_time(SETTLE_SECONDS + 0.1)
    assert house.room.clock.sleeping == 0


async def noticed(house: House) -> None:
    """A change in a server has arrived."""
    await until(lambda: house.room.clock.sleeping > 0)


def _is_away(house: House, guild: Guild) -> bool:
    client = house.platform.connection.client
    known = client.get_guild(guild.id) if client is not None else None
    return known is not None and bool(known.unavailable)


async def _is(house: House, target: Target, disabled: str | None) -> bool:
    return await house.disabled(target) == disabled
