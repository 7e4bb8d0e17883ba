"""A service that is killed: a real store and delivery service, and a platform that outlives it.

`python -m tests.alerts.delivery.killed_service DATABASE ARRIVALS MEMORY` delivers all that is owed,
and ends. The platform's side of the world is the file `ARRIVALS`: a line for each message that
arrived, on disk before the sender has its answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bot.alerts import Found, Settled
from bot.kit.rate_limits import RateLimits
from bot.kit.timing.clock import SystemClock
from bot.model import Message, Target
from bot.store import PostgresAddress, Store
from tests.alerts.harness import AlertHarness
from tests.databases.by_path import from_argument
from tests.fakes.sender import DEDUPING, NONCE_LIVES, Memory

NAME = "fake"
_UNDER_WAY = ("due", "claimed", "sending")


class Arrivals:
    """The file. A process that is killed while it writes leaves a whole line or none."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, target_id: int, nonce: str) -> None:
        """It arrived, whatever becomes of us now."""
        line = json.dumps([target_id, nonce]).encode() + b"\n"
        with self._path.open("ab", buffering=0) as file:
            file.write(line)
            os.fsync(file.fileno())

    def __iter__(self) -> Iterator[tuple[int, str]]:
        if self._path.exists():
            for line in self._path.read_text().splitlines():
                target_id, nonce = json.loads(line)
                yield target_id, nonce

    def __len__(self) -> int:
        return self._path.read_bytes().count(b"\n") if self._path.exists() else 0


class FileSender:
    """Posts into the file; the ways there and back take a few milliseconds each."""

    name = NAME

    def __init__(self, arrivals: Arrivals, memory: Memory) -> None:
        self.rate_limits = RateLimits.unlimited(SystemClock())
        self._arrivals = arrivals
        self._memory = memory
        self._known = set(arrivals)

    async def send(
        self, target: Target, message: Message, *, nonce: str, reply_to: str | None = None
    ) -> str:
        await asyncio.sleep(random.uniform(0, 0.02))
        is_known = (target.id, nonce) in self._known
        if not (is_known and self._memory in DEDUPING):
            self._arrivals.add(target.id, nonce)
            self._known.add((target.id, nonce))
        await asyncio.sleep(random.uniform(0, 0.02))
        return f"{target.id}-{nonce}"

    async def edit(self, target: Target, message_id: str, message: Message) -> None:
        await asyncio.sleep(random.uniform(0, 0.01))

    async def delete(self, target: Target, message_id: str) -> None:
        raise NotImplementedError

    async def settle(
        self, target: Target, nonce: str, *, begun: datetime, reply_to: str | None = None
    ) -> Found | Settled:
        if self._memory in DEDUPING and SystemClock().now() - begun < NONCE_LIVES:
            return Settled.REPEATABLE
        if self._memory is Memory.BLIND:
            return Settled.UNCERTAIN
        there = (target.id, nonce) in self._known
        return Found(f"{target.id}-{nonce}") if there else Settled.NOT_THERE


async def live(database: Path | PostgresAddress, arrivals: Path, memory: Memory) -> None:
    """Until nothing is owed any more."""
    clock = SystemClock()
    async with Store(database) as store:
        sender = FileSender(Arrivals(arrivals), memory)
        harness = AlertHarness(store, arrivals.parent / "files", clock, sender, life=os.getpid())
        run = asyncio.create_task(harness.service.run(), name="service")
        while not run.done():
            async with store.read() as unit:
                counts = await unit.deliveries.counts()
            if not any(counts[state] for state in _UNDER_WAY):
                break
            await asyncio.sleep(0.05)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(live(from_argument(sys.argv[1]), Path(sys.argv[2]), Memory[sys.argv[3]]))
