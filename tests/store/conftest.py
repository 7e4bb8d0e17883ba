"""A store in a file of its own, with the tables made once."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import Store
from bot.store.backends.sqlite.lock import Lock
from bot.store.backends.sqlite.migrate import prepare


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without rows, to be copied."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    lock = Lock(path)
    prepare(path, lock, backups=3, patience=5.0)
    lock.release()
    return path


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Path:
    """The test's own database."""
    return Path(shutil.copy(migrated, tmp_path / "mintcast.db"))


@pytest.fixture
async def store(database: Path) -> AsyncIterator[Store]:
    """It, opened."""
    async with Store(database) as opened:
        yield opened
