"""A harness for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.commands.harness import CommandHarness, open_commands


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[CommandHarness]:
    """Commands, and somebody who types."""
    async with open_commands(database.parent) as opened:
        yield opened
