"""The children that captures are compared with: the naive recorder and the bare sum."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

from bot.clips.encoding import Rate
from bot.demo.broadcast.options import Options
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from bot.kit.processes.child import Child
from tests.bench.meters import cpu_share


class NaiveRun:
    """A naive recording under way."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self.pid = child.pid

    async def done(self) -> None:
        """Wait for its file."""
        await _expect(self._child, "done")


@contextlib.asynccontextmanager
async def naive(
    world: World, coin: DemoCoin, rate: Rate, seconds: float, path: Path
) -> AsyncIterator[NaiveRun]:
    """The naive recorder in `coin`'s room; it has its first picture."""
    child = await Child.spawn("tests.bench.naive")
    try:
        token = world.server.token(coin.room, "naive")
        await child.send(
            *("record",),
            url=world.server.url,
            token=token,
            seconds=seconds,
            path=str(path),
            rate=asdict(rate),
        )
        await _expect(child, "first")
        yield NaiveRun(child)
    finally:
        await child.stop()


async def draining(world: World, coin: DemoCoin, seconds: float) -> float:
    """CPU seconds for each second of a child that receives everything and uses none of it."""
    child = await Child.spawn("tests.bench.drain")
    try:
        token = world.server.token(coin.room, "drain")
        await child.send("watch", url=world.server.url, token=token)
        await _expect(child, "watching")
        return await cpu_share(child.pid, seconds)
    finally:
        await child.stop()


async def bare_sum(options: Options, rate: Rate, seconds: int, *, paced: bool) -> dict[str, float]:
    """CPU seconds of each part of the bare sum for a second of media."""
    child = await Child.spawn("tests.bench.bare")
    try:
        await child.send(
            "measure", options=options.spoken(), rate=asdict(rate), seconds=seconds, paced=paced
        )
        return await _expect(child, "measured")
    finally:
        await child.stop()


async def _expect(child: Child, name: str) -> dict[str, float]:
    event = await child.next_event()
    assert event is not None, child.last_words
    assert event.pop("event") == name
    return event
