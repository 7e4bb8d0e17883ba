"""Everything that sends: the real python-telegram-bot against a stand-in of the Bot API."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import telegram as ptb

from bot.alerts import SendError
from bot.kit.files import Files, poster_of
from bot.kit.rate_limits import RateLimits
from bot.model import Address, StoredPicture, StoredVideo, Target
from bot.platforms.telegram.messages.sender import TelegramSender
from bot.store import Store
from tests.fakes.clock import FakeClock
from tests.fakes.telegram import Chat, FakeTelegram, Topic
from tests.fakes.telegram.client import client, jpeg, mp4

MP4 = b"\x00\x00\x00\x18ftypisom" + b"v" * 2000


class BotPort:
    """A `bot.platforms.telegram.connection.api_requests.ClientPort`."""

    def __init__(self, bot: ptb.Bot) -> None:
        self.bot = bot
        self.error: SendError | None = None

    def client(self) -> ptb.Bot:
        if self.error is not None:
            raise self.error
        return self.bot


class SenderHarness:
    """One process of ours; `restart` gives the next one, which remembers nothing."""

    def __init__(self, fake: FakeTelegram, bot: ptb.Bot, store: Store, folder: Path) -> None:
        self.fake, self.store = fake, store
        self.files = Files(folder)
        self.files.folder.mkdir()
        self.clock = FakeClock()
        self.client_port = BotPort(bot)
        self.al = fake.add_user("al")
        self.group = fake.add_supergroup("Moon")
        self._targets = 0
        self.restart(RateLimits.unlimited(self.clock))

    @property
    def chat(self) -> Chat:
        """A private one."""
        return self.al.chat

    def restart(self, rate_limits: RateLimits | None = None) -> None:
        """As after a crash of ours. The rate limits are Telegram's unless others are given."""
        self.sender = TelegramSender(
            client_port=self.client_port,
            store=self.store,
            files=self.files,
            clock=self.clock,
            rate_limits=rate_limits,
        )

    def address(self, where: Chat | Topic | None = None) -> Address:
        """As our rows name it."""
        if isinstance(where, Topic):
            chat = str(where.chat.id)
            return Address("telegram", chat, f"{chat}/{where.id}", where.chat.title, where.name)
        chat = str((where or self.chat).id)
        return Address("telegram", chat, chat)

    def target(self, where: Chat | Topic | None = None) -> Target:
        """One without a row."""
        self._targets += 1
        return Target(self._targets, self._targets, "telegram", self.address(where))

    async def subscribed(self, where: Chat | Topic) -> Target:
        """One that has a row."""
        async with self.store.write() as unit:
            return await unit.places.target(self.address(where), "telegram", self.clock.now())

    async def picture(self, colour: str = "teal") -> StoredPicture:
        """One among our files."""
        return StoredPicture(await self.files.put_picture(jpeg(colour=colour)), 640, 360)

    async def moving(self, colour: str = "teal") -> StoredVideo:
        """A moving picture among our files."""
        data = await asyncio.to_thread(mp4, 1, colour)
        return StoredVideo(await self.files.put_picture(data, "mp4"), 4.0, len(data), 64, 48)

    def video(self, data: bytes = MP4, *, poster: bool = True) -> StoredVideo:
        """One among our files."""
        key = self.files.new_key("demo", "mp4")
        self.files.path(key).write_bytes(data)
        if poster:
            self.files.path(poster_of(key)).write_bytes(jpeg(320, 180))
        shown = poster_of(key) if poster else None
        return StoredVideo(key, 29.6, len(data), 1280, 720, shown, self.clock.now())


@contextlib.asynccontextmanager
async def open_sender(store: Store, folder: Path) -> AsyncIterator[SenderHarness]:
    """A sender until the end of the block; nothing that it sent broke the published description."""
    async with FakeTelegram() as fake, client(fake) as bot:
        yield SenderHarness(fake, bot, store, folder)
        assert fake.rejected == []
