"""Kills a delivery service at random points of its fan-outs, and looks at what is left."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from bot.kit.timing.clock import SystemClock
from bot.model import Delivery, DeliveryState, StreamState
from bot.store import Store
from tests.alerts.delivery.killed_service import Arrivals
from tests.alerts.harness import AlertHarness
from tests.databases.by_path import as_argument
from tests.fakes.clock import until
from tests.fakes.sender import Memory
from tests.patience import PATIENCE

IN_FLIGHT = 8
"""What is under way at once, and so in doubt after a kill, at most."""


@dataclass(slots=True)
class Toll:
    """What the kills have cost. `in_doubt`: rows that stood in `sending`, for each kill."""

    kills: int = 0
    in_doubt: list[int] = field(default_factory=list)
    sent: int = 0
    uncertain: int = 0
    missing: int = 0
    doubled: int = 0


async def kill_often(folder: Path, memory: Memory, kills: int, targets: int, seed: int) -> Toll:
    """Go-lives for so many targets, each killed at one random point and then left to end."""
    dice = random.Random(seed)
    toll = Toll()
    database, arrivals = folder / "mintcast.db", Arrivals(folder / "arrivals")
    async with _harness(database) as harness:
        await harness.targets(targets)
    for _ in range(kills):
        async with _harness(database) as harness:
            stream = await harness.go_live()
        point = len(arrivals) + dice.randrange(targets)
        async with _process(folder, memory) as process:
            await until(partial(_has_come_to, process, arrivals, point))
            await asyncio.sleep(dice.uniform(0, 0.03))
            toll.kills += process.returncode is None
        async with _harness(database) as harness, harness.store.read() as unit:
            toll.in_doubt.append((await unit.deliveries.counts())[DeliveryState.SENDING])
        async with _process(folder, memory) as process:
            assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
        async with _harness(database) as harness, harness.store.write() as unit:
            over = replace(stream.broadcast, state=StreamState.ENDED)
            await unit.streams.update(stream.id, over)
    async with _harness(database) as harness:
        _count(toll, await harness.rows(), list(arrivals))
    assert toll.sent + toll.uncertain + toll.missing == kills * targets
    return toll


def _has_come_to(process: asyncio.subprocess.Process, arrivals: Arrivals, point: int) -> bool:
    return len(arrivals) >= point or process.returncode is not None


def _count(toll: Toll, rows: list[Delivery], arrived: list[tuple[int, str]]) -> None:
    times = Counter(f"{target_id}-{nonce}" for target_id, nonce in arrived)
    toll.doubled = sum(count > 1 for count in times.values())
    for row in rows:
        if row.state is DeliveryState.UNCERTAIN:
            toll.uncertain += 1
        elif row.state is DeliveryState.SENT and times[row.message_id or ""]:
            toll.sent += 1
        else:
            toll.missing += 1


@contextlib.asynccontextmanager
async def _harness(database: Path) -> AsyncIterator[AlertHarness]:
    """The store, while no process has it."""
    async with Store(database) as store:
        yield AlertHarness(store, database.parent / "files", SystemClock())


@contextlib.asynccontextmanager
async def _process(folder: Path, memory: Memory) -> AsyncIterator[asyncio.subprocess.Process]:
    """A life of the service; it is killed at the end of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.alerts.delivery.killed_service",
        as_argument(folder / "mintcast.db"),
        str(folder / "arrivals"),
        memory.name,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
