"""Coming into a server, leaving it, and what may be done there meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.model import Target
from bot.platforms.discord.membership.guilds import SETTLE_SECONDS, Guilds
from tests.fakes.clock import settle, until
from tests.fakes.discord import Guild, Refuse, ServerError, When
from tests.platforms.discord.harness import PlatformHarness, open_platform


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[PlatformHarness]:
    async with open_platform(tmp_path) as opened:
        yield opened


async def test_a_new_server_is_greeted_once_with_what_to_type_first(
    harness: PlatformHarness,
) -> None:
    await harness.start()
    guild = harness.fake.add_guild("Moon", member=False)
    channel = guild.add_text_channel("general")
    harness.fake.restore_guild(guild)
    await until(lambda: len(channel.messages) == 1)
    text = channel.messages[0].content
    assert "`/subscribe`" in text
    assert "still need" not in text
    harness.fake.restore_guild(guild)
    await settle()
    await harness.restart()
    await until(lambda: harness.part.detail == "connected as Mintcast in 1 server")
    harness.fake.restore_guild(guild)
    await settle()
    assert len(channel.messages) == 1


async def test_the_greeting_goes_where_it_can_be_read_and_names_what_is_missing(
    harness: PlatformHarness,
) -> None:
    await harness.start()
    guild = harness.fake.add_guild("Moon", member=False)
    guild.set_bot_permissions("view_channel", "send_messages", "embed_links")
    shut = guild.add_text_channel("rules", deny=["send_messages"])
    channel = guild.add_text_channel("general")
    harness.fake.restore_guild(guild)
    await until(lambda: len(channel.messages) == 1)
    assert shut.messages == []
    text = channel.messages[0].content
    assert "Attach Files" in text
    assert "Embed Links" not in text


async def test_a_server_that_lets_us_write_nowhere_is_not_greeted(harness: PlatformHarness) -> None:
    await harness.start()
    guild = harness.fake.add_guild("Moon", member=False)
    guild.add_text_channel("rules", deny=["send_messages"])
    harness.fake.restore_guild(guild)
    await until(lambda: harness.part.detail.endswith("1 server"))
    await settle()
    assert harness.fake.all_messages == []


async def test_leaving_disables_and_coming_back_restores(harness: PlatformHarness) -> None:
    guild = harness.fake.add_guild("Moon")
    target = await harness.follow(guild, guild.add_text_channel("alerts"))
    await harness.start()
    harness.fake.remove_guild(guild)
    await until(lambda: _is(harness, target, "left"))
    harness.fake.restore_guild(guild)
    await until(lambda: _is(harness, target, None))


async def test_what_happened_while_we_were_away_is_caught_up_with(harness: PlatformHarness) -> None:
    gone, back = harness.fake.add_guild("Gone"), harness.fake.add_guild("Back")
    lost = await harness.follow(gone, gone.add_text_channel("alerts"))
    found = await harness.follow(back, back.add_text_channel("alerts"), disabled="left")
    harness.fake.remove_guild(gone)
    await harness.start()
    await until(lambda: _is(harness, lost, "left"))
    await until(lambda: _is(harness, found, None))


async def test_who_went_while_that_was_looked_up_stays_away(harness: PlatformHarness) -> None:
    """The database is asked for a minute: what was so at the start may be so no more."""
    answers, heard = asyncio.Event(), list[str]()

    class Slow:
        async def places(self, _: str) -> tuple[str, ...]:
            await answers.wait()
            return (str(guild.id),)

        async def left(self, _: str, place: str) -> None:
            heard.append(f"left {place}")

        async def returned(self, _: str, place: str, can_post: object) -> int:
            heard.append(f"returned {place}")
            return 0

    me = SimpleNamespace(timed_out_until=None)
    guild: Any = SimpleNamespace(id=1 << 22, unavailable=False, me=me)
    client: Any = SimpleNamespace(guilds=[guild], shard_count=None)
    commands: Any = Slow()
    guilds = Guilds(commands, harness.store, harness.commands.clock)
    guilds.ready(client, None)
    await settle()
    guilds.left(guild)
    answers.set()
    await settle()
    assert heard == [f"left {guild.id}"]
    guilds.ready(client, None)
    await settle()
    assert heard[1:] == [f"returned {guild.id}"], "the next start looks at it again"
    await guilds.stop()


async def test_a_thread_that_was_archived_meanwhile_is_tried_again(
    harness: PlatformHarness,
) -> None:
    guild, other = harness.fake.add_guild("Moon"), harness.fake.add_guild("Mars")
    post = guild.add_forum("talk").add_thread("a coin")
    thread = other.add_text_channel("news", news=True).add_thread("a coin", archived=True)
    near = await harness.follow(guild, post)
    far = await harness.follow(other, thread, disabled="left")  # and back while we were away
    await harness.start()
    await until(lambda: _is(harness, far, None))
    harness.fake.remove_guild(guild)
    await until(lambda: _is(harness, near, "left"))
    post.set_thread(archived=True)
    harness.fake.restore_guild(guild)
    await until(lambda: _is(harness, near, None))


async def test_what_a_send_has_stopped_is_not_tried_at_every_change(
    harness: PlatformHarness,
) -> None:
    guild = harness.fake.add_guild("Moon")
    talk, gone = guild.add_text_channel("talk"), guild.add_text_channel("gone")
    asleep = talk.add_thread("a coin", archived=True)
    guild.delete_channel(gone)
    lost = await harness.follow(guild, gone, disabled="target-gone")
    shut = await harness.follow(guild, asleep, disabled="target-closed")
    await harness.start()
    await calm(harness)
    talk.allow("manage_messages")
    await noticed(harness)
    await harness.pass_time(SETTLE_SECONDS + 1)
    await harness.restart()
    await calm(harness)
    assert await harness.disabled(lost) == "target-gone"
    assert await harness.disabled(shut) == "target-closed"


async def test_a_server_that_was_left_just_after_a_change_stays_left(
    harness: PlatformHarness,
) -> None:
    guild = harness.fake.add_guild("Moon")
    target = await harness.follow(guild, guild.add_text_channel("alerts"))
    role = guild.add_role("Mintcast")
    await harness.start()
    await calm(harness)
    guild.delete_role(role)  # as the bot's own role goes with it
    await noticed(harness)
    harness.fake.remove_guild(guild)
    await until(lambda: _is(harness, target, "left"))
    await harness.pass_time(SETTLE_SECONDS + 1)
    await settle()
    assert await harness.disabled(target) == "left"


async def test_an_outage_of_discord_changes_nothing(harness: PlatformHarness) -> None:
    guild, other = harness.fake.add_guild("Moon"), harness.fake.add_guild("Mars")
    target = await harness.follow(guild, guild.add_text_channel("alerts"))
    away = await harness.follow(other, other.add_text_channel("alerts"))
    harness.fake.outage(other)
    await harness.start()
    await calm(harness)
    harness.fake.outage(guild)
    await until(lambda: _is_away(harness, guild))
    await harness.pass_time(SETTLE_SECONDS + 1)
    assert await harness.disabled(target) is None
    assert await harness.disabled(away) is None
    harness.fake.end_outage(guild)
    await noticed(harness)
    await harness.pass_time(SETTLE_SECONDS + 1)
    assert await harness.disabled(target) is None
    assert harness.fake.all_messages == []


async def test_a_permission_that_is_given_back_lets_alerts_go_on(harness: PlatformHarness) -> None:
    guild = harness.fake.add_guild("Moon")
    channel = guild.add_text_channel("alerts", deny=["send_messages"])
    target = await harness.follow(guild, channel, disabled="forbidden")
    await harness.start()
    await calm(harness)
    assert await harness.disabled(target) == "forbidden"
    channel.allow("send_messages")
    await noticed(harness)
    await harness.pass_time(SETTLE_SECONDS - 0.5)
    assert await harness.disabled(target) == "forbidden"
    await harness.pass_time(1.0)
    await until(lambda: _is(harness, target, None))


async def test_what_changed_just_before_an_outage_waits_for_its_end(
    harness: PlatformHarness,
) -> None:
    guild = harness.fake.add_guild("Moon")
    channel = guild.add_text_channel("alerts", deny=["send_messages"])
    target = await harness.follow(guild, channel, disabled="forbidden")
    await harness.start()
    await calm(harness)
    channel.allow("send_messages")
    await noticed(harness)
    harness.fake.outage(guild)
    await until(lambda: _is_away(harness, guild))
    await harness.pass_time(SETTLE_SECONDS + 1)
    assert await harness.disabled(target) == "forbidden"
    harness.fake.end_outage(guild)
    await noticed(harness)
    await harness.pass_time(SETTLE_SECONDS + 1)
    await until(lambda: _is(harness, target, None))


async def test_a_role_of_ours_that_gets_the_permission_does_so_too(
    harness: PlatformHarness,
) -> None:
    guild = harness.fake.add_guild("Moon")
    guild.set_bot_permissions("view_channel", "embed_links", "attach_files")
    target = await harness.follow(guild, guild.add_text_channel("alerts"), disabled="forbidden")
    await harness.start()
    await calm(harness)
    guild.set_bot_permissions("view_channel", "embed_links", "attach_files", "send_messages")
    await noticed(harness)
    await harness.pass_time(SETTLE_SECONDS + 1)
    await until(lambda: _is(harness, target, None))


async def test_a_thread_that_is_unlocked_gets_alerts_again(harness: PlatformHarness) -> None:
    guild = harness.fake.add_guild("Moon")
    guild.set_bot_permissions(
        *("view_channel", "embed_links", "attach_files", "send_messages_in_threads")
    )
    thread = guild.add_text_channel("talk").add_thread("a coin", locked=True)
    target = await harness.follow(guild, thread, disabled="target-closed")
    await harness.start()
    await calm(harness)
    assert await harness.disabled(target) == "target-closed"
    thread.set_thread(locked=False)
    await noticed(harness)
    await harness.pass_time(SETTLE_SECONDS + 1)
    await until(lambda: _is(harness, target, None))


@pytest.mark.parametrize("count", [1, 40])
async def test_a_new_session_writes_nothing_of_servers_where_all_is_as_it_was(
    harness: PlatformHarness, count: int
) -> None:
    """Of thousands of servers that would be more than alerts could wait for."""
    for number in range(count):
        guild = harness.fake.add_guild(f"Moon {number}")
        channel = guild.add_text_channel("alerts")
        if number % 2:
            await harness.follow(guild, channel)
    before = harness.store.writes
    await harness.start()
    await harness.synced()
    await calm(harness)
    assert harness.store.writes - before == 1, "that Discord was told of the commands"


async def test_a_server_that_is_back_after_the_start_is_looked_at(harness: PlatformHarness) -> None:
    guild = harness.fake.add_guild("Moon")
    target = await harness.follow(guild, guild.add_text_channel("alerts"), disabled="left")
    harness.fake.outage(guild)
    await harness.start()
    await calm(harness)
    assert await harness.disabled(target) == "left"
    harness.fake.end_outage(guild)
    await noticed(harness)
    await harness.pass_time(SETTLE_SECONDS + 1)
    await until(lambda: _is(harness, target, None))


async def test_the_end_of_a_timeout_from_before_the_start_is_waited_for_in_every_server(
    harness: PlatformHarness,
) -> None:
    guild = harness.fake.add_guild("Moon")
    channel = guild.add_text_channel("alerts")
    guild.time_out_bot(harness.fake.now() + timedelta(minutes=5))
    await harness.start()
    await settle()
    target = await harness.follow(guild, channel, disabled="forbidden")
    await harness.pass_time(330)
    await harness.pass_time_until(lambda: harness.commands.clock.sleeping == 0)
    await until(lambda: _is(harness, target, None))


@pytest.mark.parametrize("is_set", [0.0, 86400.0, -86400.0])
async def test_alerts_come_again_when_a_timeout_of_the_bot_has_ended(
    harness: PlatformHarness, is_set: float
) -> None:
    """By Discord's clock, and by how long that is: ours, which is days off, is set meanwhile."""
    clock = harness.commands.clock
    guild = harness.fake.add_guild("Moon")
    target = await harness.follow(guild, guild.add_text_channel("alerts"))
    await harness.start()
    await calm(harness)
    guild.time_out_bot(harness.fake.now() + timedelta(minutes=5))
    await noticed(harness)
    await harness.pass_time(SETTLE_SECONDS + 1)
    async with harness.store.write() as unit:  # as an alert does that is refused meanwhile
        await unit.places.disable(target.id, "forbidden", clock.now())
    before = clock.sleeping
    guild.time_out_bot(harness.fake.now() + timedelta(minutes=10))  # made longer
    await until(lambda: clock.sleeping > before)
    clock.set(is_set)
    await harness.pass_time(590)
    assert await harness.disabled(target) == "forbidden"
    await harness.pass_time_until(lambda: clock.sleeping == 0)
    await until(lambda: _is(harness, target, None))


