"""Files that the bot made, by key: clips and pictures. A key is stored; a path never is.

They lie in a folder. Where several nodes share one, or there is one node alone, that is all. Else
they share a `FileStore`: a file is put there before any row names it, and fetched into the folder
of whoever needs it, which holds copies.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import re
import secrets
import shutil
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from weakref import WeakValueDictionary

from bot.kit.bounded_dict import BoundedDict

_log = logging.getLogger(__name__)

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,80}\.(?:mp4|jpg)")
"""A key is a plain file name, so that none climbs out of the folder."""

_MADE_HERE = re.compile(r"[a-z0-9-]{1,32}-[0-9a-f]{16}(?:-\d+)?\.(?:mp4|jpg)")
"""A second file of one name has a number."""
_PICTURE = re.compile(r"p-[0-9a-f]{40}\.(?:jpg|mp4)")
_PART = re.compile(
    r"\.[a-z0-9][a-z0-9-]{0,84}\.(?:mp4|jpg)\.[0-9a-f]+(?:-\d+)?\.(?:part|smaller)"
    r"|[a-z0-9-]{1,32}-[0-9a-f]{16}\.smaller"
)
"""Those of clips are named by `part_of` in `bot/clips/editing/clip_file.py`, and by what makes a
clip smaller in its place."""

_AHEAD_SECONDS = 60.0
"""By so much the clock of the folder's disk may be ahead of ours."""
_MOST_STUBBORN = 1000


def look_for(path: Path) -> bool:
    """Whether anything is at `path`. Raises OSError where that can't be told: we may not look into
    its folder, or nothing can have such a name."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def is_there(path: Path) -> bool:
    """The same for who goes on without it: False also where that can't be told."""
    with contextlib.suppress(OSError, ValueError):
        return look_for(path)
    return False


def is_folder(path: Path) -> bool:
    """Whether it is one; False also where that can't be told."""
    with contextlib.suppress(OSError, ValueError):
        return stat.S_ISDIR(path.stat().st_mode)
    return False


def behind_link(path: Path) -> Path:
    """What a link at `path` leads to, else `path`. What lies beside a file (a lock, a log, copies)
    lies beside that one, and what takes its place must not take the link's."""
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        return path.resolve() if path.is_symlink() else path
    return path


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


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One that nodes share. `changed_at`: when it was put, or put again, by the store's clock."""

    key: str
    bytes: int
    changed_at: datetime


class FileStore(Protocol):
    """Files that several nodes share: each is whole or not there, and the same for ever. All raise
    FilesUnreachable; `put` and `get` also OSError, where the node's own file fails."""

    async def put(self, key: str, path: Path) -> None:
        """Keep what is at `path`. One that is there already is young again."""
        ...

    async def get(self, key: str, path: Path) -> None:
        """Write it to `path`, which is new. Raises FileNotFoundError."""
        ...

    async def has(self, key: str) -> bool:
        """Whether it is there."""
        ...

    async def list(self) -> tuple[StoredFile, ...]:
        """All that are there."""
        ...

    async def delete(self, keys: Collection[str]) -> None:
        """They go, if they are there."""
        ...

    async def sweep(self, keys: Collection[str], seconds: float) -> int:
        """Of these, and of what never became whole, those go that nobody put for so long; how
        many."""
        ...


def poster_of(key: str) -> str:
    """The key of a clip's poster, there or not: it lies beside the clip and goes with it. Any
    other key is its own."""
    return f"{key.removesuffix('.mp4')}.jpg" if key.endswith(".mp4") else key


