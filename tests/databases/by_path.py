"""Databases of a PostgreSQL server for tests that name them by files, as SQLite has them.

`pytest --database postgresql` opens each store on one of them instead. To make one takes longer
than most tests do, and so what a test has used is emptied, and the next test has it.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from bot.demo.service import Service
from bot.store import PostgresAddress, Store
from bot.store.tables import metadata
from tests.databases.quick import locked

if TYPE_CHECKING:
    from tests.databases.postgres import Cluster

_TEMPLATE = "template_mintcast"
_TABLES = [table.name for table in metadata.sorted_tables]
_LARGE = 1 << 20

_END_OTHERS = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
_SHAPE = """SELECT (SELECT max(version_num) FROM alembic_version), (SELECT count(*) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace)"""
_USED = " UNION ALL ".join(
    f"SELECT '{name}', pg_relation_size('{name}') WHERE EXISTS (SELECT FROM {name})"
    for name in _TABLES
)
_BEGIN_NUMBERS_ANEW = """SELECT setval(format('%I', sequencename)::regclass, 1, false)
    FROM pg_sequences WHERE last_value IS NOT NULL"""


@dataclass(slots=True)
class _Made:
    """A database with a connection that stays, unless its server goes."""

    name: str
    connection: Any


class Databases:
    """Of one cluster: those that tests name by files."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._in_use: dict[Path, _Made] = {}
        self._free: list[_Made] = []
        self._number = 0
        self._shape = tuple(cluster.fetch(_SHAPE, (), _TEMPLATE)[0])

    def of(self, path: Path) -> PostgresAddress:
        """An empty one, where nobody has named that path before."""
        path = path.absolute()
        if path not in self._in_use:
            self._in_use[path] = self._free.pop() if self._free else self._make()
        return self.cluster.address(self._in_use[path].name)

    def copy(self, source: Path, target: Path) -> None:
        """All rows of `source` are in `target`, too, which is empty."""
        for path in (source, target):
            self.of(path)
        of, to = (self._connection(self._in_use[path.absolute()]) for path in (source, target))
        self.cluster.run(_copy(of, to))

    def fetch(
        self, store: str, sql: str, parameters: Sequence[Any], before: Sequence[str] = ()
    ) -> list[tuple[Any, ...]]:
        """The rows of its answer, of the database that a store calls so; what is set `before` is
        so for it alone."""

        connection = self._connection(self._of_store(store))

        async def run() -> list[tuple[Any, ...]]:
            async with connection.transaction():
                for statement in before:
                    await connection.execute(statement)
                rows = await connection.fetch(_numbered(sql), *parameters)
            return [tuple(row) for row in rows]

        return self.cluster.run(run())

    def execute(self, store: str, sql: str, rows: Sequence[Any]) -> None:
        """Once for each of `rows`."""
        connection = self._connection(self._of_store(store))
        self.cluster.run(connection.executemany(_numbered(sql), rows))

    @contextlib.contextmanager
    def writing(self, store: str) -> Iterator[None]:
        """Meanwhile another program writes there."""
        from bot.store.backends.postgres.engine import WRITER_LOCK

        made = self._of_store(store)
        connection = self.cluster.run(self.cluster.connect(made.name))
        self.cluster.run(connection.fetch("SELECT pg_advisory_lock($1)", WRITER_LOCK))
        try:
            with locked():
                yield
        finally:
            self.cluster.run(connection.close())

    def paths(self) -> set[Path]:
        """All that are named now."""
        return set(self._in_use)

    def forget(self, path: Path) -> None:
        """It is emptied, for whoever comes next."""
        made = self._in_use.pop(path.absolute())
        if self.cluster.run(_empty(self._connection(made), self._shape)):
            self._free.append(made)
        else:
            self._drop(made)

    def close(self) -> None:
        for made in [*self._in_use.values(), *self._free]:
            made.connection.terminate()

    def _make(self) -> _Made:
        self._number += 1
        name = f"test_{self._number}"
        self.cluster.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return _Made(name, self.cluster.run(_connect(self.cluster, name)))

    def _drop(self, made: _Made) -> None:
        self.cluster.run(made.connection.close())
        self.cluster.execute(f"DROP DATABASE {made.name} WITH (FORCE)")

    def _connection(self, made: _Made) -> Any:
        if made.connection.is_closed():
            made.connection = self.cluster.run(_connect(self.cluster, made.name))
        return made.connection

    def _of_store(self, store: str) -> _Made:
        """By what a store calls its database, or a test the file."""
        (found,) = (
            made
            for path, made in self._in_use.items()
            if store in (str(path), self.cluster.address(made.name).name)
        )
        return found


