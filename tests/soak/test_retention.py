"""Forgetting a history of full size, beside somebody who writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.load import growth, wait_for_writer

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]


async def test_who_writes_hardly_waits_while_two_hundred_thousand_rows_go(tmp_path: Path) -> None:
    waits = await wait_for_writer(tmp_path, 200_000, 60.0)
    assert waits.meanwhile[-1] <= 0.05
    assert waits.removed > 10_000
    assert waits.wal_bytes < 16 << 20


async def test_the_file_stops_growing(tmp_path: Path) -> None:
    assert await growth(tmp_path, 20_000) <= 1.05
