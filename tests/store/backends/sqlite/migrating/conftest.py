"""Scripts to be added to, and a database that is old to them."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from bot.store.tables import SCHEMA


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """The real scripts, to be added to."""
    copy = tmp_path / "scripts"
    shutil.copytree(SCHEMA.scripts, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture
def old(database: Path) -> Path:
    """A database of today with something in it; to the scripts of a test it is an old one."""
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO facts VALUES ('kept', 'yes')")
    connection.close()
    return database
