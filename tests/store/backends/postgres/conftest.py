"""Databases of a server that tests name as the settings do."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from bot.errors import DatabaseInUse
from bot.store import PostgresAddress, Store
from tests.databases.by_path import Databases
from tests.databases.postgres import Cluster

NewDatabase = Callable[..., PostgresAddress]

_numbers = itertools.count()


@pytest.fixture
def cluster(postgres_databases: Databases) -> Cluster:
    """It may be stopped, and started again."""
    return postgres_databases.cluster


@pytest.fixture
def new_database(cluster: Cluster) -> Iterator[NewDatabase]:
    """Makes an empty one, with those options; all are gone after the test."""
    names: list[str] = []

    def make(options: str = "") -> PostgresAddress:
        names.append(f"new_{next(_numbers)}")
        cluster.execute(f"CREATE DATABASE {names[-1]} {options}")
        return cluster.address(names[-1])

    yield make
    cluster.execute(*(f"DROP DATABASE {name} WITH (FORCE)" for name in names))


@pytest.fixture
def address(new_database: NewDatabase) -> PostgresAddress:
    """Of one, for who hardly waits."""
    return replace(new_database(), patience=0.2)


async def refused(address: PostgresAddress) -> None:
    """Another service uses it."""
    with pytest.raises(DatabaseInUse):
        async with Store(address):
            pass


def name_of(address: PostgresAddress) -> str:
    """As the server knows it."""
    return address.url.partition("?")[0].rpartition("/")[2]
