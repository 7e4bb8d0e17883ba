"""The whole Discord platform with real commands, against a Discord on this machine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import cogs
from bot.kit.files import Files
from bot.kit.health import Health, Part
from bot.model import Address, Target
from bot.platforms.discord import DiscordPlatform
from tests.commands.harness import CommandHarness
from tests.fakes.clock import FakeClock, settle, until
from tests.fakes.discord import TOKEN, Asked, Channel, FakeDiscord, Guild, Member
from tests.fakes.failing_store import FragileStore
from tests.pumpfun.samples import MINT

READY_SECONDS = 0.05


@dataclass(frozen=True)
class FakeSettings:
    """The settings of Discord."""

    api_url: str
    gateway_url: str
    guild_id: int = 0
    shards: int = 1
    shards_per_node: int = 0


@dataclass
class PlatformHarness:
    """`fake` is Discord; `commands` are the real ones; `store` is their database."""

    fake: FakeDiscord
    commands: CommandHarness
    store: FragileStore
    health: Health = field(init=False)
    platform: DiscordPlatform = field(init=False)
    runner: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.health = Health(self.commands.clock)
        self.platform = self.build()

    def build(
        self, token: str = TOKEN, guild_id: int = 0, gateway_url: str | None = None
    ) -> DiscordPlatform:
        """One as the service builds it. An empty `gateway_url` leaves it to Discord where to
        connect, of which `point_at` tells."""
        self.cogs = cogs.build(self.commands.service)
        return DiscordPlatform(
            token=token,
            settings=FakeSettings(
                self.fake.api_url,
                self.fake.gateway_url if gateway_url is None else gateway_url,
                guild_id,
            ),
            store=self.store,
            files=self.commands.files,
            clock=self.commands.clock,
            commands=self.commands.service,
            health=self.health,
            cogs=self.cogs,
            ready_seconds=READY_SECONDS,
        )

    @property
    def part(self) -> Part:
        """How the service says that Discord is."""
        return self.health.part("discord")

    async def start(self) -> None:
        """Log in and connect."""
        await self.platform.login()
        self.runner = asyncio.create_task(self.platform.run(), name="discord-run")
        await self.fake.connected()
        await until(lambda: self.part.detail.startswith("connected"))
        await until(self._is_ready)

    def _is_ready(self) -> bool:
        client = self.platform.connection.client
        return client is not None and client.is_ready()

    async def stop(self) -> None:
        """As the service does."""
        await self.platform.close_dispatcher()
        await self.commands.service.stop()
        if self.runner is not None:
            self.runner.cancel()
            await asyncio.gather(self.runner, return_exceptions=True)
        await self.platform.close()

    async def start_in_a_server(self) -> tuple[Guild, Channel]:
        """The same, where the bot is in one, and its commands are registered."""
        guild = self.fake.add_guild("Moon")
        channel = guild.add_text_channel("general")
        await self.start()
        await self.synced()
        return guild, channel

    async def restart(self, guild_id: int = 0) -> None:
        """Another process on the same database."""
        await self.stop()
        self.fake.gateway.forget()
        self.commands.service = self.commands.fresh()
        self.platform = self.build(guild_id=guild_id)
        await self.start()

    async def synced(self, count: int = 1) -> None:
        """Wait until Discord was told of the commands so often."""
        await until(lambda: self.fake.syncs >= count)

    async def pass_time(self, seconds: float) -> None:
        """Let it pass, and everybody act on it."""
        await self.commands.clock.advance(seconds)
        await settle()

    async def pass_time_until(self, condition: Callable[[], bool]) -> None:
        """Let it pass, second by second, whenever somebody waits for it."""

        async def is_so() -> bool:
            if self.commands.clock.sleeping and not condition():
                await self.commands.clock.advance(1.0)
            return condition()

        await until(is_so)

    def manager(self, guild: Guild) -> Member:
        """Somebody who may manage the server."""
        return guild.add_member(self.fake.add_user("ada"), permissions=["manage_guild"])

    def address(self, guild: Guild, channel: Channel) -> Address:
        return Address("discord", str(guild.id), str(channel.id), guild.name, channel.name)

    async def follow(self, guild: Guild, channel: Channel, disabled: str | None = None) -> Target:
        """The channel hears of a coin; or would, were it not disabled."""
        address = self.address(guild, channel)
        await self.commands.follow(MINT, address)
        target = await self.commands.target(address)
        if disabled is not None:
            async with self.store.write() as unit:
                await unit.places.disable(target.id, disabled, self.commands.clock.now())
        return target

    async def disabled(self, target: Target) -> str | None:
        """Why nothing is posted there now."""
        async with self.store.read() as unit:
            found = await unit.places.by_id(target.id)
        assert found is not None
        return found.disabled


@contextlib.asynccontextmanager
async def open_platform(folder: Path) -> AsyncIterator[PlatformHarness]:
    """Not started yet; stopped at the end. Discord's description may have rejected nothing that
    was asked."""
    clock = FakeClock()
    async with (
        FragileStore(folder / "mintcast.db") as store,
        FakeDiscord(now=clock.right) as fake,
    ):
        commands = CommandHarness(store, Files(folder / "clips"), clock)
        harness = PlatformHarness(fake, commands, store)
        try:
            yield harness
        finally:
            await harness.stop()
        assert fake.rejected == []


async def answered(asked: Asked) -> str:
    """What the answer says, when it is there."""
    await asked.until(lambda one: bool(one.answers))
    answer = asked.answer
    embeds = [f"{one.get('title', '')}\n{one.get('description', '')}" for one in answer.embeds]
    return "\n".join((answer.content, *embeds))
