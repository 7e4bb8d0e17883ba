"""A node of its own, to be killed: `python -m tests.cluster.files.putter DATABASE FOLDER`.

It puts one file after the other, of which no row ever tells, and prints the key of each that it has
put.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.kit.files import Files
from bot.store import Access, DatabaseFileStore, PostgresAddress, Store
from tests.databases.by_path import from_argument

BYTES = 32 << 20


async def _put_for_ever(address: Path | PostgresAddress, folder: Path) -> None:
    folder.mkdir()
    async with Store(address, access=Access.ANY, patience=30) as store:
        files = Files(folder, DatabaseFileStore(store))
        while True:
            key = files.new_key("killed", "mp4")
            files.path(key).write_bytes(bytes(BYTES))
            await files.share(key)
            print(key, flush=True)


if __name__ == "__main__":
    asyncio.run(_put_for_ever(from_argument(sys.argv[1]), Path(sys.argv[2])))
