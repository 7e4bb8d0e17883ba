"""The platform on the stand-in, with the real commands on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.commands.harness import CommandHarness, open_commands
from tests.platforms.telegram.harness import PlatformHarness, open_harness


@pytest.fixture
async def commands(database: Path) -> AsyncIterator[CommandHarness]:
    """What the platform calls."""
    async with open_commands(database.parent) as opened:
        yield opened


@pytest.fixture
async def harness(commands: CommandHarness) -> AsyncIterator[PlatformHarness]:
    """Logged in and polling."""
    async with open_harness(commands) as opened:
        yield opened
