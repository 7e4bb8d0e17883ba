"""Copies of a database as files, by PostgreSQL's own `pg_dump`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from bot.errors import CopyFailed
from bot.store.backends.port import PostgresAddress
from bot.store.backends.postgres.tools import run

_NAME = re.compile(r"\d{8}T\d{12}Z\.v(\w+)\.dump")
_PLAIN = re.compile(r"[^A-Za-z0-9_-]+")


def back_up(address: PostgresAddress, at: str, folder: Path) -> Path:
    """`<database>.<UTC>.v<revision>.dump` in the folder for backups, whole or not at all. Raises
    StoreError where it cannot be made. Blocks."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    path = folder / f"{_database(address)}.{stamp}.v{at}.dump"
    dump(address, path)
    return path


def keep_newest(address: PostgresAddress, keep: int) -> None:
    """So many backups stay, older ones go."""
    for old in _backups(address)[keep:]:
        old.unlink(missing_ok=True)


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
        part.unlink(missing_ok=True)


def newest_backup(address: PostgresAddress, known: list[str]) -> str | None:
    """The newest that this program can read."""
    for backup in _backups(address):
        found = _NAME.search(backup.name)
        if found and found[1] in known:
            return str(backup)
    return None


def _backups(address: PostgresAddress) -> list[Path]:
    """The newest first."""
    if address.backups is None or not address.backups.is_dir():
        return []
    ours = re.compile(re.escape(_database(address)) + r"\." + _NAME.pattern)
    return sorted((p for p in address.backups.iterdir() if ours.fullmatch(p.name)), reverse=True)


def _database(address: PostgresAddress) -> str:
    return _PLAIN.sub("-", make_url(address.url).database or "mintcast")
