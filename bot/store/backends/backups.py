"""Backups of a database: files whose names say when each was made, and of which schema."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


def stamp() -> str:
    """Now, as names have it: in order of time where they are in order of letters."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")


@dataclass(frozen=True, slots=True)
class Backups:
    """Those in `folder` of what is called `name`: `<name>.<UTC>.v<revision>.<ending>`."""

    folder: Path
    name: str
    ending: str

    def new(self, revision: str) -> Path:
        """Where one is to be made."""
        return self.folder / f"{self.name}.{stamp()}.v{revision}.{self.ending}"

    def newest(self, known: Collection[str]) -> str | None:
        """That of one of the `known` revisions: what this program can read."""
        found = (path for path, revision in self._newest_first() if revision in known)
        return next(map(str, found), None)

    def keep(self, count: int) -> None:
        """So many stay; older ones go."""
        for path, _ in self._newest_first()[count:]:
            path.unlink(missing_ok=True)

    def _newest_first(self) -> list[tuple[Path, str]]:
        """Each with its revision."""
        if not self.folder.is_dir():
            return []
        ours = re.compile(rf"{re.escape(self.name)}\.\d{{8}}T\d{{12}}Z\.v(\w+)\.{self.ending}")
        named = ((path, ours.fullmatch(path.name)) for path in self.folder.iterdir())
        return sorted(((path, found[1]) for path, found in named if found), reverse=True)
