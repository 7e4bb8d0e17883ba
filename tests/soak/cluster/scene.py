"""Several nodes on one PostgreSQL server, each a whole service, and a Discord beside them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.demo.ports import free_port
from bot.demo.running import PACE
from bot.demo.service import Service
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from bot.kit.leadership import Lease
from bot.model import Address
from bot.store import PostgresAddress
from tests.databases.by_path import databases, instead_of_files
from tests.databases.far_host import Cable
from tests.databases.postgres import Cluster
from tests.e2e.discord.harness import alerts, environment
from tests.e2e.seed import subscribe, until
from tests.fakes.discord import Channel, FakeDiscord, Guild, Member
from tests.fakes.proxy import FakeProxy
from tests.patience import PATIENCE

Kind = Callable[[Path, Mapping[str, str]], Service]

TERM = 6.0
"""Seconds: shorter than anybody would have it, for there are many of them here."""


_LEASES = """SELECT name, holder, epoch FROM leases WHERE name NOT LIKE 'identify:%'
    AND name NOT LIKE 'hand-over:%' AND until > extract(epoch FROM clock_timestamp()) * 1000"""
_THERE = """SELECT name FROM nodes
    WHERE until > extract(epoch FROM clock_timestamp()) * 1000"""


@dataclass
class Node:
    """One service. What was killed is started anew under the same name."""

    name: str
    service: Service
    port: int
    folder: Path

    @property
    def clips(self) -> Path:
        """Its own folder of clips."""
        return self.folder / "clips"

    async def freeze(self) -> None:
        os.kill(self.service.pid, signal.SIGSTOP)

    async def thaw(self) -> None:
        os.kill(self.service.pid, signal.SIGCONT)


@dataclass
class Scene:
    """All of it, running; what is subscribed is the first coin."""

    world: World
    discord: FakeDiscord
    guild: Guild
    nodes: list[Node]
    coin: DemoCoin
    followers: list[Channel]
    server: Cluster
    address: PostgresAddress
    al: Member
    told: Mapping[str, str]
    """What each node is told."""

    @property
    def sent(self) -> int:
        return sum(len(alerts(channel)) for channel in self.followers)

    async def leases(self) -> dict[str, Lease]:
        """Those whose term is not over, but for turns."""
        return {name: Lease(name, *more) for name, *more in await self.rows(_LEASES)}

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database answers."""
        name = self.address.url.rpartition("/")[2]
        return await asyncio.to_thread(self.server.fetch, sql, (), name)

    def node_of(self, worker_id: str) -> Node:
        """Which of them that start was of."""
        return next(one for one in self.nodes if worker_id.startswith(f"{one.name}-"))

    async def all_are_there(self) -> None:
        """As the database has it: who was killed a moment ago is, too, for a term."""
        names = [(one.name,) for one in self.nodes]
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while sorted(set(there := await self.rows(_THERE))) != names:
            assert asyncio.get_running_loop().time() < deadline, there
            await asyncio.sleep(0.1)

    async def holder(self, name: str) -> Node:
        """Whoever has it, once somebody does."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            if (lease := (await self.leases()).get(name)) is not None:
                return self.node_of(lease.holder)
            assert asyncio.get_running_loop().time() < deadline, name
            await asyncio.sleep(0.05)

    async def everybody_is_told(self) -> None:
        await until(lambda: self.sent >= len(self.followers), "everybody is told", within=PATIENCE)

    def nothing_is_missing_or_doubled(self) -> None:
        assert [len(alerts(channel)) for channel in self.followers] == [1] * len(self.followers)
        assert self.discord.rejected == []


@contextlib.asynccontextmanager
async def cluster_scene(
    folder: Path,
    names: Sequence[str] = ("a", "b", "c"),
    *,
    followers: int = 100,
    livekit: bool = False,
    server: Cluster | None = None,
    term: float = TERM,
    settings: Mapping[str, str] = MappingProxyType({}),
    ways: Mapping[str, Cable] = MappingProxyType({}),
    behind: Mapping[str, FakeProxy] = MappingProxyType({}),
    own: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    kind: Kind = Service,
) -> AsyncIterator[Scene]:
    """A server with so many channels that follow a coin, and a service of each name. `ways`
    lead nodes to the server; those `behind` a proxy reach pump.fun and Discord only through it;
    `own` is what one node is told beside `settings`; `kind` makes each service."""
    with contextlib.ExitStack() as stack:
        made = await asyncio.to_thread(stack.enter_context, databases(server or Cluster()))
        stack.enter_context(instead_of_files(made))
        async with World(livekit=livekit) as world, FakeDiscord() as discord:
            discord.acknowledge_within = PATIENCE
            guild = discord.add_guild("Friends of the mint")
            guild.add_member(discord.add_user("olga"), permissions=("manage_guild",))
            al = guild.add_member(discord.add_user("al"))
            coin = world.add_coin("MINTY", "Minty the coin")
            channels = [guild.add_text_channel(f"follower-{n}") for n in range(followers)]
            addresses = [
                Address("discord", str(guild.id), str(one.id), guild.name, one.name)
                for one in channels
            ]
            await subscribe(folder, addresses, coin)
            address = made.of(folder / "mintcast.db")
            told = {**_told_all(world, discord, address, term), **settings}
            told_alone = {
                name: {
                    **_led(address, ways.get(name)),
                    **_proxied(told, behind.get(name)),
                    **own.get(name, {}),
                }
                for name in names
            }
            nodes = [make_node(name, folder, {**told, **told_alone[name]}, kind) for name in names]
            async with contextlib.AsyncExitStack() as running:
                for node in nodes:
                    await running.enter_async_context(node.service)
                await discord.connected(PATIENCE)
                yield Scene(
                    world, discord, guild, nodes, coin, channels, made.cluster, address, al, told
                )


def _told_all(
    world: World, discord: FakeDiscord, address: PostgresAddress, term: float
) -> dict[str, str]:
    return {
        **world.environment,
        **PACE,
        **environment(discord),
        "MINTCAST_STORAGE__DATABASE": address.url,
        "MINTCAST_CLUSTER__LEASE_SECONDS": str(term),
    }


def _led(address: PostgresAddress, way: Cable | None) -> dict[str, str]:
    if way is None:
        return {}
    return {"MINTCAST_STORAGE__DATABASE": re.sub(r"@[^:]+:", f"@{way.address}:", address.url)}


def _proxied(told: Mapping[str, str], proxy: FakeProxy | None) -> dict[str, str]:
    """By a name that only the proxy knows."""
    if proxy is None:
        return {}
    outside = ("MINTCAST_PUMPFUN__", "MINTCAST_DISCORD__")
    named = {
        key: value.replace("127.0.0.1", "outside.test")
        for key, value in told.items()
        if key.startswith(outside)
    }
    return {**named, "MINTCAST_NETWORK__PROXY": proxy.address}


def roles(*names: str) -> dict[str, str]:
    """What tells a node that it may do these alone."""
    return {"MINTCAST_CLUSTER__ROLES": json.dumps(names)}


def make_node(name: str, folder: Path, told: Mapping[str, str], kind: Kind = Service) -> Node:
    """It doesn't run yet."""
    port = free_port()
    own = {"MINTCAST_HTTP__PORT": str(port), "MINTCAST_CLUSTER__NODE": name}
    return Node(name, kind(folder / name, {**told, **own}), port, folder / name)
