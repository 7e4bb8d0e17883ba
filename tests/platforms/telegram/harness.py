"""The Telegram platform with the real python-telegram-bot against the stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.kit.health import Health, Part
from bot.kit.timing.clock import SystemClock
from bot.model import Target
from bot.platforms.telegram import TelegramPlatform
from bot.platforms.telegram.addresses import chat_address
from tests.commands.harness import CommandHarness
from tests.fakes import clock
from tests.fakes.telegram import Chat, FakeTelegram, Message, User

WRONG_TOKENS = ["7100200300:" + "B" * 35, "nonsense"]


class FastClock(SystemClock):
    """Durations pass `times` as fast, so that nobody waits for a rate limit or a greeting. Those of
    `patience` seconds and more are real: on a busy machine they must not be over too soon."""

    def __init__(self, times: float = 8.0, patience: float = 6.0) -> None:
        super().__init__()
        self._times = times
        self._patience = patience

    def monotonic(self) -> float:
        return super().monotonic() * self._times

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds if seconds >= self._patience else seconds / self._times)


@dataclass(frozen=True)
class Settings:
    """The operator's."""

    api_url: str


@dataclass
class PlatformHarness:
    """A person's words go through Telegram and back."""

    commands: CommandHarness
    telegram: FakeTelegram
    platform: TelegramPlatform
    health: Health
    running: asyncio.Task[None] | None = None
    al: User = field(init=False)

    def __post_init__(self) -> None:
        self.al = self.telegram.add_user("Al")

    @property
    def part(self) -> Part:
        """How the platform says that it is."""
        return self.health.part("telegram")

    def start(self) -> None:
        """Poll, as the service does after the login."""
        self.running = asyncio.create_task(self.platform.run(), name="telegram-run")

    def restart(self) -> None:
        """Another process on the same database, not logged in yet."""
        self.platform = new_platform(self.commands, self.telegram, self.health)

    async def stop(self) -> None:
        """In the order of the service, with nobody waiting."""
        await until(lambda: not self.platform.dispatcher.waiting)
        await self.platform.close_dispatcher()
        if self.running is not None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)
        await self.platform.close()

    async def say(
        self, text: str, who: User | None = None, where: Any = None, **how: Any
    ) -> Message:
        """Write, and wait for what the bot posts next in that chat; it."""
        who = who or self.al
        where = where if where is not None else who.chat
        chat: Chat = where if isinstance(where, Chat) else where.chat
        before = len(chat.messages)
        await who.say(where, text, **how)
        await self.telegram.until(lambda: len(chat.messages) > before)
        return chat.messages[before]

    async def unanswered(self, where: Any, who: User, text: str, **how: Any) -> None:
        """Write what is not to be answered: what is written later is, and nothing else came."""
        chat: Chat = where if isinstance(where, Chat) else where.chat
        before = len(chat.messages)
        await who.say(where, text, **how)
        await self.say("/help", self.telegram.add_user("somebody else"))
        await self.idle()
        assert [one.text for one in chat.messages[before:]] == []

    async def idle(self) -> None:
        """All that was told is done, greetings too."""
        await until(lambda: not len(self.platform.dispatcher.tasks))

    async def targets(self, chat: Chat) -> tuple[Target, ...]:
        """The rows of a chat."""
        async with self.commands.store.read() as unit:
            return await unit.places.targets_at("telegram", chat_address(chat.id).place)

    async def mints(self, chat: Chat) -> list[tuple[str, str]]:
        """What is followed there: the channel's key and the mint."""
        async with self.commands.store.read() as unit:
            targets = await unit.places.targets_at("telegram", str(chat.id))
            return [
                (target.address.channel, one.mint)
                for target in targets
                for one in await unit.subscriptions.of_target(target.id)
            ]


def owner(chat: Chat) -> User:
    """Who made a group or a channel."""
    assert chat.owner is not None
    return chat.owner


async def until(holds: Callable[[], object]) -> None:
    """Wait until something holds of which nobody tells."""
    await clock.until(lambda: bool(holds()))


def new_platform(
    commands: CommandHarness, telegram: FakeTelegram, health: Health, **changes: Any
) -> TelegramPlatform:
    """Not logged in yet."""
    parts: dict[str, Any] = {
        "token": telegram.token,
        "settings": Settings(telegram.api_url),
        "store": commands.store,
        "files": commands.files,
        "clock": FastClock(),
        "commands": commands.service,
        "health": health,
    }
    return TelegramPlatform(**(parts | changes))


@asynccontextmanager
async def open_harness(commands: CommandHarness, **changes: Any) -> AsyncIterator[PlatformHarness]:
    """Logged in and polling, until the end of the block."""
    async with FakeTelegram() as telegram:
        telegram.updates.pause = 0.0
        health = Health(SystemClock())
        platform = new_platform(commands, telegram, health, **changes)
        harness = PlatformHarness(commands, telegram, platform, health)
        await platform.login()
        harness.start()
        try:
            yield harness
        finally:
            await harness.stop()
        assert telegram.rejected == []
