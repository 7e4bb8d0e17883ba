"""Files that the bot made, by key: clips and pictures. A key is stored; a path never is."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,80}\.(?:mp4|jpg)")
"""A key is a plain file name, so that none climbs out of the folder."""

_MADE_HERE = re.compile(r"[a-z0-9-]{1,32}-[0-9a-f]{16}\.(?:mp4|jpg)")
_PICTURE = re.compile(r"p-[0-9a-f]{40}\.(?:jpg|mp4)")
_PART = re.compile(r"\.[a-z0-9][a-z0-9-]{0,84}\.(?:mp4|jpg)\.[0-9a-f]+\.(?:part|smaller)")

_AHEAD_SECONDS = 60.0
"""By so much the clock of the folder's disk may be ahead of ours."""


def is_there(path: Path) -> bool:
    """Whether anything is at `path`, as far as we may look."""
    with contextlib.suppress(OSError):
        return path.exists()
    return False


def nearest_existing(path: Path) -> Path:
    """`path`, or the nearest of its parents that is there: where a folder of that name would be
    made."""
    whole = path.absolute()
    return next(filter(is_there, (whole, *whole.parents)), Path("/"))


def remove(*paths: Path | None) -> None:
    """What is there of them goes. What cannot be removed stays: whoever sweeps tries again."""
    for path in paths:
        if path is not None:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class OwnFile:
    """One of our files as it lies there. `is_part`: it is not whole, and its name is no key."""

    key: str
    bytes: int
    changed_at: datetime
    is_part: bool = False
    is_picture: bool = False


def poster_of(key: str) -> str:
    """The key of a clip's poster, there or not: it lies beside the clip and goes with it. Any
    other key is its own."""
    return f"{key.removesuffix('.mp4')}.jpg" if key.endswith(".mp4") else key


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
        plain = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:32].strip("-")
        return f"{plain or 'file'}-{secrets.token_hex(8)}.{suffix}"

    async def put_picture(self, data: bytes, suffix: str = "jpg") -> str:
        """Keep a JPEG, or a moving picture (`mp4`); the same bytes have the same key. Raises
        OSError."""
        key = f"p-{hashlib.sha256(data).hexdigest()[:40]}.{suffix}"
        await asyncio.to_thread(self._write, self.path(key), data)
        return key

    async def delete(self, key: str) -> None:
        """Remove it, if it is there, a clip with its poster. Raises OSError where it cannot be
        removed."""
        for path in dict.fromkeys((self.path(key), self.path(poster_of(key)))):
            await asyncio.to_thread(path.unlink, True)

    async def free_bytes(self) -> int:
        """What the folder's disk has left for us; the folder is made. Raises OSError."""
        return await asyncio.to_thread(self._free_bytes)

    async def kept(self) -> tuple[OwnFile, ...]:
        """Every file that Mintcast wrote there; what others put beside them is not seen."""
        return await asyncio.to_thread(lambda: tuple(self._kept()))

    async def sweep(self, files: tuple[OwnFile, ...], before: datetime, now: datetime) -> int:
        """Remove those of `files` that nobody touched since `before`; how many. Raises OSError.

        Each is looked at once more: a picture that is put again meanwhile is young again. One that
        a clock has dated in the future is from now.
        """
        return await asyncio.to_thread(self._sweep, files, before.timestamp(), now.timestamp())

    def _free_bytes(self) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.folder).free

    def _kept(self) -> Iterator[OwnFile]:
        if not self.folder.is_dir():
            return
        with os.scandir(self.folder) as entries:
            for entry in entries:
                is_picture = bool(_PICTURE.fullmatch(entry.name))
                is_part = bool(_PART.fullmatch(entry.name))
                is_ours = is_picture or is_part or _MADE_HERE.fullmatch(entry.name)
                if not is_ours or not entry.is_file(follow_symlinks=False):
                    continue
                with contextlib.suppress(FileNotFoundError):  # a part that was renamed just now
                    status = entry.stat(follow_symlinks=False)
                    changed = datetime.fromtimestamp(status.st_mtime, UTC)
                    yield OwnFile(entry.name, status.st_size, changed, is_part, is_picture)

    def _sweep(self, files: tuple[OwnFile, ...], before: float, now: float) -> int:
        removed = 0
        for file in files:
            path = self.folder / file.key
            with contextlib.suppress(FileNotFoundError):
                changed = path.lstat().st_mtime
                if changed < before:
                    path.unlink()
                    removed += 1
                elif changed > now + _AHEAD_SECONDS:
                    os.utime(path, (now, now))
        return removed

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.utime(path)  # it is there: whoever sweeps sees that it is wanted again
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
