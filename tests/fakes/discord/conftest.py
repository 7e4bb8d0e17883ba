"""The real discord.py, and raw requests, against the stand-in of Discord."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands

from tests.fakes.clock import until
from tests.fakes.discord import Channel, FakeDiscord, Guild, Member

PNG = b"\x89PNG\r\n\x1a\n" + bytes(2000)


class Bot(discord.Client):
    """A few commands, and a diary of what the gateway told."""

    def __init__(self) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True), max_messages=None, guild_ready_timeout=0.05
        )
        self.tree = app_commands.CommandTree(self)
        self.diary: list[str] = []

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Not the 5 s that discord.py waits before it identifies again."""

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self.diary.append(f"join {guild.name}")

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.diary.append(f"remove {guild.name}")

    async def on_guild_unavailable(self, guild: discord.Guild) -> None:
        self.diary.append(f"unavailable {guild.name}")

    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        self.diary.append(f"channel {channel.name}")

    async def on_resumed(self) -> None:
        self.diary.append("resumed")


def add_commands(bot: Bot) -> None:
    @bot.tree.command(description="Say it back")
    @app_commands.allowed_installs(guilds=True, users=True)
    async def echo(interaction: discord.Interaction, text: str, times: int = 1) -> None:
        await interaction.response.send_message(text * times, ephemeral=True)

    @echo.autocomplete("text")
    async def offer(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}{n}", value=f"{n}") for n in range(3)]

    @bot.tree.command(description="Show where")
    @app_commands.default_permissions(manage_guild=True)
    async def where(
        interaction: discord.Interaction, channel: discord.TextChannel, role: discord.Role
    ) -> None:
        await interaction.response.send_message(f"{channel.name} {role.name}")

    @bot.tree.command(description="Send a file, later")
    @app_commands.allowed_installs(guilds=True, users=True)
    async def clip(interaction: discord.Interaction, private: bool = False) -> None:
        await interaction.response.defer(ephemeral=private)
        file = discord.File(io.BytesIO(PNG), "a.png")
        await interaction.edit_original_response(content="done", attachments=[file])
        await interaction.followup.send("more", ephemeral=True)


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as running:
        monkeypatch.setattr(discord.http.Route, "BASE", running.api_url)
        gateway = yarl.URL(running.gateway_url)
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
        yield running


@pytest.fixture
def guild(fake: FakeDiscord) -> Guild:
    return fake.add_guild("Home")


@pytest.fixture
def here(guild: Guild) -> Channel:
    return guild.add_text_channel("general")


@pytest.fixture
def al(fake: FakeDiscord, guild: Guild) -> Member:
    return guild.add_member(fake.add_user("al"))


@contextlib.asynccontextmanager
async def bot_in(fake: FakeDiscord) -> AsyncIterator[Bot]:
    """Logged in and told of its servers."""
    client = Bot()
    add_commands(client)
    async with client:
        running = asyncio.create_task(client.start(fake.token), name="client")
        await until(lambda: client.is_ready() or running.done())
        yield client
    await running


@pytest.fixture
async def bot(fake: FakeDiscord, here: Channel, al: Member) -> AsyncIterator[Bot]:
    async with bot_in(fake) as client:
        yield client


@pytest.fixture
async def rest(fake: FakeDiscord) -> AsyncIterator[discord.Client]:
    """Logged in, with no gateway."""
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(fake.token)
        yield client


@pytest.fixture
async def raw(fake: FakeDiscord) -> AsyncIterator[aiohttp.ClientSession]:
    """Sends what no library would."""
    headers = {"Authorization": f"Bot {fake.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        yield session
