"""Nodes that share a bot of Discord, in the tests' own process."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import cogs
from bot.app.isolated_chat import IsolatedChat
from bot.kit.files import Files
from bot.kit.health import Health, Part
from bot.kit.notifier import Notifier
from bot.kit.timing.clock import SystemClock
from bot.model import Address, Target
from bot.platforms.discord import DiscordPlatform
from bot.store import Access, Store
from tests.cluster.nodes import connecting, lease_keeper
from tests.commands.harness import CommandHarness
from tests.fakes.clock import until
from tests.fakes.discord import TOKEN, Channel, FakeDiscord, Guild
from tests.platforms.discord.harness import READY_SECONDS, FakeSettings
from tests.pumpfun.samples import MINT


@dataclass(frozen=True)
class DiscordNode:
    """`part` is how Discord is there, `leases` how the nodes are."""

    store: Store
    commands: CommandHarness
    platform: DiscordPlatform
    part: Part
    leases: Part
    chat: IsolatedChat

    async def connects(self) -> None:
        """Wait until it does."""
        await until(lambda: self.part.detail.startswith("connected"))

    async def has_shards(self, *numbers: int) -> None:
        """Wait until it has those and no others, all connected."""
        which = "shard" if len(numbers) == 1 else "shards"
        end = f", by {which} {', '.join(map(str, numbers))} of "
        await until(lambda: end in self.part.detail)

    async def stands_by(self) -> None:
        """Wait until it does."""
        await until(lambda: self.part.detail == "another node does it")

    async def follow(self, guild: Guild, channel: Channel) -> Target:
        """The channel hears of a coin."""
        address = Address("discord", str(guild.id), str(channel.id), guild.name, channel.name)
        await self.commands.follow(MINT, address)
        return await self.commands.target(address)

    async def is_disabled(self, target: Target, why: str | None) -> bool:
        """Whether nothing is posted there now, for that reason."""
        async with self.store.read() as unit:
            found = await unit.places.by_id(target.id)
        assert found is not None
        return found.disabled == why


@contextlib.asynccontextmanager
async def discord_node(
    database: Path,
    fake: FakeDiscord,
    name: str,
    *,
    notifier: Notifier | None = None,
    shards: int = 1,
    shards_per_node: int = 0,
    clock: SystemClock | None = None,
) -> AsyncIterator[DiscordNode]:
    """Running as the service has it, until the end of the block. `notifier` is shared by nodes that
    hear of each other at once; terms are counted by `clock`."""
    terms, clock = clock, SystemClock()
    health = Health(clock)
    async with Store(database, access=Access.ANY, patience=30) as store:
        files = Files(database.parent / f"clips-{name}")
        commands = CommandHarness(store, files, notifier=notifier or Notifier(), is_node=True)
        keeper = lease_keeper(store, name, "discord", health, notifier, terms)
        platform = DiscordPlatform(
            token=TOKEN,
            settings=FakeSettings(
                fake.api_url, fake.gateway_url, shards=shards, shards_per_node=shards_per_node
            ),
            store=store,
            files=commands.files,
            clock=clock,
            commands=commands.service,
            health=health,
            cogs=cogs.build(commands.service),
            ready_seconds=READY_SECONDS,
            turns=keeper,
        )
        part = health.part("discord")
        async with connecting("discord", platform, part, keeper, commands) as chat:
            yield DiscordNode(store, commands, platform, part, health.part("cluster"), chat)
