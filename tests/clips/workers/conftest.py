"""Captures for each test, all of which are closed in the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.clips.workers.held import Held, captures_in


@pytest.fixture
async def held(tmp_path: Path) -> AsyncIterator[Held]:
    async with captures_in(tmp_path) as made:
        yield made
    assert made.opener.open == []
