"""A room for each test, with the tables made once."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import Store
from tests.commands.room import Room, open_room


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without rows, to be copied."""
    return tmp_path_factory.mktemp("commands") / "empty.db"


@pytest.fixture
async def room(empty_database: Path, tmp_path: Path) -> AsyncIterator[Room]:
    """Commands, and somebody who types."""
    if not empty_database.exists():
        async with Store(empty_database):
            pass
    shutil.copy(empty_database, tmp_path / "mintcast.db")
    async with open_room(tmp_path) as opened:
        yield opened
