"""The files of a database: which they are, and whether those that were opened still lie there."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from bot.errors import DatabaseFull, DatabaseGone, StoreError
from bot.kit.error_text import is_disk_full, reason
from bot.kit.files import look_for
from bot.store.backends.sqlite.lock import refused_by_system

_SHORT_BYTES = 16 << 20
_ROOM_BYTES = 64 << 10
_BESIDE = r"(-wal|-shm|-journal|\.lock|\.\S+\.(bak|part))?"


def database_files(database: Path) -> list[Path]:
    """The file itself, SQLite's beside it, the lock, and backups; none where the folder cannot be
    read."""
    name = re.compile(re.escape(database.name) + _BESIDE)
    try:
        return [path for path in database.parent.iterdir() if name.fullmatch(path.name)]
    except OSError:
        return []


def is_file_there(path: Path) -> bool:
    """Whether anything is at `path`. Raises StoreError where we may not look."""
    try:
        return look_for(path)
    except OSError as error:
        raise refused_by_system(path, error) from error


class FileIdentity:
    """Of a database and its log (WAL). SQLite goes on writing to a file that was deleted or
    replaced, without an error, and all of it is gone with the process."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._files = {path: _identity(path) for path in (database, Path(f"{database}-wal"))}

    def check(self) -> None:
        """Raises DatabaseGone, or StoreError where that cannot be told."""
        for path, identity in self._files.items():
            try:
                found = _identity(path)
            except OSError as error:
                raise StoreError(str(self._database), error.strerror or "") from error
            if found != identity:
                raise DatabaseGone(str(self._database), str(path))

    def is_short(self) -> bool:
        """Whether its disk is nearly full, or cannot be written: then only a write can tell."""
        try:
            disk = os.statvfs(self._database)
        except OSError:
            return True
        return disk.f_bavail * disk.f_frsize < _SHORT_BYTES or bool(disk.f_flag & os.ST_RDONLY)

    def check_room(self) -> None:
        """Raises DatabaseFull where a log that grows finds no room. A commit may not tell: a short
        one fits into the log that is there, again and again."""
        try:
            with tempfile.TemporaryFile(dir=self._database.parent) as file:
                file.write(bytes(_ROOM_BYTES))
        except OSError as error:
            if is_disk_full(error):
                raise DatabaseFull(str(self._database), reason(error)) from error


def _identity(path: Path) -> tuple[int, int] | None:
    """None where there is no such file. Raises OSError."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
