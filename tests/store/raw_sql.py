"""The database seen from beside the store: what is sent to it, how it is read, rows as they lie."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from tests.databases import by_path
from tests.databases.quick import require_threads

_BEGINS = ("BEGIN", "SELECT set_config(")


@contextlib.contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Each statement that is sent meanwhile, with its parameters; not what begins transactions."""
    sent: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, sql: str, parameters: Any, *___: Any) -> None:
        if not sql.startswith(_BEGINS):
            sent.append((sql, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@contextlib.contextmanager
def changes() -> Iterator[list[list[str]]]:
    """What is changed meanwhile: of each transaction that does, its statements that do."""
    by_transaction: dict[Any, list[str]] = {}
    changed: list[list[str]] = []

    def begin(connection: Any) -> None:
        by_transaction[connection] = []

    def note(connection: Any, _: Any, sql: str, *__: Any) -> None:
        if not sql.startswith(("INSERT", "UPDATE", "DELETE")):
            return
        if not by_transaction[connection]:
            changed.append(by_transaction[connection])
        by_transaction[connection].append(sql)

    event.listen(Engine, "begin", begin)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield changed
    finally:
        event.remove(Engine, "begin", begin)
        event.remove(Engine, "before_cursor_execute", note)


def ask(database: Path | str, sql: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
    """The rows of its answer. `database` is as its store is called."""
    if (others := by_path.in_use()) is not None:
        return others.fetch(str(database), sql, parameters)
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql, parameters).fetchall()


def write(database: Path | str, sql: str, rows: Sequence[Any] = ((),)) -> None:
    """Run it once for each of `rows`, and commit."""
    if (others := by_path.in_use()) is not None:
        others.execute(str(database), sql, rows)
        return
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.executemany(sql, rows)


@contextlib.contextmanager
def lock_of_another_program(database: Path | str) -> Iterator[None]:
    """Meanwhile it has the one right to write."""
    if (others := by_path.in_use()) is not None:
        with others.writing(str(database)):
            yield
        return
    require_threads()
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


def skip_numbers(database: Path | str, table: str, many: int) -> None:
    """So many ids of that table nobody ever gets."""
    if (others := by_path.in_use()) is not None:
        name = f"pg_get_serial_sequence('{table}', 'id')"
        others.fetch(str(database), f"SELECT nextval({name}) FROM generate_series(1, {many})", ())
        return
    known = "SELECT 1 FROM sqlite_sequence WHERE name = ?"
    if not ask(database, known, (table,)):
        write(database, "INSERT INTO sqlite_sequence VALUES (?, 0)", [(table,)])
    write(database, "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ?", [(many, table)])


def count_where(database: Path | str, table: str, condition: str) -> int:
    """How many of its rows there are of which that is true."""
    ((count,),) = ask(database, f"SELECT count(*) FROM {table} WHERE {condition}")
    return int(count)
