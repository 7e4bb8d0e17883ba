"""Files that the bot made, by key: clips and pictures. A key is stored; a path never is."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import secrets
from pathlib import Path

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,80}\.(?:mp4|jpg)")
"""A key is a plain file name, so that none climbs out of the folder."""


class Files:
    """One folder. Writing is whole or not at all: `.part`, then a rename."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, key: str) -> Path:
        """Where `key` is kept, there or not. Raises ValueError for what is no key."""
        if not KEY.fullmatch(key):
            raise ValueError(f"not a key of a file: {key!r}")
        return self.folder / key

    def new_key(self, stem: str, suffix: str) -> str:
        """A key that nobody can guess, since whoever has it may see the file."""
        plain = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:32]
        return f"{plain or 'file'}-{secrets.token_hex(8)}.{suffix}"

    async def put_picture(self, data: bytes) -> str:
        """Keep a JPEG; the same bytes have the same key. Raises OSError."""
        key = f"p-{hashlib.sha256(data).hexdigest()[:40]}.jpg"
        await asyncio.to_thread(self._write, self.path(key), data)
        return key

    async def delete(self, key: str) -> None:
        """Remove it, if it is there. Raises OSError where it cannot be removed."""
        await asyncio.to_thread(self.path(key).unlink, True)

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
