"""The card of a clip on Discord where one node shows it and another one sends the clip."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.kit.notifier import Notifier
from bot.model import Address, JobState, Phase
from tests.alerts.harness import AlertHarness
from tests.cluster.discord_nodes import DiscordNode, discord_node
from tests.commands.progress.clip_work import ClipWork
from tests.fakes.clock import until
from tests.fakes.discord import Asked, FakeDiscord, Hold, Message
from tests.patience import PATIENCE
from tests.pumpfun.samples import MINT

EDIT = ("PATCH", "/webhooks/*/messages/@original")


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as discord:
        yield discord
    assert discord.rejected == []


@dataclass
class Nodes:
    """`hears` has the gateway, and follows a clip that was asked for; `sends` delivers it."""

    fake: FakeDiscord
    hears: DiscordNode
    sends: AlertHarness
    asked: Asked
    work: ClipWork

    @property
    def card(self) -> Message:
        return self.asked.answer

    def edits(self) -> int:
        """How often the card's message was to be changed."""
        return sum(one.method == "PATCH" for one in self.fake.calls)

    async def record(self, done: float) -> None:
        """So much is recorded, and the card may say so."""
        await self.work.reach(Phase.RECORDING, done)
        await self.hears.commands.clock.advance(2)

    async def make(self) -> None:
        """The clip is there, and owed."""
        self.sends.files.folder.mkdir(parents=True, exist_ok=True)
        self.sends.files.path("clip-1.mp4").write_bytes(b"mp4")
        await self.work.end(JobState.DONE, is_owed=True)

    def is_followed(self) -> bool:
        return bool(self.hears.commands.service._context.followed)

    async def shows_clip(self) -> bool:
        """Whether it stands where the card stood, and all is done."""
        rows = await self.sends.rows()
        is_sent = all(row.shown == row.wanted > 0 for row in rows if row.job_id is not None)
        return is_sent and [one.name for one in self.card.attachments] != []


@contextlib.asynccontextmanager
async def two_nodes(database: Path, fake: FakeDiscord) -> AsyncIterator[Nodes]:
    """30 s are being recorded."""
    guild, heard = fake.add_guild("Moon"), Notifier()
    channel = guild.add_text_channel("general")
    async with (
        discord_node(database, fake, "c", notifier=heard) as c,
        discord_node(database, fake, "b", notifier=heard) as b,
    ):
        address = Address("discord", str(guild.id), str(channel.id), guild.name, channel.name)
        async with c.store.write() as unit:
            await unit.places.target(address, "discord", c.commands.clock.now())
        await c.commands.go_live()
        await c.connects()
        await until(lambda: fake.syncs > 0)
        folder, clock = b.commands.files.folder, c.commands.clock
        sends = AlertHarness(b.store, folder, clock, b.platform.sender)
        sends.notifier = heard
        # Each process has its own, and its own locks.
        async_context.set(AsyncWebhookAdapter())  # type: ignore[no-untyped-call]
        ada = guild.add_member(fake.add_user("ada"), permissions=["manage_guild"])
        asked = await ada.slash(channel, "clip", duration="30s", mint=MINT)
        await asked.until(lambda one: "Recording the next 30 s" in str(one.answer.embeds))
        nodes = Nodes(fake, c, sends, asked, ClipWork(c.commands))
        await nodes.work.claim()
        await nodes.record(4)
        await asked.until(lambda one: "Recording 4 of 30 s" in str(one.answer.embeds))
        yield nodes


async def test_a_card_is_left_alone_from_when_its_clip_is_owed(
    database: Path, fake: FakeDiscord
) -> None:
    async with two_nodes(database, fake) as nodes:
        before = nodes.edits()
        await nodes.make()
        await nodes.hears.commands.clock.advance(30)
        assert nodes.edits() == before, "what would be read now could be the clip"
        async with nodes.sends.running():
            await until(nodes.shows_clip)
            await until(lambda: not nodes.is_followed())
        assert nodes.edits() == before + 1


async def test_a_change_that_arrives_after_the_clip_does_not_cost_it(
    database: Path, fake: FakeDiscord
) -> None:
    async with two_nodes(database, fake) as nodes:
        late = Hold()
        fake.faults.add(EDIT, late, times=1)
        await nodes.record(10)
        await asyncio.wait_for(late.held.wait(), PATIENCE)
        await nodes.make()
        async with nodes.sends.running():
            await until(nodes.shows_clip)
            late.go_on.set()
            await nodes.asked.until(lambda one: "Recording 10 of 30 s" in str(one.answer.embeds))
            assert nodes.card.attachments == []
            await until(nodes.shows_clip)
            await until(lambda: not nodes.is_followed())
        assert nodes.card.embeds == []