async def test_an_administrator_posts_whatever_timeout_is_told(harness: PlatformHarness) -> None:
    """Discord exempts it from timeouts."""
    guild = harness.fake.add_guild("Moon")
    target = await harness.follow(guild, guild.add_text_channel("alerts"))
    await harness.start()
    await calm(harness)
    guild.time_out_bot(harness.fake.now() + timedelta(days=1))
    await noticed(harness)
    await harness.pass_time(SETTLE_SECONDS + 1)
    async with harness.store.write() as unit:
        await unit.places.disable(target.id, "forbidden", harness.commands.clock.now())
    guild.set_bot_permissions("administrator")
    await noticed(harness)
    await harness.pass_time(SETTLE_SECONDS + 1)
    await until(lambda: _is(harness, target, None))


async def test_a_greeting_comes_once_though_discord_fails_at_first(
    harness: PlatformHarness,
) -> None:
    await harness.start()
    harness.fake.faults.add(("POST", "/channels/*/messages"), ServerError(When.BEFORE), times=1)
    harness.fake.faults.add(("POST", "/channels/*/messages"), ServerError(When.AFTER), times=1)
    guild = harness.fake.add_guild("Moon", member=False)
    channel = guild.add_text_channel("general")
    harness.fake.restore_guild(guild)
    await harness.pass_time_until(lambda: _posts(harness) == 3)
    await settle()
    assert len(channel.messages) == 1


