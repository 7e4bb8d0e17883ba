"""Shards of one bot of Discord, in one node and over several."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.kit.notifier import Notifier
from bot.platforms.discord.membership.guilds import shard_of
from tests.cluster.discord_nodes import discord_node
from tests.fakes.clock import until
from tests.fakes.discord import FakeDiscord, Guild
from tests.fakes.discord.gateway import Session


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    """Two may identify at once, and who comes too soon is sent away."""
    async with FakeDiscord() as discord:
        discord.gateway.max_concurrency = 2
        discord.gateway.is_strict = True
        yield discord
    assert discord.rejected == []
    assert discord.gateway.too_soon == 0


def a_guild_of(fake: FakeDiscord, shard: int, count: int) -> Guild:
    """A server that this shard of so many hears of."""
    while True:
        guild = fake.add_guild(f"of shard {shard}")
        if shard_of(guild.id, count) == shard:
            return guild
        fake.remove_guild(guild)


def shards(fake: FakeDiscord) -> list[tuple[int, int] | None]:
    def number(session: Session) -> int:
        return session.shard[0] if session.shard is not None else -1

    return [one.shard for one in sorted(fake.gateway.connected, key=number)]


async def test_one_node_has_all_shards_and_each_judges_its_own_servers(
    database: Path, fake: FakeDiscord
) -> None:
    gone, stays = a_guild_of(fake, 0, 2), a_guild_of(fake, 1, 2)
    async with discord_node(database, fake, "a", shards=2) as a:
        lost = await a.follow(gone, gone.add_text_channel("alerts"))
        kept = await a.follow(stays, stays.add_text_channel("alerts"))
        await a.has_shards(0, 1)
        assert shards(fake) == [(0, 2), (1, 2)]
        assert fake.gateway.identifies == 2
        fake.remove_guild(gone)
        await until(lambda: a.is_disabled(lost, "left"))
        fake.restore_guild(gone)
        await until(lambda: a.is_disabled(lost, None))
        await until(lambda: "in 2 servers" in a.part.detail)
        fake.gateway.drop()
        await until(lambda: not a.part.ok)
        await a.has_shards(0, 1)
        assert await a.is_disabled(kept, None)


async def test_shards_are_shared_and_taken_over(database: Path, fake: FakeDiscord) -> None:
    guilds = [a_guild_of(fake, shard, 2) for shard in range(2)]
    heard = Notifier()
    async with discord_node(database, fake, "b", notifier=heard, shards=2, shards_per_node=1) as b:
        targets = [await b.follow(guild, guild.add_text_channel("alerts")) for guild in guilds]
        await until(lambda: len(fake.gateway.connected) == 1)
        async with discord_node(database, fake, "a", notifier=heard, shards=2) as a:
            await until(lambda: len(fake.gateway.connected) == 2)
            assert shards(fake) == [(0, 2), (1, 2)]
            await until(lambda: "in 1 server, by shard" in a.part.detail)
            await until(lambda: "in 1 server, by shard" in b.part.detail)
            assert [await a.is_disabled(target, None) for target in targets] == [True, True]
    async with discord_node(database, fake, "c", notifier=heard, shards=2) as c:
        fake.remove_guild(guilds[0])
        await c.has_shards(0, 1)
        await until(lambda: c.is_disabled(targets[0], "left"))
        assert await c.is_disabled(targets[1], None)


async def test_a_shard_that_no_node_may_take_is_told_of_until_one_takes_it(
    database: Path, fake: FakeDiscord
) -> None:
    heard = Notifier()
    async with discord_node(database, fake, "a", notifier=heard, shards=2, shards_per_node=1) as a:
        await until(lambda: a.leases.detail.startswith("no node has shards:discord:"))
        assert not a.leases.ok
        async with discord_node(database, fake, "b", notifier=heard, shards=2, shards_per_node=1):
            await until(lambda: a.leases.ok)
            assert len(fake.gateway.connected) == 2


async def test_a_session_that_begins_anew_finds_out_which_servers_are_gone(
    database: Path, fake: FakeDiscord
) -> None:
    gone, stays = a_guild_of(fake, 0, 2), a_guild_of(fake, 1, 2)
    async with discord_node(database, fake, "a", shards=2) as a:
        lost = await a.follow(gone, gone.add_text_channel("alerts"))
        kept = await a.follow(stays, stays.add_text_channel("alerts"))
        await a.has_shards(0, 1)
        fake.gateway.drop()
        await until(lambda: not fake.gateway.connected)
        fake.gateway.sessions.clear()
        fake.remove_guild(gone)
        await until(lambda: a.is_disabled(lost, "left"))
        await until(lambda: "in 1 server, by shards 0, 1 of 2" in a.part.detail)
        assert await a.is_disabled(kept, None)


async def test_a_node_with_another_number_of_shards_connects_once_the_others_are_gone(
    database: Path, fake: FakeDiscord
) -> None:
    heard = Notifier()
    async with discord_node(database, fake, "b", notifier=heard, shards=2) as b:
        await b.has_shards(0, 1)
        async with discord_node(database, fake, "a", notifier=heard) as a:
            await until(lambda: "is 1 here and 2 on the nodes" in a.part.detail)
            assert not a.part.ok
            assert shards(fake) == [(0, 2), (1, 2)]
            await b.has_shards(0, 1)
    async with discord_node(database, fake, "a", notifier=heard) as a:
        await a.connects()
        assert shards(fake) == [None]


async def test_two_nodes_never_identify_in_one_bucket_at_once(
    database: Path, fake: FakeDiscord
) -> None:
    fake.gateway.max_concurrency = 1
    async with (
        discord_node(database, fake, "a", shards=3, shards_per_node=2),
        discord_node(database, fake, "b", shards=3, shards_per_node=2),
    ):
        await until(lambda: len(fake.gateway.connected) == 3)
        assert shards(fake) == [(0, 3), (1, 3), (2, 3)]
        assert (fake.gateway.identifies, fake.gateway.too_soon) == (3, 0)