class Files:
    """One folder. Writing is whole or not at all: `.part`, then a rename.

    `shared` is where all nodes have these files; None: the folder is.
    """

    def __init__(self, folder: Path, shared: FileStore | None = None) -> None:
        self.folder = folder
        self.shared = shared
        self._known: set[str] = set()
        self._stubborn: BoundedDict[str, None] = BoundedDict(_MOST_STUBBORN)
        self._fetching: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

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
        await self.share(key)
        return key

    async def share(self, key: str) -> None:
        """Before a row names it: all nodes can have it now, a clip with its poster. Raises
        OSError, FilesUnreachable for one."""
        if self.shared is None:
            return
        for one in dict.fromkeys((poster_of(key), key)):
            path = self.path(one)
            if one == key or await asyncio.to_thread(look_for, path):
                await self.shared.put(one, path)
                self._known.add(one)

    async def fetch(self, key: str) -> Path:
        """Where it lies now; where there is no such file, where it would. Many may want it at once.
        Raises ValueError for what is no key, and OSError, FilesUnreachable for one."""
        path = self.path(key)
        if self.shared is None:
            return path
        async with self._fetching.setdefault(key, asyncio.Lock()):
            if await asyncio.to_thread(_touch, path):
                return path
            with contextlib.suppress(FileNotFoundError):
                await self._get(self.shared, key, path)
        return path

    async def may_be_there(self, key: str) -> bool:
        """Whether it can be had; True where nobody can tell now: its store does not answer, or we
        may not look into the folder."""
        try:
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                await asyncio.to_thread(self.path(key).stat)
                return True
            return self.shared is not None and await self.shared.has(key)
        except OSError:  # FilesUnreachable for one
            return True

    async def delete(self, key: str) -> None:
        """Remove it, if it is there, a clip with its poster. Raises OSError where it cannot be
        removed."""
        await self.discard(key)
        if self.shared is not None:
            await self.shared.delete(list(dict.fromkeys((key, poster_of(key)))))

    async def discard(self, key: str) -> None:
        """The same for what lies in the folder alone."""
        for path in dict.fromkeys((self.path(key), self.path(poster_of(key)))):
            await asyncio.to_thread(path.unlink, True)

    async def free_bytes(self) -> int:
        """What the folder's disk has left for us; the folder is made. Raises OSError."""
        return await asyncio.to_thread(self._free_bytes)

    async def kept(self) -> tuple[OwnFile, ...]:
        """Every file that Mintcast keeps, wherever that is. Raises OSError."""
        if self.shared is None:
            return await self.in_folder()
        return tuple(
            OwnFile(one.key, one.bytes, one.changed_at, is_picture=_is_picture(one.key))
            for one in await self.shared.list()
        )

    async def in_folder(self) -> tuple[OwnFile, ...]:
        """Every file that Mintcast wrote there; what others put beside them is not seen."""
        return await asyncio.to_thread(lambda: tuple(self._kept()))

    def known_as_shared(self) -> frozenset[str]:
        """What this node has put or fetched: in its folder are copies."""
        return frozenset(self._known)

    def forget(self, keys: Collection[str]) -> None:
        """These are neither here nor there."""
        self._known.difference_update(keys)

    async def sweep(self, files: tuple[OwnFile, ...], before: datetime, now: datetime) -> int:
        """Remove those of `files`, as `kept` lists them, that nobody put or touched since `before`;
        how many. Raises OSError.

        Each is looked at once more: a picture that is put again meanwhile is young again. One that
        a clock has dated in the future is from now.
        """
        if self.shared is None:
            return await self.sweep_folder(files, before, now)
        keys = [file.key for file in files]
        return await self.shared.sweep(keys, (now - before).total_seconds())

    async def sweep_folder(
        self, files: tuple[OwnFile, ...], before: datetime, now: datetime
    ) -> int:
        """The same for what lies in the folder, as `in_folder` lists it."""
        return await asyncio.to_thread(self._sweep, files, before.timestamp(), now.timestamp())

    async def _get(self, shared: FileStore, key: str, path: Path) -> None:
        await asyncio.to_thread(self.folder.mkdir, parents=True, exist_ok=True)
        part = _part_of(path)
        try:
            await shared.get(key, part)
            await asyncio.to_thread(part.replace, path)
        finally:
            await asyncio.to_thread(remove, part)
        self._known.add(key)

    def _free_bytes(self) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.folder).free

    def _kept(self) -> Iterator[OwnFile]:
        try:
            lying = os.scandir(self.folder)
        except (FileNotFoundError, NotADirectoryError):
            return
        with lying as entries:
            for entry in entries:
                is_picture = _is_picture(entry.name)
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
            try:
                changed = path.lstat().st_mtime
                if changed < before:
                    path.unlink()
                    removed += 1
                elif changed > now + _AHEAD_SECONDS:
                    os.utime(path, (now, now))
            except FileNotFoundError:
                continue
            except OSError as error:  # it stays, and costs no other its end
                self.note_stubborn(file.key, error)
        return removed

    def note_stubborn(self, key: str, error: OSError) -> None:
        """It cannot be removed: in the log once, since it is met again each time."""
        if key not in self._stubborn:
            self._stubborn.put(key, None)
            _log.warning("%s can't be tidied away: %s", self.folder / key, error.strerror)

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        if _touch(path):  # it is there: whoever sweeps sees that it is wanted again
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        part = _part_of(path)
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def _is_picture(name: str) -> bool:
    return _PICTURE.fullmatch(name) is not None


def _touch(path: Path) -> bool:
    """Whether it is there; it is young then."""
    with contextlib.suppress(FileNotFoundError):
        os.utime(path)
        return True
    return False


def _part_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
