"""A scene for each test, with the tables made once."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import Store
from tests.cogs.scene import Scene, open_scene


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without rows, to be copied."""
    return tmp_path_factory.mktemp("cogs") / "empty.db"


@pytest.fixture
async def scene(empty_database: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    """A server on Discord, and Mintcast in it."""
    if not empty_database.exists():
        async with Store(empty_database):
            pass
    shutil.copy(empty_database, tmp_path / "mintcast.db")
    async with open_scene(tmp_path) as opened:
        yield opened
