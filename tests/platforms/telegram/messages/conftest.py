"""A sender on a bot of the stand-in, with a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import Store
from tests.platforms.telegram.messages.harness import SenderHarness, open_sender


@pytest.fixture
async def harness(store: Store, tmp_path: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(store, tmp_path / "files") as opened:
        yield opened
