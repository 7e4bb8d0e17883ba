"""Nodes share a PostgreSQL database, and never a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases.by_path import Databases, databases, instead_of_files
from tests.databases.programs import require_postgres


@pytest.fixture(scope="module")
def server(postgres_databases: Databases | None) -> Iterator[Databases]:
    """One with a database for each path, which all tests have where they run on PostgreSQL."""
    if postgres_databases is not None:
        yield postgres_databases
        return
    require_postgres()
    with databases() as made, instead_of_files(made):
        yield made


@pytest.fixture
def database(server: Databases, tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "mintcast.db"
    yield path
    if path in server.paths():
        server.forget(path)
