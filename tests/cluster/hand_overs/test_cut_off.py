"""Two nodes that send by one bot of Discord, each through a proxy of its own: one's breaks."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import discord
import pytest

from bot.kit.health import Health
from bot.kit.notifier import DELIVERIES, Notifier
from bot.kit.timing.clock import SystemClock
from bot.model import Address, Person
from bot.model.network import Network, Proxy
from bot.platforms.discord.connection.client_port import client_options, point_at
from bot.platforms.discord.messages.interaction_registry import InteractionRegistry
from bot.platforms.discord.messages.sender import DiscordSender
from bot.platforms.discord.messages.upload_limits import UploadLimits
from bot.store import Access, Store
from tests.alerts.harness import COIN, AlertHarness
from tests.cluster.nodes import TERM, lease_keeper
from tests.fakes.clock import until
from tests.fakes.discord import TOKEN, Channel, FakeDiscord
from tests.fakes.proxy import FakeProxy
from tests.platforms.discord.sender_harness import FakeConnection


@dataclass
class Sending:
    """A node. `proxy` is its way to Discord."""

    name: str
    alerts: AlertHarness
    proxy: FakeProxy

    @property
    def says(self) -> str:
        return self.alerts.health.part("alerts discord").detail

    async def leads(self) -> bool:
        async with self.alerts.store.read() as unit:
            return any(one.lease.holder == self.name for one in await unit.leases.all())

    async def cut_off(self) -> None:
        await self.proxy.__aexit__()


@contextlib.asynccontextmanager
async def sending(database: Path, name: str, heard: Notifier) -> AsyncIterator[Sending]:
    clock = SystemClock()
    async with contextlib.AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(FakeProxy())
        network = Network(http=Proxy("127.0.0.1", proxy.port))
        store = await stack.enter_async_context(Store(database, access=Access.ANY, patience=30))
        client = discord.Client(**client_options(network))
        await stack.enter_async_context(client)
        await client.login(TOKEN)
        folder = database.parent / name
        port = FakeConnection(client)
        made = AlertHarness(store, folder, clock, life=ord(name))  # which names who claims
        sender = DiscordSender(
            client_port=port,
            registry=InteractionRegistry(port, clock, made.files, on_rival=lambda: None),
            files=made.files,
            clock=clock,
            upload_limits=UploadLimits(store, clock),
        )
        made.senders["discord"] = sender
        made.notifier, made.site.stream_picture = heard, None
        keeper = lease_keeper(
            store, name, "alerts", Health(clock), heard, unreached_seconds=0, rest_seconds=60
        )
        made.leadership = await stack.enter_async_context(keeper)
        await made.start()
        stack.push_async_callback(made.kill)
        yield Sending(name, made, proxy)


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as one:
        port = one.api_url.split(":")[2].split("/")[0]
        point_at(f"http://discord.test:{port}/api/v10", "")
        yield one
    assert one.rejected == []


async def follow(node: AlertHarness, channel: Channel, mint: str) -> None:
    async with node.store.write() as unit:
        await unit.coins.put(COIN)
        address = Address("discord", str(channel.guild.id), str(channel.id))  # type: ignore[union-attr]
        target = await unit.places.target(address, "discord", node.clock.now())
        await unit.subscriptions.add(target.id, mint, Person("p1", "Ann"), node.clock.now())


async def test_alerts_go_out_by_another_node_where_one_cannot_reach_discord(
    database: Path, fake: FakeDiscord
) -> None:
    heard, guild = Notifier(), fake.add_guild("Moon")
    channels = [guild.add_text_channel(f"general-{number}") for number in range(10)]

    def counts() -> set[int]:
        return {len(channel.messages) for channel in channels}

    async with sending(database, "a", heard) as a:
        for channel in channels:
            await follow(a.alerts, channel, COIN.mint)
        await until(a.leads)
        async with sending(database, "b", heard) as b:
            await a.cut_off()
            await a.alerts.go_live(told=False)
            heard.notify(DELIVERIES)
            await until(lambda: counts() == {1}, within=20 * TERM)
            assert a.says == "Discord couldn't be reached from here, so it's left to another node"
            await until(lambda: b.says == "posting to discord")
            await b.alerts.service.drain()
            shown = {row.message_id for row in await b.alerts.rows()}
            assert shown == {str(channel.messages[0].id) for channel in channels}
            assert counts() == {1}
