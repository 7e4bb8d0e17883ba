"""Nodes that share a database and keep their clips in folders of their own."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.clips import ClipRetention
from bot.kit.files import Files
from bot.kit.tasks import background
from bot.model import ClipJob
from bot.store import Access, DatabaseFileStore, Store
from tests.clips.harness import ClipHarness
from tests.fakes.clip_sources import Take
from tests.fakes.clock import settle
from tests.patience import PATIENCE
from tests.store.raw_sql import write

HOUR = timedelta(hours=1)


@dataclass
class FileNode(ClipHarness):
    """One of them. Its retention is the same for its whole life."""

    name: str = "a"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.retention = ClipRetention(
            store=self.store,
            files=self.files,
            clock=self.time,
            notifier=self.notifier,
            site_time=lambda: self.site_time(),
            health=self.health,
            rules=self.rules,
            is_node=True,
        )

    @property
    def clip_retention(self) -> ClipRetention:
        return self.retention

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[Take]:
        """It records a clip, until the test ends that."""
        service = self.service(worker_id=f"{self.name}-{self.asked}")
        async with background(service.run(), "clip-service"):
            await self.add()
            async with asyncio.timeout(PATIENCE):
                while not self.room.running:
                    await settle()
            yield self.room.running[0]

    async def made(self, data: bytes = b"clip", step: float = 0.0) -> ClipJob:
        """A clip that this node has made, with its poster. Meanwhile time passes by that step."""
        async with self.at_work() as take:
            take.complete()
            take.request.path.write_bytes(data)
            assert take.request.poster is not None
            take.request.poster.write_bytes(b"poster")
            async with asyncio.timeout(PATIENCE):
                while (job := await self.newest()).file_key is None:
                    await self.clock.advance(step)
        return job

    async def newest(self) -> ClipJob:
        async with self.store.read() as unit:
            job = await unit.jobs.get(self.asked)
        assert job is not None
        return job

    async def stored(self) -> set[str]:
        """What all nodes can have."""
        assert self.files.shared is not None
        return {file.key for file in await self.files.shared.list()}

    def lies_since(self, key: str, span: timedelta) -> None:
        """As if nobody here had needed it for so long."""
        at = (self.clock.now() - span).timestamp()
        os.utime(self.files.path(key), (at, at))


@contextlib.asynccontextmanager
async def file_node(
    database: Path, name: str, folder: Path | None = None
) -> AsyncIterator[FileNode]:
    """One whose files all nodes can have out of the database, or where a `folder` is named, out of
    that."""
    async with Store(database, access=Access.ANY, patience=30) as store:
        shared = DatabaseFileStore(store) if folder is None else None
        yield FileNode(store, Files(folder or database.parent / name, shared), name=name)


async def put_elsewhere(store: Store, folder: Path, key: str, data: bytes) -> Files:
    """Another node has made it."""
    files = Files(folder, DatabaseFileStore(store))
    folder.mkdir()
    files.path(key).write_bytes(data)
    await files.share(key)
    return files


def grow_old(store: Store, *keys: str, hours: float = 1.1) -> None:
    """As if they had been put so much earlier, by the database's clock."""
    earlier = "UPDATE files SET changed_at = changed_at - ? WHERE key = ?"
    write(store.name, earlier, [(round(hours * 3_600_000), key) for key in keys])
