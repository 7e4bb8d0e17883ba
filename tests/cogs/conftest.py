"""A scene for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cogs.harness import Scene, open_scene


@pytest.fixture
async def scene(database: Path) -> AsyncIterator[Scene]:
    """A server on Discord, and Mintcast in it."""
    async with open_scene(database.parent) as opened:
        yield opened
