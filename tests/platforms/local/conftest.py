"""The page, served on this machine, over a real database; commands are the test's own."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.kit.files import Files
from bot.kit.health import Health
from bot.kit.metrics import Metrics
from bot.kit.notifier import Notifier
from bot.kit.timing.clock import Clock
from bot.model import Target
from bot.ops import HttpServer
from bot.platforms.local import LocalPlatform
from bot.platforms.local.dispatcher import PAGE_ADDRESS
from bot.store import Store
from tests.fakes.clock import FakeClock
from tests.fakes.commands import FakeCommands
from tests.fakes.lookback import FakeLookback
from tests.platforms.local.visitor import Visitor


@dataclass
class Service:
    """All that stands behind the page."""

    folder: Path
    store: Store
    clock: Clock
    notifier: Notifier = field(default_factory=Notifier)
    commands: FakeCommands = field(default_factory=FakeCommands)

    def __post_init__(self) -> None:
        self.files = Files(self.folder / "clips")
        self.files.folder.mkdir(exist_ok=True)
        self.health = Health(self.clock)
        self.lookback = FakeLookback(self.clock)
        self.local = LocalPlatform(
            store=self.store,
            files=self.files,
            clock=self.clock,
            notifier=self.notifier,
            commands=self.commands,
            lookback=self.lookback,
            health=self.health,
        )

    @contextlib.asynccontextmanager
    async def serving(
        self, port: int = 0, *, password: str | None = None, base_path: str = ""
    ) -> AsyncIterator[str]:
        """Its origin."""
        server = HttpServer(
            "127.0.0.1",
            port,
            password=password,
            base_path=base_path,
            health=self.health,
            metrics=Metrics(),
            routes=self.local.routes,
        )
        async with server, self.local:
            yield server.origin

    async def target(self) -> Target:
        async with self.store.write() as unit:
            return await unit.places.target(PAGE_ADDRESS, "local", self.clock.now())


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def service(database: Path, clock: FakeClock) -> AsyncIterator[Service]:
    async with Store(database) as store:
        yield Service(database.parent, store, clock)


@pytest.fixture
async def visitor(service: Service) -> AsyncIterator[Visitor]:
    async with service.serving() as origin, Visitor(origin) as visitor:
        yield visitor