async def _connect(cluster: Cluster, name: str) -> Any:
    connection = await cluster.connect(name)
    await connection.execute("SET session_replication_role = replica")  # no key is looked after
    return connection


async def _empty(connection: Any, shape: tuple[Any, ...]) -> bool:
    """False: it has other tables than it was made with."""
    await connection.fetch(_END_OTHERS)
    if tuple(await connection.fetchrow(_SHAPE)) != shape:
        return False
    for table, size in await connection.fetch(_USED):
        how = "TRUNCATE" if size > _LARGE else "DELETE FROM"
        await connection.execute(f"{how} {table}{' CASCADE' if size > _LARGE else ''}")
    await connection.fetch(_BEGIN_NUMBERS_ANEW)
    return True


async def _copy(source: Any, target: Any) -> None:
    for table, _ in await source.fetch(_USED):
        rows = await source.fetch(f"SELECT * FROM {table}")
        await target.copy_records_to_table(table, records=rows)
    for name, last in await source.fetch(
        "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
    ):
        await target.fetch("SELECT setval(format('%I', $1::text)::regclass, $2)", name, last)


def _numbered(sql: str) -> str:
    """`?` as PostgreSQL has it."""
    parts = sql.split("?")
    return "".join(f"{part}${n}" for n, part in enumerate(parts[:-1], 1)) + parts[-1]


_in_use: list[Databases] = []


def in_use() -> Databases | None:
    """What is there instead of files, if anything."""
    return _in_use[-1] if _in_use else None


def copied(source: Path, target: Path) -> Path:
    """`target`, which has all rows of `source` now."""
    if (others := in_use()) is not None:
        others.copy(source, target)
    else:
        shutil.copy(source, target)
    return target


def as_argument(path: Path) -> str:
    """The database that stands for that file, as the settings name it."""
    others = in_use()
    return str(path) if others is None else others.of(path).url


def from_argument(text: str) -> Path | PostgresAddress:
    """What a process was told."""
    return PostgresAddress(text, patience=30) if "://" in text else Path(text)


def forget(path: Path) -> None:
    """No store of this test opens it again."""
    if (others := in_use()) is not None:
        others.forget(path)


@contextlib.contextmanager
def instead_of_files(databases: Databases) -> Iterator[None]:
    """Meanwhile a store that is opened by a path has a database of the server's instead."""
    init, data = Store.__init__, Service._data

    def opened(self: Store, address: Path | PostgresAddress, **options: Any) -> None:
        if isinstance(address, Path):
            patience = options.get("patience", 5.0)
            address = replace(databases.of(address), patience=patience)
        init(self, address, **options)

    def data_of(self: Service) -> dict[str, str]:
        """Of a service that is a process of its own."""
        told = data(self)
        path = Path(told["MINTCAST_STORAGE__DATABASE"])
        return {**told, "MINTCAST_STORAGE__DATABASE": databases.of(path).url}

    _in_use.append(databases)
    with patch.object(Store, "__init__", opened), patch.object(Service, "_data", data_of):
        yield
    _in_use.remove(databases)


@contextlib.contextmanager
def databases(cluster: Cluster | None = None) -> Iterator[Databases]:
    """Those of a cluster, with an empty one of ours to copy."""
    from tests.databases.postgres import Cluster  # with a driver that most tests do without

    with cluster or Cluster() as running:
        running.execute(f"CREATE DATABASE {_TEMPLATE}")
        asyncio.run(_migrate(running.address(_TEMPLATE)))
        made = Databases(running)
        try:
            yield made
        finally:
            made.close()


async def _migrate(address: PostgresAddress) -> None:
    async with Store(address):
        pass
