"""A room for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.commands.harness import Room, open_room


@pytest.fixture
async def room(database: Path) -> AsyncIterator[Room]:
    """Commands, and somebody who types."""
    async with open_room(database.parent) as opened:
        yield opened
