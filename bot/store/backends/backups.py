"""Backups of a database: the names of their files, which say when each was made, and where they
lie."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from sqlalchemy import make_url

from bot.kit.files import remove
from bot.store.backends.port import PostgresAddress

_OF_FILE = "bak"
_PLAIN = re.compile(r"[^A-Za-z0-9_-]+")


def new_copy_name(address: Path | PostgresAddress) -> str:
    """For a copy that somebody asks for, of that database."""
    ending = "db" if isinstance(address, Path) else "dump"
    return f"mintcast-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.{ending}"


@dataclass(frozen=True, slots=True)
class Backups:
    """Those from before a migration or a restore, in `folder`, of what is called `name`:
    `<name>.<UTC>.v<revision>.<ending>`."""

    folder: Path
    name: str
    ending: str

    @classmethod
    def of_file(cls, database: Path) -> Self:
        """Beside it."""
        return cls(database.parent, database.name, _OF_FILE)

    @classmethod
    def of_server(cls, address: PostgresAddress, folder: Path) -> Self:
        """In that folder, which others may share."""
        database = make_url(address.url).database or "mintcast"
        return cls(folder, _PLAIN.sub("-", database), "dump")

    def new(self, revision: str) -> Path:
        """Where one is to be made."""
        return self._now(f"v{revision}")

    def new_damaged(self) -> Path:
        """Where a database goes that cannot be read any more; it is no backup."""
        return self._now("damaged")

    def newest(self, known: Collection[str]) -> str | None:
        """That of one of the `known` revisions: what this program can read."""
        found = (path for path, revision in self._newest_first() if revision in known)
        return next(map(str, found), None)

    def keep(self, count: int, made: Path) -> None:
        """So many stay, `made` among them, whatever the clock showed when it was; older ones go, as
        far as they can be removed, and so does what a kill has left of others: beside a database,
        nobody else makes one meanwhile."""
        others = [path for path, _ in self._newest_first() if path != made]
        broken_off = self._found(".part") if self.ending == _OF_FILE else ()
        remove(*others[max(0, count - 1) :], *broken_off)

    def _now(self, what: str) -> Path:
        """In order of time where names are in order of letters."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        return self.folder / f"{self.name}.{stamp}.{what}.{self.ending}"

    def _newest_first(self) -> list[tuple[Path, str]]:
        """Each with its revision."""
        return sorted(self._found().items(), reverse=True)

    def _found(self, more: str = "") -> dict[Path, str]:
        """Those whose names end in `more`, too, with their revisions; none where the folder cannot
        be read."""
        name, ending = re.escape(self.name), re.escape(f"{self.ending}{more}")
        ours = re.compile(rf"{name}\.\d{{8}}T\d{{12}}Z\.v(\w+)\.{ending}")
        try:
            named = [(path, ours.fullmatch(path.name)) for path in self.folder.iterdir()]
        except OSError:
            return {}
        return {path: found[1] for path, found in named if found}
