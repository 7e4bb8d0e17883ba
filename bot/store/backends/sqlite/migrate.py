"""Bringing the file to the tables of this program, after a copy, before anybody uses it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Connection

from bot.errors import DatabaseDamaged, DatabaseNewer, DatabaseReadOnly, StoreError
from bot.kit.files import is_there, nearest_existing, remove
from bot.model import DatabaseAge
from bot.store.backends.backups import Backups
from bot.store.backends.schema import Schema, current_revision, other_tables
from bot.store.backends.sqlite.engine import (
    READING,
    WRITING,
    copy_into,
    find_damage,
    open_engine,
    references_checked_late,
    translated_errors,
)
from bot.store.backends.sqlite.files import is_file_there
from bot.store.backends.sqlite.lock import Lock, refused_by_system

LOOK_THROUGH = 128 << 20


def prepare(
    path: Path,
    schema: Schema,
    lock: Lock,
    backups: int,
    patience: float,
    *,
    look_through: int = LOOK_THROUGH,
) -> None:
    """Look whether `path` is sound and ours, back it up and migrate it, where there is something
    to migrate. It is made where there is none. Raises StoreError.

    A file of more than `look_through` bytes is not read to its end, which would hold up the
    start; `Store.check` does it.

    Migrating takes the lock, so that of two that start at once one does it, and the other is
    refused. All of it blocks: call it on a thread.
    """
    known = schema.revisions()
    if not is_there(path):
        lock.take()  # it makes the folder, or says why not
    with connected(path, patience, READING) as connection:
        at = our_revision(connection, path, known)
        if path.stat().st_size <= look_through:
            require_sound(connection, path)
        if at == known[-1]:
            return
    lock.take()
    with connected(path, patience, WRITING) as connection:
        at = current_revision(connection)  # another may have been quicker
        if at is not None and at != known[-1]:
            made = back_up(connection, path, at)
            Backups.of_file(path).keep(backups, made)
        with references_checked_late(connection):
            schema.migrate(connection)


def inspect_database(path: Path, schema: Schema, patience: float) -> DatabaseAge:
    """How `path` stands to this program. Changes nothing, and a service may be using it. Raises
    StoreError as `prepare` does."""
    folder = nearest_existing(path.absolute().parent)
    for needed in (folder, path) if is_there(path) else (folder,):
        if not os.access(needed, os.W_OK):
            raise DatabaseReadOnly(str(path), f"{needed} cannot be written")
    if not is_file_there(path):
        return DatabaseAge.NONE
    known = schema.revisions()
    with connected(path, patience, READING) as connection:
        at = our_revision(connection, path, known)
        require_sound(connection, path)
    return DatabaseAge.CURRENT if at == known[-1] else DatabaseAge.OLDER


def our_revision(connection: Connection, path: Path, known: list[str]) -> str | None:
    """Which script was run last; None where none was. Raises StoreError for what is not ours."""
    at = current_revision(connection)
    if at is not None and at not in known:
        raise DatabaseNewer(str(path), Backups.of_file(path).newest(known))
    if at is None and (others := other_tables(connection)):
        raise DatabaseDamaged(str(path), f"another program's: {', '.join(others[:5])}")
    return at


@contextlib.contextmanager
def connected(path: Path, patience: float, begin: str) -> Iterator[Connection]:
    with translated_errors(path):
        engine = open_engine(path, patience, begin)
        with contextlib.closing(engine.connect()) as connection:
            yield connection


def require_sound(connection: Connection, path: Path) -> None:
    """Raises DatabaseDamaged for a file that is broken anywhere."""
    with connection.begin():
        finding = find_damage(connection)
    if finding is not None:
        raise DatabaseDamaged(str(path), finding)


# Backups


def back_up(connection: Connection, path: Path, at: str) -> Path:
    """`<database>.<UTC>.v<revision>.bak`, there whole or not at all."""
    backup = Backups.of_file(path).new(at)
    with made_whole(backup, path) as part:
        copy_into(connection, part)
    return backup


@contextlib.contextmanager
def made_whole(
    file: Path, path: Path, refused: Callable[[Path, OSError], StoreError] = refused_by_system
) -> Iterator[Path]:
    """The name under which `file` is made: it gets its own once it is on the disk. What the system
    refuses is told as `refused` tells it of `path`, which is a database unless that is given."""
    part = file.with_name(f"{file.name}.part")
    try:
        part.unlink(missing_ok=True)
        yield part
        _flush(part)
        part.replace(file)
        _flush(file.parent)
    except OSError as error:
        raise refused(path, error) from error
    finally:
        remove(part)


def _flush(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
