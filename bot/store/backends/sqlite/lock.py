"""One service for one database: a lock on a file beside it, gone with the process."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from bot.errors import DatabaseFull, DatabaseInUse, DatabaseReadOnly, StoreError
from bot.kit.error_text import is_disk_full


class Lock:
    """Holds `<database>.lock`. The file stays: removing it would let two hold one each."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._held: int | None = None

    @property
    def held(self) -> bool:
        """Whether it is ours."""
        return self._held is not None

    def take(self) -> None:
        """Raises DatabaseInUse where another has it, and DatabaseReadOnly or DatabaseFull where
        the folder or the file cannot be made."""
        if self._held is not None:
            return
        try:
            self._database.parent.mkdir(parents=True, exist_ok=True)
            held = os.open(f"{self._database}.lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise refused_by_system(self._database, error) from error
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(held)
            if isinstance(error, BlockingIOError):
                raise DatabaseInUse(str(self._database)) from None
            raise refused_by_system(self._database, error) from error
        self._held = held

    def release(self) -> None:
        """Let go, if it is held."""
        if self._held is not None:
            os.close(self._held)
            self._held = None


def refused_by_system(database: Path, error: OSError) -> StoreError:
    """What the system's refusal of a file beside the database means for it."""
    kind = DatabaseFull if is_disk_full(error) else DatabaseReadOnly
    is_other = error.filename is not None and str(error.filename) != str(database)
    where = f" ({error.filename})" if is_other else ""
    return kind(str(database), f"{error.strerror}{where}")
