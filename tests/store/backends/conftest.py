"""Each folder has what only one kind of database promises, and is for tests on it alone."""

from __future__ import annotations

from pathlib import Path

import pytest

_FOLDERS = {"postgresql": "sqlite", "sqlite": "postgres"}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    left_out = Path(__file__).with_name(_FOLDERS[config.getoption("database")])
    return True if collection_path == left_out else None
