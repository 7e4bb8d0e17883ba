"""A scene for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.alerts.harness import Scene
from tests.fakes.clock import FakeClock
from tests.fakes.failing_store import FragileStore
from tests.fakes.sender import FakeSender


@pytest.fixture
async def store(database: Path) -> AsyncIterator[FragileStore]:
    async with FragileStore(database) as opened:
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
