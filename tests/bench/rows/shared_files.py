"""Files that all nodes can have: into the database, out of it, and who waits meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.kit.files import Files
from bot.kit.tasks import background
from bot.store import DatabaseFileStore, Store
from tests.bench.figures import Effort, Figure, Section
from tests.databases.by_path import databases, instead_of_files
from tests.databases.postgres import Cluster

_HOW = """\
A PostgreSQL server of the bench's own on this machine, whose commits are flushed to disk. A file
of 10 MiB that nothing compresses is put there, and got by another node; *copied* is the same from
one folder to another, flushed as well. Meanwhile somebody else writes one small row after the
other: what that takes with the files, and without."""
_SIZE = 10 << 20
_WAIT = 0.25


async def measure(effort: Effort) -> Section:
    """Median of so many."""
    times = effort.times(30, 3)
    with contextlib.ExitStack() as stack:
        made = await asyncio.to_thread(stack.enter_context, databases(Cluster(durable=True)))
        stack.enter_context(instead_of_files(made))
        async with Store(effort.folder / "files.db") as store:
            return await _measured(store, effort.folder, times)


async def _measured(store: Store, folder: Path, times: int) -> Section:
    shared = DatabaseFileStore(store)
    here, there = Files(folder / "here", shared), Files(folder / "there", shared)
    here.folder.mkdir()
    keys = [here.new_key("bench", "mp4") for _ in range(times)]
    for key in keys:
        here.path(key).write_bytes(os.urandom(_SIZE))
    alone: list[float] = []
    async with background(_write_small(store, alone), "others"):
        await asyncio.sleep(2)
    beside: list[float] = []
    async with background(_write_small(store, beside), "others"):
        put = [await _seconds(here.share, key) for key in keys]
        got = [await _seconds(there.fetch, key) for key in keys]
    copied = [_copied(there.path(key), folder / "copy") for key in keys]
    worst = max(beside)
    return Section("Files in the database", _HOW, [
        Figure("put", _told(put, copied)),
        Figure("got", _told(got, copied)),
        Figure("another write, before", _most(alone)),
        Figure("another write, meanwhile", _most(beside), f"≤ {1000 * _WAIT:.0f} ms",
               worst <= _WAIT),
    ])  # fmt: skip


def _told(took: list[float], copied: list[float]) -> str:
    times = statistics.median(took) / statistics.median(copied)
    return f"{1000 * statistics.median(took):.0f} ms, × {times:.1f} of copied"


def _most(took: list[float]) -> str:
    return f"{1000 * statistics.median(took):.1f} ms, {1000 * max(took):.0f} ms at most"


async def _seconds(act: Callable[[str], Awaitable[object]], key: str) -> float:
    begun = time.perf_counter()
    await act(key)
    return time.perf_counter() - begun


async def _write_small(store: Store, took: list[float]) -> None:
    while True:
        begun = time.perf_counter()
        async with store.write() as unit:
            await unit.key_values.put("bench", "1")
        took.append(time.perf_counter() - begun)
        await asyncio.sleep(0.01)


def _copied(source: Path, target: Path) -> float:
    begun = time.perf_counter()
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    return time.perf_counter() - begun
