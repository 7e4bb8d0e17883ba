"""What the database keeps of who won which lease when."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from bot.store import PostgresAddress
from tests.databases.postgres import Cluster

HISTORY = "SELECT name, epoch, holder, won_at, last_until FROM lease_history ORDER BY name, epoch"


async def history_is_consistent(server: Cluster, address: PostgresAddress) -> int:
    """Each lease had one holder at a time: its epochs count up by one, and none was won before the
    term of another holder was over. How many there were."""
    name = address.url.rpartition("/")[2]
    rows = await asyncio.to_thread(server.fetch, HISTORY, (), name)
    for before, after in pairwise(rows):
        if before[0] != after[0]:
            continue
        assert after[1] == before[1] + 1, (before, after)
        assert after[3] >= after[4] or after[2] == before[2], (before, after)
    return len(rows)
