"""Nodes that share a bot of Telegram, in the tests' own process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bot.app.isolated_chat import IsolatedChat
from bot.kit.files import Files
from bot.kit.health import Health, Part
from bot.kit.notifier import Notifier
from bot.kit.timing.clock import SystemClock
from bot.model.network import DIRECT, Network, Proxy
from bot.platforms.telegram import TelegramPlatform
from bot.store import Access, Store
from tests.cluster.nodes import connecting, lease_keeper
from tests.commands.harness import CommandHarness
from tests.fakes.proxy import FakeProxy
from tests.fakes.telegram import FakeTelegram
from tests.platforms.telegram.harness import Settings, new_platform, until
from tests.store.raw_sql import ask

LEASE = "updates:telegram"


@dataclass(frozen=True)
class TelegramNode:
    """`part` is how Telegram is there."""

    name: str
    store: Store
    commands: CommandHarness
    platform: TelegramPlatform
    part: Part
    chat: IsolatedChat

    async def polls(self) -> None:
        """Wait until it does: to be logged in is less."""
        sql = "SELECT holder FROM leases WHERE name = ?"
        await until(lambda: ask(self.store.name, sql, (LEASE,)) == [(self.name,)])
        await until(lambda: self.part.detail.startswith("connected"))

    async def stands_by(self) -> None:
        """Wait until it does."""
        await until(lambda: self.part.detail == "another node does it")

    def block(self, what: str = "run") -> asyncio.Event:
        """Nothing of that kind is begun before that is set: commands, or with `returned` what
        follows when the bot is added."""
        works, event = getattr(self.commands.service, what), asyncio.Event()

        async def later(*given: object) -> object:
            await event.wait()
            return await works(*given)

        setattr(self.commands.service, what, later)
        return event


@contextlib.asynccontextmanager
async def telegram_node(
    database: Path,
    telegram: FakeTelegram,
    name: str,
    *,
    connects: bool = True,
    notifier: Notifier | None = None,
    proxy: FakeProxy | None = None,
) -> AsyncIterator[TelegramNode]:
    """Running as the service has it, until the end of the block. `notifier` is shared by nodes that
    hear of each other at once. `proxy` is its way to Telegram: where that breaks, another node gets
    the lease after a term."""
    network = Network(http=Proxy("127.0.0.1", proxy.port)) if proxy is not None else DIRECT
    at = telegram.api_url.replace("127.0.0.1", "telegram.test") if proxy else telegram.api_url
    settings = Settings(at)
    health = Health(SystemClock())
    async with Store(database, access=Access.ANY, patience=30) as store:
        files = Files(database.parent / f"clips-{name}")
        commands = CommandHarness(store, files, is_node=True)
        platform = new_platform(commands, telegram, health, network=network, settings=settings)
        keeper = lease_keeper(store, name, "telegram", health, notifier, unreached_seconds=0)
        part = health.part("telegram")
        async with connecting(
            "telegram", platform, part, keeper, commands, connects=connects
        ) as chat:
            yield TelegramNode(name, store, commands, platform, part, chat)
