"""Segments that were fetched, kept on the disk while there is room: what was used longest ago goes
first, and what a clip is being cut of stays."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import re
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from pathlib import Path

from bot.kit.error_text import reason
from bot.kit.files import is_there, remove
from bot.kit.tasks import to_its_end

_log = logging.getLogger(__name__)

FOLDER = "segments"
"""Among the clips, where a service keeps its own; a node's has its name behind it, since several
nodes may mount one folder of clips."""

_FOLDERS = re.compile(rf"{FOLDER}(?:-[A-Za-z0-9._-]+)?")
_LEFT_SECONDS = 86_400.0
"""A node of another name, or an earlier version, is not coming back for what nobody used since."""
_NAME = re.compile(r"[0-9a-f]{40}\.ts(?:\.part)?")


def folder_of(clips: Path, node: str) -> Path:
    """Where the node of that name, or a service that is alone, keeps its segments."""
    return clips / (f"{FOLDER}-{node}" if node else FOLDER)


def folders_in(clips: Path) -> list[Path]:
    """Those of all nodes. Raises OSError."""
    try:
        lying = os.scandir(clips)
    except (FileNotFoundError, NotADirectoryError):
        return []
    with lying as entries:
        return [Path(entry.path) for entry in entries if _FOLDERS.fullmatch(entry.name)]


class SegmentCache:
    """One folder, which is this process's alone: what an earlier one left is removed by `clear`,
    and so is what lies in other nodes' folders since long ago.

    All of them take `most_bytes`. Whoever uses a file holds it meanwhile, and then it is there.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._held: Counter[str] = Counter()
        self._lock = asyncio.Lock()
        """Of two that write or remove, one waits."""

    @property
    def size(self) -> int:
        """Bytes that all of them take."""
        return sum(self._sizes.values())

    @contextlib.contextmanager
    def holding(self, urls: list[str]) -> Iterator[None]:
        """Keep the segments at these addresses, also those that come meanwhile."""
        names = [_name(url) for url in urls]
        self._held.update(names)
        try:
            yield
        finally:
            self._held.subtract(names)
            self._held += Counter()  # drops those that nobody holds

    def get(self, url: str) -> Path | None:
        """The file of the segment at `url`, if it is there."""
        name = _name(url)
        if name not in self._sizes or not is_there(self._folder / name):
            return None
        self._sizes.move_to_end(name)
        with contextlib.suppress(OSError):
            os.utime(self._folder / name)  # for the other nodes that tidy
        return self._folder / name

    async def put(self, url: str, data: bytes) -> Path:
        """Keep it; hold it first. Whoever is cancelled meanwhile leaves nothing that is still
        written. Raises OSError."""
        name = _name(url)
        async with self._lock:
            await to_its_end(asyncio.to_thread(_write, self._folder / name, data))
            self._sizes[name] = len(data)
            self._sizes.move_to_end(name)
            await self._shrink_to(self._most_bytes)
        return self._folder / name

    async def clear(self) -> None:
        """Remove them all. What cannot be removed stays, and the log says so: a cache is no reason
        not to start, nor to end."""
        async with self._lock:
            self._sizes.clear()
            await asyncio.to_thread(_clear, self._folder)
            if _FOLDERS.fullmatch(self._folder.name):  # it lies among clips
                await asyncio.to_thread(_clear_left, self._folder)

    async def make_room(self) -> None:
        """What nobody uses now goes: its place is needed."""
        async with self._lock:
            await self._shrink_to(0)

    async def _shrink_to(self, most_bytes: int) -> None:
        size = self.size
        for name in list(self._sizes):
            if size <= most_bytes:
                return
            if self._held[name]:  # as of now: somebody may have come for it meanwhile
                continue
            size -= self._sizes.pop(name)
            with contextlib.suppress(OSError):
                await asyncio.to_thread((self._folder / name).unlink, True)


def _name(url: str) -> str:
    return f"{hashlib.sha256(url.encode()).hexdigest()[:40]}.ts"


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _clear(folder: Path) -> None:
    refused: OSError | None = None
    try:
        paths = _ours(folder)
    except OSError as error:
        paths, refused = [], error
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            refused = refused or error
    if refused is not None:
        _log.warning("old segments of recordings could not be removed: %s", reason(refused))


def _clear_left(folder: Path) -> None:
    """`folder`, once it is empty, and what others beside it have left; theirs may be closed to
    us."""
    with contextlib.suppress(OSError):  # there is none, or something else is in it
        folder.rmdir()
    before = time.time() - _LEFT_SECONDS
    with contextlib.suppress(OSError):
        for other in folders_in(folder.parent):
            left = [*_older(other, before)]
            if other != folder and (left or other.stat().st_mtime < before):
                remove(*left)
                with contextlib.suppress(OSError):  # there is more in it
                    other.rmdir()


def _older(folder: Path, before: float) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        for path in _ours(folder):
            if path.lstat().st_mtime < before:
                yield path


def _ours(folder: Path) -> list[Path]:
    try:
        lying = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    with lying as entries:
        return [Path(entry.path) for entry in entries if _NAME.fullmatch(entry.name)]
