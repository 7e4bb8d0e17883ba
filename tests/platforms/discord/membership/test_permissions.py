"""What may be done where, from what Discord has told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest
from discord import ChannelType

from bot.platforms.discord.connection.invitation import PURPOSES, invite_permissions
from bot.platforms.discord.membership.permissions import (
    ChannelContext,
    can_post,
    missing,
    readiness,
    refusal,
)
from tests.fakes.discord import Channel, Guild
from tests.platforms.discord.harness import PlatformHarness, open_platform

ALL = tuple(PURPOSES)


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[PlatformHarness]:
    async with open_platform(tmp_path) as opened:
        yield opened


def seen(harness: PlatformHarness, guild: Guild) -> discord.Guild:
    """The server as the bot knows it."""
    client = harness.platform.connection.client
    assert client is not None
    found = client.get_guild(guild.id)
    assert found is not None
    return found


def where(harness: PlatformHarness, channel: Channel) -> ChannelContext:
    """A channel as the bot knows it."""
    assert channel.guild is not None
    guild = seen(harness, channel.guild)
    found = guild.get_channel_or_thread(channel.id)
    assert found is not None
    return ChannelContext.of(guild, found)


@pytest.mark.parametrize(
    ("lacking", "kind", "names"),
    [
        ("view_channel", ChannelType.text, ("View Channel",)),
        ("send_messages", ChannelType.text, ("Send Messages",)),
        ("send_messages", ChannelType.public_thread, ()),
        ("send_messages_in_threads", ChannelType.news_thread, ("Send Messages in Threads",)),
        ("send_messages_in_threads", ChannelType.news, ()),
        ("embed_links", ChannelType.text, ("Embed Links",)),
        ("attach_files", ChannelType.private_thread, ("Attach Files",)),
        ("read_message_history", ChannelType.text, ()),
        ("connect", ChannelType.voice, ("Connect",)),
        ("connect", ChannelType.stage_voice, ("Connect",)),
        ("connect", ChannelType.text, ()),
    ],
)
def test_what_is_missing_is_named_as_discord_names_it(
    lacking: str, kind: ChannelType, names: tuple[str, ...]
) -> None:
    granted = discord.Permissions(invite_permissions())
    granted.update(connect=True)
    granted.update(**{lacking: False})
    assert missing(granted, kind) == names


async def test_a_voice_channel_that_it_may_not_enter_takes_nothing(
    harness: PlatformHarness,
) -> None:
    guild = harness.fake.add_guild("Moon")
    guild.set_bot_permissions(*ALL, "connect")
    open_, shut = guild.add_voice_channel("a"), guild.add_voice_channel("b", deny=["connect"])
    await harness.start()
    assert can_post(seen(harness, guild), str(open_.id))
    assert not can_post(seen(harness, guild), str(shut.id))
    here = where(harness, shut)
    assert readiness(here, None, here.granted()).missing == ("Connect",)


async def test_overwrites_of_a_channel_count(harness: PlatformHarness) -> None:
    guild = harness.fake.add_guild("Moon")
    guild.set_bot_permissions(*ALL)
    open_, shut = guild.add_text_channel("a"), guild.add_text_channel("b", deny=["embed_links"])
    await harness.start()
    assert can_post(seen(harness, guild), str(open_.id))
    assert not can_post(seen(harness, guild), str(shut.id))
    here = where(harness, shut)
    assert readiness(here, None, here.granted()).missing == ("Embed Links",)


async def test_only_what_is_really_missing_is_named(harness: PlatformHarness) -> None:
    guild = harness.fake.add_guild("Moon")
    guild.set_bot_permissions("embed_links", "attach_files", "read_message_history")
    channel = guild.add_text_channel("a", deny=["view_channel"])
    await harness.start()
    here = where(harness, channel)
    lacking = readiness(here, None, here.granted()).missing
    assert lacking[0] == "View Channel"
    assert "Embed Links" not in lacking


async def test_a_thread_has_its_channels_permissions_and_one_of_its_own(
    harness: PlatformHarness,
) -> None:
    guild = harness.fake.add_guild("Moon")
    guild.set_bot_permissions("view_channel", "embed_links", "attach_files", "send_messages")
    channel = guild.add_text_channel("a")
    thread = channel.add_thread("post")
    await harness.start()
    assert can_post(seen(harness, guild), str(channel.id))
    assert not can_post(seen(harness, guild), str(thread.id))
    here = where(harness, thread)
    lacking = readiness(here, None, here.granted()).missing
    assert lacking == ("Send Messages in Threads",)


async def test_a_locked_thread_is_refused_and_an_archived_one_wakes_up(
    harness: PlatformHarness,
) -> None:
    guild = harness.fake.add_guild("Moon")
    guild.set_bot_permissions(*ALL)
    channel = guild.add_text_channel("a")
    locked = channel.add_thread("locked", locked=True)
    await harness.start()
    here = where(harness, locked)
    assert "locked" in (refusal(here, here.granted()) or "")
    managing = here.granted()
    managing.update(manage_threads=True)
    assert refusal(here, managing) is None
    asleep = ChannelContext(
        here.guild, 1, "old", ChannelType.public_thread, channel.id, archived=True
    )
    assert refusal(asleep, asleep.granted()) is None
    assert "reopens it" in readiness(asleep, None, asleep.granted()).notes[0]


async def test_a_private_thread_wants_us_in_it(harness: PlatformHarness) -> None:
    guild = harness.fake.add_guild("Moon")
    channel = guild.add_text_channel("a")
    guild.set_bot_permissions(*ALL)
    await harness.start()
    seen_guild = seen(harness, guild)
    private = ChannelContext(
        seen_guild, 1, "p", ChannelType.private_thread, channel.id, is_joined=False
    )
    assert "private" in (refusal(private, private.granted()) or "")


async def test_a_forum_is_no_place_for_a_post_but_its_posts_are(harness: PlatformHarness) -> None:
    guild = harness.fake.add_guild("Moon")
    guild.set_bot_permissions(*ALL)
    forum = guild.add_forum("talk")
    post = forum.add_thread("a coin")
    await harness.start()
    here = where(harness, forum)
    assert "one of its posts" in (refusal(here, here.granted()) or "")
    assert not can_post(seen(harness, guild), str(forum.id))
    assert can_post(seen(harness, guild), str(post.id))


async def test_of_an_archived_thread_nobody_knows_whether_one_can_post(
    harness: PlatformHarness,
) -> None:
    guild = harness.fake.add_guild("Moon")
    asleep = guild.add_text_channel("a").add_thread("old", archived=True)
    await harness.start()
    assert can_post(seen(harness, guild), str(asleep.id)) is None
    assert can_post(seen(harness, guild), "12345") is None
    assert can_post(seen(harness, guild), "nonsense") is False
    nowhere = ChannelContext(seen(harness, guild), 1, "?", ChannelType.public_thread, 12345)
    assert nowhere.granted() == discord.Permissions.none()


async def test_whether_a_role_can_be_mentioned(harness: PlatformHarness) -> None:
    guild = harness.fake.add_guild("Moon")
    guild.set_bot_permissions(*ALL)
    channel = guild.add_text_channel("a", deny=["mention_everyone"])
    quiet, loud = guild.add_role("@evil*"), guild.add_role("Pingers", mentionable=True)
    await harness.start()
    here = where(harness, channel)
    roles = seen(harness, guild)
    granted = here.granted()
    assert readiness(here, roles.get_role(loud.id), granted).notes == ()
    (note,) = readiness(here, roles.get_role(quiet.id), granted).notes
    assert "Mention @everyone, @here, and All Roles" in note
    assert "@evil" not in note
    granted.update(mention_everyone=True)
    assert readiness(here, roles.get_role(quiet.id), granted).notes == ()
