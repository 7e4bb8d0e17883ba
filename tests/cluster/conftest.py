"""Nodes share a PostgreSQL database, and never a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.store import Access, PostgresAddress, Store
from tests.databases.by_path import Databases, databases, instead_of_files
from tests.databases.postgres import Cluster
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


@pytest.fixture
def cluster(server: Databases) -> Cluster:
    """It may be stopped, and started again."""
    return server.cluster


@pytest.fixture
def address(server: Databases, database: Path) -> Iterator[PostgresAddress]:
    """Of that database; no node is linked there after the test."""
    address = server.of(database)
    yield address
    assert links(server.cluster, address) == []


@pytest.fixture
async def shared(address: PostgresAddress) -> AsyncIterator[Store]:
    """It, opened by a node."""
    async with Store(address, access=Access.NODE) as opened:
        yield opened


def name_of(address: PostgresAddress) -> str:
    """As the server knows it."""
    return address.url.rpartition("/")[2]


def links(cluster: Cluster, address: PostgresAddress) -> list[int]:
    """The processes of the server that nodes are linked to there, the oldest first."""
    rows = cluster.fetch(
        "SELECT pid FROM pg_stat_activity WHERE datname = $1"
        " AND (query LIKE '%pg_listening_channels%' OR query LIKE 'LISTEN%')"
        " AND pid <> pg_backend_pid() ORDER BY backend_start",
        (name_of(address),),
        "postgres",
    )
    return [row[0] for row in rows]
