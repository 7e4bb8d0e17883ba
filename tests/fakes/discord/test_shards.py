"""Shards, as the real discord.py and raw clients meet them at the stand-in."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import aiohttp
import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from tests.fakes.clock import until
from tests.fakes.discord import TOKEN, FakeDiscord
from tests.fakes.discord.gateway import BAD_SHARD, HELLO, IDENTIFY, INVALID
from tests.patience import PATIENCE


class Sharded(discord.AutoShardedClient):
    def __init__(self, count: int) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True), shard_count=count, guild_ready_timeout=0.05
        )
        self.joined: list[tuple[int, str]] = []

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Nobody waits."""

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self.joined.append((guild.shard_id, guild.name))


async def test_each_shard_is_told_of_its_own_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeDiscord() as fake:
        monkeypatch.setattr(Route, "BASE", fake.api_url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", URL(fake.gateway.url))
        before = [fake.add_guild(f"G{n}") for n in range(6)]
        client = Sharded(2)
        async with client:
            running = asyncio.create_task(client.start(TOKEN))
            await until(client.is_ready)
            assert {guild.id for guild in client.guilds} == {guild.id for guild in before}
            told = [frame for one in fake.gateway.sessions.values() for frame in one.events]
            assert sum(frame["t"] == "GUILD_CREATE" for frame in told) == 6
            assert sum(frame["t"] == "READY" for frame in told) == 2
            new = fake.add_guild("new")
            await until(lambda: bool(client.joined))
            assert client.joined == [((new.id >> 22) % 2, "new")]
            await client.close()
            with contextlib.suppress(asyncio.CancelledError):
                await running
        assert fake.rejected == []


async def identify(fake: FakeDiscord, http: aiohttp.ClientSession, shard: Any) -> Any:
    """The op that follows, or the code that it was closed with."""
    async with asyncio.timeout(PATIENCE), http.ws_connect(fake.gateway.url) as socket:
        assert (await socket.receive_json())["op"] == HELLO
        told = {"token": TOKEN, "intents": 1, "properties": {}, "shard": shard}
        await socket.send_json({"op": IDENTIFY, "d": told})
        message = await socket.receive()
        return message.json()["op"] if message.type is aiohttp.WSMsgType.TEXT else message.data


@pytest.mark.parametrize("shard", [[2, 2], [-1, 2], [0], "0/2", [0, 0], [0.5, 2]])
async def test_what_is_no_shard_is_closed_for_good(shard: Any) -> None:
    async with FakeDiscord() as fake, aiohttp.ClientSession() as http:
        assert await identify(fake, http, shard) == BAD_SHARD


async def test_of_one_bucket_the_second_within_five_seconds_gets_no_session() -> None:
    async with FakeDiscord() as fake, aiohttp.ClientSession() as http:
        fake.gateway.max_concurrency, fake.gateway.is_strict = 2, True
        answers = [await identify(fake, http, [shard, 4]) for shard in (0, 1, 2)]
        assert answers == [0, 0, INVALID]
        assert fake.gateway.too_soon == 1
