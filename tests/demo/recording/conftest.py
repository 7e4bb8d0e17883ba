"""A coin that has been on air for ten minutes, recorded, and a plain client of its site."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.demo.recording.recorder import Recorder
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from tests.demo.conftest import plain_client
from tests.patience import PATIENCE

ON_AIR = 600.0


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A site without a LiveKit server."""
    async with World(livekit=False) as made:
        yield made


@pytest.fixture
def coin(world: World) -> DemoCoin:
    """A coin, off air."""
    return world.add_coin("MINTY", "Minty the coin")


@pytest.fixture
def recorder(world: World, coin: DemoCoin) -> Recorder:
    """What the site recorded in ten minutes."""
    return world.record(coin, past=ON_AIR)


@pytest.fixture
async def web(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A plain client."""
    async with plain_client(base_url=world.site.origin, timeout=PATIENCE) as client:
        yield client
