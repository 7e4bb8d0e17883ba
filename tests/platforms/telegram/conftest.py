"""The platform on the stand-in, with the real commands on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.commands.conftest import room  # noqa: F401
from tests.commands.harness import Room
from tests.platforms.telegram.harness import PlatformHarness, open_harness


@pytest.fixture
async def harness(room: Room) -> AsyncIterator[PlatformHarness]:  # noqa: F811
    """Logged in and polling."""
    async with open_harness(room) as opened:
        yield opened
