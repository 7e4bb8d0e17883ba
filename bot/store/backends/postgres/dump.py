"""Copies of a database as files, by PostgreSQL's own `pg_dump`."""

from __future__ import annotations

from pathlib import Path

from bot.errors import CopyFailed
from bot.kit.files import remove
from bot.store.backends.backups import Backups
from bot.store.backends.port import PostgresAddress
from bot.store.backends.postgres.tools import run


def back_up(address: PostgresAddress, at: str, folder: Path) -> Path:
    """`<database>.<UTC>.v<revision>.dump` in the folder for backups, whole or not at all. Raises
    StoreError where it cannot be made. Blocks."""
    path = Backups.of_server(address, folder).new(at)
    dump(address, path)
    return path


def dump(address: PostgresAddress, path: Path) -> None:
    """All of the database, whole or not at all. Raises StoreError. Blocks."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        wait = f"--lock-wait-timeout={round(1000 * address.patience)}"
        run(address, "pg_dump", "--format=custom", "--no-owner", wait, f"--file={part}")
        part.replace(path)
    except OSError as error:
        raise CopyFailed(str(path), error.strerror or str(error)) from error
    finally:
        remove(part)
