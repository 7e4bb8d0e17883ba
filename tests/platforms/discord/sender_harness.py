"""All that leaves for Discord, from a real client of discord.py to a Discord on this machine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord

from bot.kit.files import Files
from bot.model import Address, StoredPicture, StoredVideo, Target
from bot.platforms.discord.connection.client_port import client_options, point_at
from bot.platforms.discord.messages.sender import DiscordSender
from bot.platforms.discord.messages.upload_limits import UploadLimits
from bot.platforms.discord.requests.interaction_registry import InteractionRegistry
from bot.platforms.discord.requests.replies import DiscordReply
from bot.store import Store
from tests.fakes.clock import FakeClock
from tests.fakes.discord import TOKEN, Channel, FakeDiscord, Member
from tests.fakes.discord.asked import Asked
from tests.patience import PATIENCE

JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


class Listener(discord.Client):
    """Puts what comes in where the test takes it."""

    def __init__(self) -> None:
        super().__init__(guild_ready_timeout=0.0, **client_options())
        self.heard: asyncio.Queue[discord.Interaction[Any]] = asyncio.Queue()
        self.is_up = asyncio.Event()

    async def on_ready(self) -> None:
        self.is_up.set()

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        await self.heard.put(interaction)


class Connection:
    """A `Wire`."""

    def __init__(self, client: discord.Client | None) -> None:
        self.client = client
        self.refused = False
        user = client.user if client is not None else None
        self.user_id = user.id if user else None
        self.application_id = client.application_id if client is not None else None


class Line:
    """One process of ours; `restart` gives the next one, which remembers nothing."""

    def __init__(
        self, fake: FakeDiscord, client: Listener, folder: Path, store: Store, clock: FakeClock
    ) -> None:
        self.fake, self.client, self.clock, self.store = fake, client, clock, store
        self.files = Files(folder)
        self.guild = fake.add_guild("Moon")
        self.channel = self.guild.add_text_channel("alerts")
        self.rivals = 0
        self.client_port = Connection(client)
        self.restart()

    def restart(self) -> None:
        """As after a crash of ours."""
        self.registry = InteractionRegistry(
            self.client_port,
            self.clock,
            self.files,
            on_rival=self._met_rival,
        )
        self.limits = UploadLimits(self.store, self.clock)
        self.sender = DiscordSender(
            client_port=self.client_port,
            registry=self.registry,
            files=self.files,
            clock=self.clock,
            upload_limits=self.limits,
        )

    def target(self, channel: Channel | None = None) -> Target:
        """A channel of a server of ours."""
        where = channel or self.channel
        place = str(where.guild.id) if where.guild else f"dm:{where.id}"
        return Target(1, 1, "discord", Address("discord", place, str(where.id)))

    async def picture(self, data: bytes = JPEG) -> StoredPicture:
        """One among our files."""
        return StoredPicture(await self.files.put_picture(data), 640, 360)

    def video(self, size: int = 2000) -> StoredVideo:
        """One among our files."""
        key = self.files.new_key("demo", "mp4")
        self.files.folder.mkdir(exist_ok=True)
        self.files.path(key).write_bytes(b"v" * size)
        return StoredVideo(key, 30.0, size, 1280, 720)

    def member(self, name: str = "al") -> Member:
        """Somebody in the server."""
        return self.guild.add_member(self.fake.add_user(name))

    def poor_member(self) -> Member:
        """Somebody whose own limit is smaller than the server's."""
        member = self.member("bo")
        member.user.nitro_limit = 1 << 20
        return member

    async def asked(
        self, member: Member | None = None, channel: Channel | None = None
    ) -> tuple[Asked, discord.Interaction[Any]]:
        """Somebody types a command: as it is there, and as it came to us."""
        who = member or self.member()
        asked = await who.slash(channel or self.channel, "ask", wait=False)
        return asked, await asyncio.wait_for(self.client.heard.get(), PATIENCE)

    def reply(self, interaction: discord.Interaction[Any], *, public: bool = True) -> DiscordReply:
        """The answer to it."""
        return DiscordReply(
            interaction,
            self.registry.of(interaction),
            public=public,
            clock=self.clock,
            posts=self.sender,
            address=Address("discord", str(self.guild.id), str(interaction.channel_id)),
        )

    def _met_rival(self) -> None:
        self.rivals += 1


@contextlib.asynccontextmanager
async def line(folder: Path, *, gateway: bool = False) -> AsyncIterator[Line]:
    """A line that is up. Nothing that Discord's description rejects may have gone over it."""
    clock = FakeClock()
    async with (
        FakeDiscord(now=clock.now) as fake,
        Store(folder / "mintcast.db") as store,
        Listener() as client,
    ):
        point_at(fake.api_url, fake.gateway_url)
        await client.login(TOKEN)
        up = Line(fake, client, folder / "files", store, clock)
        listening = asyncio.create_task(_listen(client, up)) if gateway else None
        try:
            if listening is not None:
                await asyncio.wait_for(client.is_up.wait(), PATIENCE)
            yield up
        finally:
            if listening is not None:
                await client.close()
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
        assert fake.rejected == []


async def _listen(client: Listener, up: Line) -> None:
    command: Any = {"name": "ask", "description": "Ask", "type": 1}
    await client.http.bulk_upsert_global_commands(up.client_port.application_id or 0, [command])
    await client.connect()
