"""A harness for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cogs.harness import Harness, open_harness


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[Harness]:
    """A server on Discord, and Mintcast in it."""
    async with open_harness(database.parent) as opened:
        yield opened
