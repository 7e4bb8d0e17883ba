"""Bringing the file to the tables of this program, before anybody uses it.

Scripts are in `migrations/versions`, run by Alembic at start. Each is one transaction together
with its record, so that a failure, or a kill, leaves the database as it was before that script.
A new database gets all tables at once, as the scripts would make them; a test compares the two.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    insert,
    inspect,
    select,
    text,
)

from bot.errors import DatabaseDamaged, DatabaseNewer, DatabaseReadOnly
from bot.model import DatabaseAge
from bot.store.backends.sqlite.engine import (
    QUICK_CHECK,
    READING,
    SOUND,
    WRITING,
    copy_into,
    open_engine,
    told_as_ours,
)
from bot.store.backends.sqlite.lock import Lock, refused_by_system
from bot.store.tables import metadata

SCRIPTS = Path(__file__).parents[2] / "migrations"
LOOK_THROUGH = 128 << 20

_NAME = re.compile(r"v(\d{4})_\w+\.py")
_RECORD = Table(  # as Alembic makes it
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def prepare(
    path: Path,
    lock: Lock,
    backups: int,
    patience: float,
    *,
    scripts: Path = SCRIPTS,
    look_through: int = LOOK_THROUGH,
) -> None:
    """Look whether `path` is sound and ours, back it up and migrate it, where there is something
    to migrate. It is made where there is none. Raises StoreError.

    A file of more than `look_through` bytes is not read to its end, which would hold up the
    start; `Store.check` does it.

    Migrating takes the lock, so that of two that start at once one does it, and the other is
    refused. All of it blocks: call it on a thread.
    """
    known = revisions(scripts)
    if not path.exists():
        lock.take()  # it makes the folder, or says why not
    with _connected(path, patience, READING) as connection:
        at = _our_revision(connection, path, known)
        if path.stat().st_size <= look_through:
            _look_through(connection, path)
        if at == known[-1]:
            return
    lock.take()
    with _connected(path, patience, WRITING) as connection:
        at = _revision(connection)  # another may have been quicker
        if at is None and scripts == SCRIPTS:
            _make(connection, known[-1])
            return
        if at is not None and at != known[-1]:
            _back_up(connection, path, at, backups)
        _migrate(connection, scripts)


def inspect_database(path: Path, patience: float = 5.0) -> DatabaseAge:
    """How `path` stands to this program. Changes nothing, and a service may be using it. Raises
    StoreError as `prepare` does."""
    folder = next(folder for folder in path.absolute().parents if folder.exists())
    for needed in (folder, path) if path.exists() else (folder,):
        if not os.access(needed, os.W_OK):
            raise DatabaseReadOnly(str(path), f"{needed} cannot be written")
    if not path.exists():
        return DatabaseAge.NONE
    known = revisions()
    with _connected(path, patience, READING) as connection:
        at = _our_revision(connection, path, known)
        _look_through(connection, path)
    return DatabaseAge.CURRENT if at == known[-1] else DatabaseAge.OLDER


def revisions(scripts: Path = SCRIPTS) -> list[str]:
    """The numbers of all scripts, in order, as their files are named."""
    names = (_NAME.fullmatch(file.name) for file in (scripts / "versions").iterdir())
    return sorted(name[1] for name in names if name)


def _our_revision(connection: Connection, path: Path, known: list[str]) -> str | None:
    """Which script was run last; None where none was. Raises StoreError for what is not ours."""
    at = _revision(connection)
    if at is not None and at not in known:
        raise DatabaseNewer(str(path), _newest_backup(path, known))
    with connection.begin():
        others = set(inspect(connection).get_table_names()) - {_RECORD.name}
    if at is None and others:
        raise DatabaseDamaged(str(path), f"another program's: {', '.join(sorted(others)[:5])}")
    return at


@contextlib.contextmanager
def _connected(path: Path, patience: float, begin: str) -> Iterator[Connection]:
    with told_as_ours(path):
        engine = open_engine(path, patience, begin)
        with contextlib.closing(engine.connect()) as connection:
            yield connection


def _revision(connection: Connection) -> str | None:
    """Which script was run last; None where none was."""
    with connection.begin():
        if not inspect(connection).has_table(_RECORD.name):
            return None
        at: str | None = connection.execute(select(_RECORD.c.version_num)).scalar()
        return at


def _look_through(connection: Connection, path: Path) -> None:
    """Raises DatabaseDamaged for a file that is broken anywhere."""
    with connection.begin():
        finding = str(connection.execute(text(QUICK_CHECK)).scalar())
    if finding != SOUND:
        raise DatabaseDamaged(str(path), finding)


def _make(connection: Connection, revision: str) -> None:
    with connection.begin():
        metadata.create_all(connection, checkfirst=False)
        _RECORD.create(connection)
        connection.execute(insert(_RECORD).values(version_num=revision))


def _migrate(connection: Connection, scripts: Path) -> None:
    from bot.store.backends.sqlite.alembic_scripts import (
        upgrade,  # Alembic: 13 MiB and 0.2 s that most starts are spared
    )

    upgrade(connection, scripts)


# Backups


def _back_up(connection: Connection, path: Path, at: str, keep: int) -> None:
    """`<database>.<UTC>.v<revision>.bak`, there whole or not at all; older ones go."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    backup = path.with_name(f"{path.name}.{stamp}.v{at}.bak")
    part = backup.with_suffix(".part")
    try:
        copy_into(connection, part)
        _flush(part)
        part.replace(backup)
        for old in _backups(path)[keep:]:
            old.unlink(missing_ok=True)
    except OSError as error:
        raise refused_by_system(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def _flush(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _backups(path: Path) -> list[Path]:
    """The newest first."""
    name = re.compile(re.escape(path.name) + r"\.\d{8}T\d{12}Z\.v\w+\.bak")
    return sorted((p for p in path.parent.iterdir() if name.fullmatch(p.name)), reverse=True)


def _newest_backup(path: Path, known: list[str]) -> str | None:
    """The newest that this program can read."""
    for backup in _backups(path):
        if backup.name.rpartition(".v")[2].removesuffix(".bak") in known:
            return str(backup)
    return None
