"""A member of a Discord server is told of the channels that they see; managers of all."""

from __future__ import annotations

from typing import Any, cast

import discord
import pytest

from bot.platforms.discord.membership.permissions import may_see
from tests.cogs.harness import Harness, text_of
from tests.pumpfun.samples import MINT, OTHER_MINT

SEEN = discord.PermissionOverwrite(view_channel=True)
UNSEEN = discord.PermissionOverwrite(view_channel=False)


@pytest.fixture
async def office(harness: Harness) -> Any:
    """A channel that only managers see, where a coin is followed; another is followed here."""
    managers = harness.guild.roles["Managers"]
    rules = {harness.guild.default_role: UNSEEN, managers: SEEN, harness.guild.me: SEEN}
    made = harness.guild.create_text_channel("office", overwrites=rules)
    await harness.say("subscribe", mint=MINT)
    await harness.say("subscribe", mint=OTHER_MINT, channel=made)
    return made


async def test_a_member_is_not_told_of_a_channel_that_they_do_not_see(
    harness: Harness, office: Any
) -> None:
    answer = text_of(await harness.say("subscriptions", harness.ben))
    assert "MINTY" in answer
    assert "office" not in answer
    assert "OTHER" not in answer
    assert "Channels you can't see are left out." in answer
    everything = text_of(await harness.say("subscriptions"))
    assert "office" in everything
    assert "OTHER" in everything


async def test_nor_offered_the_coins_that_are_followed_there(harness: Harness, office: Any) -> None:
    offered = await harness.ben.autocomplete(harness.here, "live", "mint", "")
    assert [one["value"] for one in offered] == [MINT]
    assert len(await harness.ada.autocomplete(harness.here, "live", "mint", "")) == 2


async def test_a_member_who_sees_it_is_told(harness: Harness) -> None:
    side = harness.guild.create_text_channel("side")
    await harness.say("subscribe", mint=OTHER_MINT, channel=side)
    assert "side" in text_of(await harness.say("subscriptions", harness.ben))


class FakeThread(discord.Thread):
    """As Discord tells of one: who owns it, and in which channel it is."""

    def __init__(self, parent_id: int, kind: discord.ChannelType, owner_id: int) -> None:
        self.id, self.parent_id, self.owner_id = 77, parent_id, owner_id
        self._type = cast("Any", kind)
        self._members = {}


@pytest.mark.parametrize(
    ("kind", "owner", "is_seen"),
    [
        (discord.ChannelType.public_thread, 1, True),
        (discord.ChannelType.private_thread, 1, False),
        (discord.ChannelType.private_thread, None, True),
    ],
)
async def test_of_threads_the_parent_decides_and_who_is_in_a_private_one(
    harness: Harness, kind: discord.ChannelType, owner: int | None, is_seen: bool
) -> None:
    guild = harness.bot.get_guild(harness.guild.id)
    assert guild is not None
    ben = guild.get_member(harness.ben.id) or await guild.fetch_member(harness.ben.id)
    thread = FakeThread(harness.here.id, kind, owner or ben.id)
    guild._threads[77] = cast("discord.Thread", thread)
    assert may_see(guild, "77", ben) is is_seen
    del guild._threads[77]
    assert not may_see(guild, "77", ben)  # nobody knows: archived, or deleted
    assert not may_see(guild, "no number", ben)
