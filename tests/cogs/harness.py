"""A Discord that simcord plays, our platform in it, and real commands behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import discord
import simcord

import cogs
from bot.kit.files import Files
from bot.kit.health import Health
from bot.kit.notifier import Notifier
from bot.platforms.discord import DiscordPlatform
from bot.platforms.discord.connection.client import Client
from tests.commands.harness import CommandHarness
from tests.fakes.clock import FakeClock
from tests.fakes.failing_store import FragileStore

MANAGES = discord.Permissions(manage_guild=True)


class SimClock(FakeClock):
    """Stands still; simcord knows that whoever sleeps by it waits for the test."""

    env: simcord.Env | None = None

    def follow(self, env: simcord.Env) -> None:
        """Begin at the time that its ids tell."""
        self.env = env
        self._start = env.now()

    async def sleep(self, seconds: float) -> None:
        assert self.env is not None
        await self.env.external_wait(super().sleep(seconds), reason="the test's clock")


class SimNotifier(Notifier):
    """The same for whoever waits for a hint."""

    env: simcord.Env | None = None

    @contextmanager
    def listening(self, *topics: str) -> Iterator[asyncio.Event]:
        event = _SimEvent(self.env)
        for topic in topics:
            self._waiters[topic].add(event)
        try:
            yield event
        finally:
            for topic in topics:
                self._waiters[topic].discard(event)


class _SimEvent(asyncio.Event):
    def __init__(self, env: simcord.Env | None) -> None:
        super().__init__()
        self._env = env

    async def wait(self) -> Literal[True]:
        assert self._env is not None
        await self._env.external_wait(super().wait(), reason="a hint")
        return True


@dataclass(frozen=True)
class FakeSettings:
    api_url: str = ""
    gateway_url: str = ""
    guild_id: int = 0
    shards: int = 1
    shards_per_node: int = 0


@dataclass
class Harness:
    """One server with a manager (Ada) and a member (Ben), and a channel where they talk.

    `forgives`: the bot is to meet an error, which otherwise fails the test.
    """

    commands: CommandHarness
    platform: DiscordPlatform
    env: simcord.Env
    health: Health
    store: FragileStore
    forgives: bool = False
    guild: Any = field(init=False)
    here: Any = field(init=False)
    ada: Any = field(init=False)
    ben: Any = field(init=False)

    def populate(self) -> None:
        """Make the server, the channel and the people."""
        self.guild = self.env.create_guild("Minters")
        self.here = self.guild.create_text_channel("general")
        managers = self.guild.create_role("Managers", permissions=MANAGES)
        self.ada = self.guild.add_member(self.env.create_user("ada"), roles=[managers])
        self.ben = self.guild.add_member(self.env.create_user("ben"))

    @property
    def bot(self) -> Client:
        assert isinstance(self.env.bot, Client)
        return self.env.bot

    async def say(self, name: str, who: Any = None, where: Any = None, **options: Any) -> Any:
        """Use a slash command; what came of it."""
        return await (who or self.ada).slash(where or self.here, name, **options)


def text_of(result: Any) -> str:
    """All that an answer says: of the first one, and of what followed it."""
    return "\n".join(_text(each) for each in (result.response, *result.followups) if each)


def _text(message: Any) -> str:
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.title or "", embed.description or ""]
        parts += [f"{one.name} {one.value}" for one in embed.fields]
    return "\n".join(part for part in parts if part)


def build_platform(commands: CommandHarness, health: Health, guild_id: int = 0) -> DiscordPlatform:
    """The platform as the service builds it."""
    return DiscordPlatform(
        token="not-a-token",
        settings=FakeSettings(guild_id=guild_id),
        store=commands.store,
        files=commands.files,
        clock=commands.clock,
        commands=commands.service,
        health=health,
        cogs=cogs.build(commands.service),
    )


@asynccontextmanager
async def open_harness(folder: Path) -> AsyncIterator[Harness]:
    """All of it, logged in and ready."""
    clock, notifier = SimClock(), SimNotifier()
    async with FragileStore(folder / "mintcast.db") as store:
        commands = CommandHarness(store, Files(folder / "clips"), clock, notifier)
        health = Health(clock)
        platform = build_platform(commands, health)
        env = simcord.Env(platform.build_client())
        clock.follow(env)
        notifier.env = env
        try:
            async with simcord_running(env):
                harness = Harness(commands, platform, env, health, store)
                harness.populate()
                yield harness
                if not harness.forgives:
                    env.raise_errors()
        finally:
            await commands.service.stop()
            await platform.close()


@asynccontextmanager
async def simcord_running(env: simcord.Env) -> AsyncIterator[None]:
    await env.start()
    try:
        yield
    finally:
        await env.shutdown()
