"""Files that take a while to be had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.kit.files import Files


class SlowFiles(Files):
    """Something happens while a file is fetched."""

    def __init__(self, folder: Path, meanwhile: Callable[[], None]) -> None:
        super().__init__(folder)
        self._meanwhile = meanwhile

    async def fetch(self, key: str) -> Path:
        self._meanwhile()
        return await super().fetch(key)
