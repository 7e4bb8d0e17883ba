"""A scene for each test."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import Store
from tests.alerts.scene import Scene
from tests.fakes.clock import FakeClock
from tests.fakes.fragile import FragileStore
from tests.fakes.sender import FakeSender


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without rows, to be copied."""
    path = tmp_path_factory.mktemp("alerts") / "empty.db"
    asyncio.run(_make(path))
    return path


async def _make(path: Path) -> None:
    async with Store(path):
        pass


@pytest.fixture
async def store(empty_database: Path, tmp_path: Path) -> AsyncIterator[FragileStore]:
    path = Path(shutil.copy(empty_database, tmp_path / "mintcast.db"))
    async with FragileStore(path) as opened:
        yield opened


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def sender(clock: FakeClock) -> FakeSender:
    return FakeSender(clock)


@pytest.fixture
async def scene(
    store: FragileStore, tmp_path: Path, clock: FakeClock, sender: FakeSender
) -> AsyncIterator[Scene]:
    """One platform; its dispatcher is not running yet."""
    made = Scene(store, tmp_path / "files", clock, sender)
    yield made
    await made.kill()
