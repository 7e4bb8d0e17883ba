"""A service of its own, to be killed: `python -m tests.store.writer DATABASE [TIMES]`.

Without TIMES it counts a value up for ever and prints each number once it is committed; with TIMES
it adds one so often, beside others, and prints `done`.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.store import Access, PostgresAddress, Store
from tests.databases.by_path import from_argument


async def _count_for_ever(address: Path | PostgresAddress) -> None:
    async with Store(address) as store:
        number = 0
        while True:
            number += 1
            async with store.write() as unit:
                await unit.key_values.put("number", str(number))
                for part in range(5):
                    await unit.key_values.put(f"part {part}", str(number))
            print(number, flush=True)


async def _add(address: Path | PostgresAddress, times: int) -> None:
    async with Store(address, access=Access.ANY, patience=30) as store:
        await asyncio.gather(*(add_one(store) for _ in range(times)))
    print("done", flush=True)


async def add_one(store: Store) -> None:
    """Read, then write what depends on it."""
    async with store.write() as unit:
        before = int(await unit.key_values.get("number") or 0)
        await asyncio.sleep(0)
        await unit.key_values.put("number", str(before + 1))


if __name__ == "__main__":
    database, times = from_argument(sys.argv[1]), sys.argv[2:]
    asyncio.run(_add(database, int(times[0])) if times else _count_for_ever(database))