async def test_a_greeting_that_is_refused_is_no_defect(harness: PlatformHarness) -> None:
    await harness.start()
    harness.fake.faults.add(("POST", "/channels/*/messages"), Refuse(403, 50013))
    guild = harness.fake.add_guild("Moon", member=False)
    guild.add_text_channel("general")
    harness.fake.restore_guild(guild)
    await until(lambda: any(call.path.endswith("/messages") for call in harness.fake.calls))
    await settle()
    assert harness.part.ok


async def test_a_database_that_cannot_be_written_stops_no_server(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    guild = harness.fake.add_guild("Moon")
    await harness.follow(guild, guild.add_text_channel("alerts"))
    await harness.start()
    await calm(harness)

    harness.store.is_broken = True
    harness.fake.remove_guild(guild)
    await harness.pass_time_until(lambda: caplog.text.count("could not be noted") == 1)
    harness.store.is_busy = True
    harness.fake.restore_guild(guild)
    await harness.pass_time_until(lambda: caplog.text.count("could not be noted") == 2)
    assert harness.part.ok


def _posts(harness: PlatformHarness) -> int:
    return sum(call.path.endswith("/messages") for call in harness.fake.calls)


async def calm(harness: PlatformHarness) -> None:
    """Servers that Discord told of at the start were looked at."""
    await settle()
    assert harness.commands.clock.sleeping == 0


async def noticed(harness: PlatformHarness) -> None:
    """A change in a server has arrived."""
    await until(lambda: harness.commands.clock.sleeping > 0)


def _is_away(harness: PlatformHarness, guild: Guild) -> bool:
    client = harness.platform.connection.client
    known = client.get_guild(guild.id) if client is not None else None
    return known is not None and bool(known.unavailable)


async def _is(harness: PlatformHarness, target: Target, disabled: str | None) -> bool:
    return await harness.disabled(target) == disabled
