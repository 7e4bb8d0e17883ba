"""The sender and the replies, by a real client of discord.py, and a Discord on this machine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import discord
import pytest

from bot.alerts import SendError
from bot.kit.files import Files
from bot.model import (
    Address,
    Button,
    Message,
    MessageKind,
    Span,
    StoredPicture,
    StoredVideo,
    Target,
    Tone,
)
from bot.platforms.discord.connection.client_port import client_options, point_at
from bot.platforms.discord.messages.interaction_registry import InteractionRegistry
from bot.platforms.discord.messages.sender import DiscordSender
from bot.platforms.discord.messages.upload_limits import UploadLimits
from bot.platforms.discord.requests.replies import HOLD_SECONDS, DiscordReply
from bot.store import Store
from tests.fakes.clock import FakeClock, until
from tests.fakes.discord import TOKEN, Channel, FakeDiscord, Member
from tests.fakes.discord.people.interaction import Asked
from tests.patience import PATIENCE

T = TypeVar("T")

JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"
MINT = "So11111111111111111111111111111111111111112"
ALERT = Message(
    kind=MessageKind.ALERT,
    title="Demo is live",
    lines=((Span("hello", bold=True),), (Span(MINT, code=True),)),
    tone=Tone.LIVE,
    buttons=((Button("Watch", url=f"https://pump.fun/coin/{MINT}"), Button("Copy", copy=MINT)),),
)
CLIP = Message(
    kind=MessageKind.CLIP,
    title="30 s of $DEMO",
    lines=((Span("Clipped by al"),),),
    buttons=((Button("Again", "again:7"), Button("Delete", "delete:7")),),
)
PROGRESS = Message(
    kind=MessageKind.PROGRESS, title="A clip", lines=((Span("Recording"),),), progress=0.5
)


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


class FakeConnection:
    """A `ClientPort`."""

    def __init__(self, client: discord.Client | None) -> None:
        self.client = client
        self.refused = False
        user = client.user if client is not None else None
        self.user_id = user.id if user else None
        self.application_id = client.application_id if client is not None else None


class SenderHarness:
    """One process of ours; `restart` gives the next one, which remembers nothing."""

    def __init__(
        self, fake: FakeDiscord, client: Listener, folder: Path, store: Store, clock: FakeClock
    ) -> None:
        self.fake, self.client, self.clock, self.store = fake, client, clock, store
        self.files = Files(folder)
        self.guild = fake.add_guild("Moon")
        self.channel = self.guild.add_text_channel("alerts")
        self.rivals = 0
        self.client_port = FakeConnection(client)
        self.restart()

    def restart(self) -> None:
        """As after a crash of ours."""
        self.registry = InteractionRegistry(
            self.client_port, self.clock, self.files, on_rival=self._met_rival
        )
        self.upload_limits = UploadLimits(self.store, self.clock)
        self.sender = DiscordSender(
            client_port=self.client_port,
            registry=self.registry,
            files=self.files,
            clock=self.clock,
            upload_limits=self.upload_limits,
        )

    def target(self, channel: Channel | None = None) -> Target:
        """A channel of a server of ours."""
        posted_in = channel or self.channel
        place = str(posted_in.guild.id) if posted_in.guild else f"dm:{posted_in.id}"
        return Target(1, 1, "discord", Address("discord", place, str(posted_in.id)))

    async def picture(self, data: bytes = JPEG) -> StoredPicture:
        """One among our files."""
        return StoredPicture(await self.files.put_picture(data), 640, 360)

    def video(self, size: int = 2000, *, begins: float = 0.0) -> StoredVideo:
        """One among our files, which begins so many seconds from now."""
        key = self.files.new_key("demo", "mp4")
        self.files.folder.mkdir(exist_ok=True)
        self.files.path(key).write_bytes(b"v" * size)
        begins_at = self.clock.now() + timedelta(seconds=begins)
        return StoredVideo(key, 30.0, size, 1280, 720, begins_at=begins_at)

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

    async def asked_outside(self) -> tuple[Asked, DiscordReply, Target]:
        """Somebody types a command in a group where the bot is no member; and where that is."""
        user = self.fake.add_user("eve")
        group = self.fake.add_group(user, self.fake.add_user("bo"))
        command: dict[str, Any] = self.fake.commands[0]["ask"]
        command |= {"contexts": [0, 1, 2], "integration_types": [0, 1]}
        asked = await user.slash(group, "ask", installed_for_user=True, wait=False)
        interaction = await asyncio.wait_for(self.client.heard.get(), PATIENCE)
        target = Target(1, 1, "discord", Address("discord", f"user:{user.id}", str(group.id)))
        return asked, self.reply(interaction, address=target.address), target

    def reply(
        self,
        interaction: discord.Interaction[Any],
        *,
        public: bool = True,
        seen: bool = False,
        address: Address | None = None,
    ) -> DiscordReply:
        """The answer to it."""
        here = Address("discord", str(self.guild.id), str(interaction.channel_id))
        return DiscordReply(
            interaction,
            self.registry.of(interaction, seen=seen),
            public=public,
            seen=seen,
            clock=self.clock,
            posts=self.sender,
            address=address or here,
            mention=lambda message: message,
        )

    async def held(self) -> tuple[Asked, DiscordReply]:
        """Somebody who is told that an answer will come, and no more."""
        asked, interaction = await self.asked()
        reply = self.reply(interaction)
        holding = asyncio.create_task(reply.hold())
        await self.clock.advance(HOLD_SECONDS + 0.1)
        await holding
        return asked, reply

    async def send_clip(self, reply: DiscordReply, target: Target | None = None) -> str:
        """A clip that answers; its id."""
        clip = replace(CLIP, video=self.video())
        send = self.sender.send
        return await send(target or self.target(), clip, nonce="abc", reply_to=reply.reply_to)

    async def in_time(self, work: Awaitable[T]) -> T:
        """What it gives, while time passes whenever somebody waits for that."""
        task = asyncio.ensure_future(work)

        async def is_done() -> bool:
            if self.clock.sleeping and not task.done():
                await self.clock.advance(0.5)
            return task.done()

        await until(is_done)
        return await task

    async def fault_of(self, message: Message = ALERT, nonce: str = "n") -> SendError:
        """What becomes of a send that fails."""
        with pytest.raises(SendError) as caught:
            await self.sender.send(self.target(), message, nonce=nonce)
        return caught.value

    def _met_rival(self) -> None:
        self.rivals += 1


@contextlib.asynccontextmanager
async def open_sender(folder: Path, *, gateway: bool = False) -> AsyncIterator[SenderHarness]:
    """Logged in; with a `gateway`, commands arrive, too. Discord's description may have rejected
    nothing that was asked."""
    clock = FakeClock()
    async with (
        FakeDiscord(now=clock.now) as fake,
        Store(folder / "mintcast.db") as store,
        Listener() as client,
    ):
        point_at(fake.api_url, fake.gateway_url)
        await client.login(TOKEN)
        harness = SenderHarness(fake, client, folder / "files", store, clock)
        listening = asyncio.create_task(_listen(client, harness)) if gateway else None
        try:
            if listening is not None:
                await asyncio.wait_for(client.is_up.wait(), PATIENCE)
            yield harness
        finally:
            if listening is not None:
                await client.close()
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
        assert fake.rejected == []


async def _listen(client: Listener, harness: SenderHarness) -> None:
    command: Any = {"name": "ask", "description": "Ask", "type": 1}
    await client.http.bulk_upsert_global_commands(
        harness.client_port.application_id or 0, [command]
    )
    await client.connect()
