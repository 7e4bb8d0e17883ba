"""Whoever is killed between a file and its row leaves what the others remove after an hour."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

from bot.store import Store
from tests.cluster.files import putter
from tests.cluster.files.nodes import file_node, grow_old
from tests.databases.by_path import as_argument
from tests.patience import PATIENCE
from tests.store.raw_sql import ask


async def test_what_was_put_is_whole_and_the_rest_goes(database: Path) -> None:
    async with file_node(database, "b") as node:
        told = await _put_and_die(database, node.store)
        assert _half_put(node.store), "it was killed too late"
        for key in await node.stored():
            path = await node.files.fetch(key)
            assert path.stat().st_size == putter.BYTES
        assert set(told) <= await node.stored(), "what it told is there"
        await node.retention.tidy_for_all()
        assert set(told) <= await node.stored(), "it may be named yet"
        keys = [key for (key,) in ask(node.store.name, "SELECT key FROM files")]
        grow_old(node.store, *keys)
        await node.retention.tidy_for_all()
        for table in ("files", "file_chunks"):
            assert ask(node.store.name, f"SELECT count(*) FROM {table}") == [(0,)]


def _half_put(store: Store) -> int:
    return int(ask(store.name, "SELECT count(*) FROM files WHERE bytes IS NULL")[0][0])


async def _put_and_die(database: Path, store: Store) -> list[str]:
    """What it said before it was killed in the middle of another file."""
    command = (sys.executable, "-m", "tests.cluster.files.putter", as_argument(database))
    child = await asyncio.create_subprocess_exec(
        *command, str(database.parent / "killed"), stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            told = [await child.stdout.readline()]
            while not await asyncio.to_thread(_half_put, store):
                pass
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        rest = await child.stdout.read()
        await child.wait()
    return [line.decode() for line in (*(one.strip() for one in told), *rest.splitlines())]
