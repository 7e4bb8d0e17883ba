"""The platform on the stand-in, with the real commands on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.commands.conftest import room  # noqa: F401
from tests.commands.harness import Room
from tests.platforms.telegram.harness import Scene, open_scene


@pytest.fixture
async def scene(room: Room) -> AsyncIterator[Scene]:  # noqa: F811
    """Logged in and polling."""
    async with open_scene(room) as opened:
        yield opened
