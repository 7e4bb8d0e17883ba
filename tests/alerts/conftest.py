"""A harness for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.alerts.harness import AlertHarness
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
async def harness(
    store: FragileStore, tmp_path: Path, clock: FakeClock, sender: FakeSender
) -> AsyncIterator[AlertHarness]:
    """One platform; its service is not running yet."""
    made = AlertHarness(store, tmp_path / "files", clock, sender)
    yield made
    await made.kill()
