"""A server for both ends of a move, and a database with rows in each table."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.store import PostgresAddress
from tests.databases.postgres import Cluster
from tests.databases.programs import require_postgres
from tests.store.copying.rows import fill


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    if request.config.getoption("database") != "sqlite":
        pytest.skip("these tests name a file where they mean one")
    require_postgres()
    with Cluster() as running:
        yield running


@pytest.fixture
def new_database(cluster: Cluster) -> Iterator[Callable[[], PostgresAddress]]:
    """Makes one; all are gone after the test."""
    names: list[str] = []

    def make() -> PostgresAddress:
        names.append(f"copy{next(_numbers)}")
        cluster.execute(f"CREATE DATABASE {names[-1]}")
        return cluster.address(names[-1])

    yield make
    cluster.execute(*(f"DROP DATABASE {name} WITH (FORCE)" for name in names))


_numbers = itertools.count()


@pytest.fixture
def filled(cluster: Cluster, empty_database: Path, tmp_path: Path) -> Path:
    """A file with rows in each table."""
    path = tmp_path / "filled.db"
    shutil.copy(empty_database, path)
    fill(path)
    return path
