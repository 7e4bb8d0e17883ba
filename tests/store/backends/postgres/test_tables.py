"""PostgreSQL's tables are those that SQLite has: columns, keys, indexes and their conditions."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from bot.store import Store
from bot.store.tables import metadata
from tests.store.make_rows import MINT, broadcast
from tests.store.raw_sql import ask, write

_COLUMNS = """SELECT table_name, column_name, data_type, is_nullable, collation_name
    FROM information_schema.columns WHERE table_schema = 'public'
        AND table_name <> 'alembic_version'"""
_INDEXES = """SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    AND tablename <> 'alembic_version'"""
_CONSTRAINTS = """SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conname <> 'alembic_version_pkc'"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The same of SQLite, made by SQLAlchemy itself."""
    path = tmp_path / "file.db"
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    return path


def plain(condition: str) -> str:
    """Without what PostgreSQL adds when it tells one."""
    return re.sub(r"::\w+( varying)?|[()\s]", "", condition).replace("<>", "!=")


async def test_each_column_is_there_and_text_is_compared_by_its_bytes(store: Store) -> None:
    found = {(table, column): how for table, column, *how in ask(store.name, _COLUMNS)}
    assert found.keys() == {
        (table.name, column.name) for table in metadata.sorted_tables for column in table.c
    }
    for table in metadata.sorted_tables:
        for column in table.c:
            kind, nullable, collation = found[table.name, column.name]
            assert (nullable == "YES") is column.nullable
            assert (collation == "C") is (kind in ("text", "character varying")), column
            assert kind in ("bigint", "bytea", "boolean", "double precision", "integer", "text",
                            "character varying")  # fmt: skip


async def test_each_index_has_its_columns_and_its_condition(store: Store, file: Path) -> None:
    engine = create_engine(f"sqlite:///{file}")
    expected: dict[str, tuple[list[str | None], bool, str]] = {}
    for table in metadata.sorted_tables:
        for one in inspect(engine).get_indexes(table.name):
            where = str(one.get("dialect_options", {}).get("sqlite_where", ""))
            assert one["name"] is not None
            expected[one["name"]] = (one["column_names"], bool(one["unique"]), plain(where))
    engine.dispose()
    found = {}
    for name, told in ask(store.name, _INDEXES):
        columns, _, where = told.partition(" USING btree ")[2].partition(" WHERE ")
        names: list[str | None] = [*columns.strip("()").split(", ")]
        found[name] = (names, told.startswith("CREATE UNIQUE"), plain(where))
    assert {name: found[name] for name in expected} == expected
    conditions = [where for _, _, where in expected.values() if where]
    assert len(conditions) >= 6
    of_keys = {name for (name, _) in ask(store.name, _CONSTRAINTS) if not name.startswith("fk_")}
    assert found.keys() - expected.keys() == of_keys


async def test_each_key_and_reference_is_there(store: Store) -> None:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, told in ask(store.name, _CONSTRAINTS):
        found[told.split(" (")[0]].append(name)
    tables = metadata.sorted_tables
    assert sorted(found["PRIMARY KEY"]) == sorted(f"pk_{table.name}" for table in tables)
    references = [key for table in tables for key in table.foreign_key_constraints]
    assert sorted(found["FOREIGN KEY"]) == sorted(str(key.name) for key in references)


async def test_a_number_that_a_row_once_had_is_not_given_to_a_new_one(store: Store) -> None:
    async with store.write() as unit:
        last = [await unit.streams.insert(f"{MINT}{n}", broadcast(site_id=n)) for n in (1, 2)][-1]
    write(store.name, "DELETE FROM site_ids")
    write(store.name, "DELETE FROM streams")
    async with store.write() as unit:
        assert await unit.streams.insert(MINT, broadcast()) == last + 1
