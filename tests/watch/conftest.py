from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import stamina

from tests.watch.harness import WatchHarness, open_harness


@pytest.fixture(autouse=True)
def _retries_without_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[WatchHarness]:
    """A watcher that polls each 10 s of the test's clock."""
    async with open_harness(database.parent) as ready:
        yield ready
