"""Copies of a database as files, by PostgreSQL's own `pg_dump`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from bot.errors import StoreError
from bot.store.backends.port import PostgresAddress

_NAME = re.compile(r"\d{8}T\d{12}Z\.v(\w+)\.dump")
_SECONDS = 3600.0
_PLAIN = re.compile(r"[^A-Za-z0-9_-]+")


def back_up(address: PostgresAddress, at: str, keep: int) -> None:
    """`<database>.<UTC>.v<revision>.dump` in the folder for backups, whole or not at all; older
    ones go. Raises StoreError where it cannot be made. Blocks."""
    assert address.backups is not None
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    path = address.backups / f"{_database(address)}.{stamp}.v{at}.dump"
    dump(address, path)
    for old in _backups(address)[keep:]:
        old.unlink(missing_ok=True)


def dump(address: PostgresAddress, path: Path) -> None:
    """All of the database, whole or not at all. Raises StoreError. Blocks."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _run(address, "pg_dump", "--format=custom", "--no-owner", f"--file={part}")
        part.replace(path)
    except OSError as error:
        raise StoreError(str(path), error.strerror or str(error)) from error
    finally:
        part.unlink(missing_ok=True)


def _run(address: PostgresAddress, tool: str, *arguments: str) -> None:
    program = shutil.which(tool)
    if program is None:
        raise StoreError(address.name, f"a copy of it is made by {tool}, which is not installed")
    environment = dict(os.environ)
    if address.password is not None:
        environment["PGPASSWORD"] = address.password
    url = make_url(address.url).set(drivername="postgresql", password=None)
    command = [program, *arguments, f"--dbname={url.render_as_string()}"]
    try:
        ran = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise StoreError(address.name, f"{tool} took longer than an hour") from error
    if ran.returncode != 0:
        told = ran.stderr.strip().splitlines() or [f"it ended with {ran.returncode}"]
        raise StoreError(address.name, f"{tool}: {told[0]}")


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
