"""A move that is killed leaves the target empty, and as good as before."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import DatabaseInUse
from bot.store import MoveProgress, PostgresAddress, move_store
from tests.patience import PATIENCE
from tests.store.copying.rows import contents

CHILD = """
import asyncio, os, sys
from pathlib import Path
from bot.store import PostgresAddress, move_store

source, target, table, verifies = sys.argv[1:]

def tell(now):
    if now.table == table and now.verifies == bool(verifies):
        os.kill(os.getpid(), 9)

def address(text):
    return PostgresAddress(text) if "://" in text else Path(text)

asyncio.run(move_store(address(source), address(target), tell))
"""


async def move_and_die(source: str, target: str, table: str, *, verifies: bool) -> None:
    arguments = (source, target, table, "yes" if verifies else "")
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, *arguments)
    assert await child.wait() == -signal.SIGKILL


async def move_again(source: Path | PostgresAddress, target: Path | PostgresAddress) -> None:
    """PostgreSQL hears in its own time that the one before is gone."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await move_store(source, target, _nothing)
            except DatabaseInUse:
                await asyncio.sleep(0.05)
            else:
                return


def _nothing(_: MoveProgress) -> None:
    pass


@pytest.mark.parametrize("verifies", [False, True])
async def test_on_postgresql(
    filled: Path, new_database: Callable[[], PostgresAddress], verifies: bool
) -> None:
    target = new_database()
    await move_and_die(str(filled), target.url, "streams", verifies=verifies)
    assert not any(rows for rows, _ in (await contents(target)).values())
    await move_again(filled, target)
    assert await contents(target) == await contents(filled)


@pytest.mark.parametrize("verifies", [False, True])
async def test_on_sqlite(filled: Path, tmp_path: Path, verifies: bool) -> None:
    target = tmp_path / "target.db"
    await move_and_die(str(filled), str(target), "streams", verifies=verifies)
    assert not any(rows for rows, _ in (await contents(target)).values())
    await move_again(filled, target)
    assert await contents(target) == await contents(filled)
