"""Two nodes with one bot of Discord: one has the gateway, both can send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.kit.notifier import Notifier
from bot.kit.timing.clock import SystemClock
from bot.model import plain
from tests.cluster.discord_nodes import DiscordNode, discord_node
from tests.fakes.clock import until
from tests.fakes.discord import FakeDiscord
from tests.store.raw_sql import write

LEASE = "shards:discord"


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as discord:
        yield discord
    assert discord.rejected == []


def give_to_other(node: DiscordNode) -> None:
    """The lease of the gateway is another's."""
    sql = "UPDATE leases SET holder = 'b', epoch = epoch + 1, until = until + 600000"
    write(node.store.name, f"{sql} WHERE name = ?", [(LEASE,)])


async def test_one_connects_and_a_clean_end_hands_the_gateway_over(
    database: Path, fake: FakeDiscord
) -> None:
    guild, heard = fake.add_guild("Moon"), Notifier()
    channel = guild.add_text_channel("general")
    async with discord_node(database, fake, "b", notifier=heard) as b:
        target = await b.follow(guild, channel)
        await b.connects()
        async with discord_node(database, fake, "a", notifier=heard) as a:
            await a.stands_by()
            await a.platform.sender.send(target, plain("hello"), nonce="n1")
            assert len(channel.messages) == 1
            assert len(fake.gateway.connected) == 1
    async with discord_node(database, fake, "c", notifier=heard) as c:
        await c.connects()
        assert (fake.gateway.identifies, fake.gateway.closes) == (2, [1000])
        assert await c.is_disabled(target, None)


async def test_a_node_that_is_stopped_leaves_the_gateway_first_and_still_sends(
    database: Path, fake: FakeDiscord
) -> None:
    guild, heard = fake.add_guild("Moon"), Notifier()
    channel = guild.add_text_channel("general")
    al = guild.add_member(fake.add_user("al"))
    async with discord_node(database, fake, "b", notifier=heard) as b:
        target = await b.follow(guild, channel)
        await b.connects()
        async with discord_node(database, fake, "a", notifier=heard) as a:
            await a.stands_by()
            await b.chat.close_dispatcher()
            await a.connects()
            assert fake.gateway.closes == [1000]
            asked = await al.slash(channel, "help")
            await asked.until(lambda one: bool(one.answers))
            assert "restarting" not in str(asked.answers)
            before = len(channel.messages)
            await b.platform.sender.send(target, plain("hello"), nonce="n1")
            assert len(channel.messages) == before + 1
            assert len(fake.gateway.connected) == 1


async def test_whoever_lost_the_lease_leaves_the_gateway_and_still_sends(
    database: Path, fake: FakeDiscord
) -> None:
    guild = fake.add_guild("Moon")
    channel = guild.add_text_channel("general")
    async with discord_node(database, fake, "a") as a:
        target = await a.follow(guild, channel)
        await a.connects()
        await asyncio.to_thread(give_to_other, a)
        await a.stands_by()
        await until(lambda: not fake.gateway.connections)
        assert fake.gateway.closes == [1000]
        await a.platform.sender.send(target, plain("hello"), nonce="n1")
        fake.remove_guild(guild)  # which it cannot hear of
        sql = "UPDATE leases SET until = until - 1200000"
        await asyncio.to_thread(write, a.store.name, f"{sql} WHERE name = ?", [(LEASE,)])
        await a.connects()
        assert a.part.detail == "connected as Mintcast in 0 servers"
        await until(lambda: a.is_disabled(target, "left"))
    assert (len(channel.messages), fake.gateway.identifies) == (1, 2)


class Resumed(SystemClock):
    """Of a machine that was suspended for so many seconds."""

    seconds = 0.0

    def elapsed(self) -> float:
        return super().elapsed() + self.seconds


async def test_what_a_node_hears_that_stood_still_past_its_term_is_left_to_another(
    database: Path, fake: FakeDiscord
) -> None:
    guild, clock = fake.add_guild("Moon"), Resumed()
    channel = guild.add_text_channel("general")
    ada = guild.add_member(fake.add_user("ada"), permissions=["manage_guild"])
    async with discord_node(database, fake, "a", clock=clock) as a:
        await a.connects()
        await until(lambda: fake.syncs > 0)
        begun: list[str] = []

        async def call(request: object, name: str, words: object) -> None:
            begun.append(name)

        a.commands.service.call = call  # type: ignore[method-assign]
        await ada.slash(channel, "live", wait=False)
        await until(lambda: begun == ["live"])
        clock.seconds = 600.0
        await ada.slash(channel, "help", wait=False)
        await a.stands_by()
        assert begun == ["live"]


async def test_who_asked_is_told_of_a_failure_by_a_node_that_has_lost_the_lease(
    database: Path, fake: FakeDiscord
) -> None:
    guild = fake.add_guild("Moon")
    channel = guild.add_text_channel("general")
    ada = guild.add_member(fake.add_user("ada"), permissions=["manage_guild"])
    async with discord_node(database, fake, "a") as a:
        await a.connects()
        await until(lambda: fake.syncs > 0)
        begun, event = asyncio.Event(), asyncio.Event()

        async def call(request: object, name: str, words: object) -> None:
            begun.set()
            await event.wait()
            raise ZeroDivisionError

        a.commands.service.call = call  # type: ignore[method-assign]
        asked = await ada.slash(channel, "live", wait=False)
        await until(begun.is_set)
        await asyncio.to_thread(give_to_other, a)
        await a.stands_by()
        event.set()
        await asked.until(lambda one: bool(one.answers))
        assert "Something went wrong" in str(asked.answer.embeds)
