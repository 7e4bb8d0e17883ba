"""Files in the database: what all nodes of a cluster can have without anything else."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from bot.errors import FilesUnreachable, StoreError
from bot.kit.files import StoredFile
from bot.store.rows.cluster.files import CHUNK_BYTES
from bot.store.store import Store

_CHUNKS_AT_ONCE = 4
"""So many are in memory while a file is read."""
_SWEPT_BYTES, _SWEPT_FILES = 16 << 20, 500
"""So much goes before others write, or one file that is larger."""


class DatabaseFileStore:
    """A `FileStore`. Others write between the chunks of a file; memory stays flat."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def put(self, key: str, path: Path) -> None:
        """See `FileStore`."""
        with await asyncio.to_thread(path.open, "rb") as file, _translated():
            async with self._store.write() as unit:
                if await unit.files.begin(key):
                    return
            size = number = 0
            while data := await asyncio.to_thread(file.read, CHUNK_BYTES):
                async with self._store.write() as unit:
                    await unit.files.add_chunk(key, number, data)
                size, number = size + len(data), number + 1
            async with self._store.write() as unit:
                is_there = await unit.files.complete(key, size)
        if not is_there:
            raise FilesUnreachable(f"{key} was deleted while it was put")

    async def get(self, key: str, path: Path) -> None:
        """See `FileStore`."""
        with _translated():
            async with self._store.read() as unit:
                size = await unit.files.size(key)
        if size is None:
            raise _gone(key)
        with await asyncio.to_thread(path.open, "xb") as file:
            await self._copy(key, size, file)
            await asyncio.to_thread(_flush, file)

    async def _copy(self, key: str, size: int, file: BinaryIO) -> None:
        """In however many chunks it was put: another version may have cut it otherwise."""
        first = 0
        while file.tell() < size:
            with _translated():
                async with self._store.read() as unit:
                    chunks = await unit.files.chunks(key, first, _CHUNKS_AT_ONCE)
            if not chunks:
                break
            await asyncio.to_thread(file.writelines, chunks)
            first += _CHUNKS_AT_ONCE
        if file.tell() != size:
            raise _gone(key)  # meanwhile

    async def has(self, key: str) -> bool:
        """See `FileStore`."""
        with _translated():
            async with self._store.read() as unit:
                return await unit.files.size(key) is not None

    async def list(self) -> tuple[StoredFile, ...]:
        """See `FileStore`."""
        with _translated():
            async with self._store.read() as unit:
                return await unit.files.all()

    async def delete(self, keys: Collection[str]) -> None:
        """See `FileStore`."""
        with _translated():
            async with self._store.write() as unit:
                await unit.files.delete(keys)

    async def sweep(self, keys: Collection[str], seconds: float) -> int:
        """See `FileStore`. What is put anew after the look stays."""
        removed = 0
        with _translated():
            async with self._store.read() as unit:
                old = await unit.files.old(keys, seconds)
            for some in _batches(old):
                async with self._store.write() as unit:
                    removed += await unit.files.sweep(some, seconds)
        return removed


def _batches(sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """Pure."""
    batch: list[str] = []
    taken = 0
    for key, size in sizes.items():
        if batch and (taken + size > _SWEPT_BYTES or len(batch) == _SWEPT_FILES):
            yield batch
            batch, taken = [], 0
        batch.append(key)
        taken += size
    if batch:
        yield batch


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _gone(key: str) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), key)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        raise FilesUnreachable(str(error)) from error
