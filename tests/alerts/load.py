"""How much the delivery service and its store bear, in figures, for the soak and for the bench."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

from bot.kit.notifier import DELIVERIES
from bot.kit.processes.own_process import settle
from bot.kit.rate_limits import RateLimits
from bot.kit.timing.clock import SystemClock
from bot.model import Broadcast, Stream, StreamState
from bot.store import Store
from tests.alerts.harness import MINT, OTHER, AlertHarness
from tests.fakes.clock import until
from tests.fakes.sender import FakeSender
from tests.store import raw_sql

BURST = 10


@dataclass(frozen=True, slots=True)
class FanOut:
    """A go-live of a coin with `targets`. `commit_seconds`: until what each is owed is committed.
    `worst_lag`: the longest that the event loop was held meanwhile, in seconds."""

    targets: int
    commit_seconds: float
    worst_lag: float


@dataclass(frozen=True, slots=True)
class Dispatch:
    """`messages` through rate limits of `allowed` a second. `share` of what was allowed went out,
    counted from the first message to the last. `worst_lag` as above; `cpu_share` of a core."""

    messages: int
    allowed: float
    share: float
    worst_lag: float
    cpu_share: float


@dataclass(slots=True)
class Lag:
    """How late the loop was at worst, in seconds."""

    worst: float = 0.0


@contextlib.asynccontextmanager
async def watching_the_loop() -> AsyncIterator[Lag]:
    """Somebody who wants to run every 5 ms, and notes by how much that fails."""
    lag = Lag()

    async def watch() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            lag.worst = max(lag.worst, time.perf_counter() - before - 0.005)

    task = asyncio.create_task(watch(), name="lag")
    try:
        yield lag
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def subscribed_harness(
    targets: int, rate_limits: RateLimits | None, latency: float
) -> AsyncIterator[AlertHarness]:
    """A harness on the real clock, with everybody subscribed; its service is not running."""
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as folder:
        async with Store(Path(folder, "mintcast.db")) as store:
            sender = FakeSender(clock, rate_limits=rate_limits, latency=latency)
            harness = AlertHarness(store, Path(folder, "files"), clock, sender)
            for first in range(0, targets, 500):
                await harness.targets(min(500, targets - first), first=first)
            yield harness


async def fan_out(targets: int, old: int = 0) -> FanOut:
    """One go-live for so many, where `old` alerts of earlier streams are kept."""
    async with subscribed_harness(targets, None, 0.0) as harness, watching_the_loop() as lag:
        for _ in range(old // targets):
            await _was_live(harness)
        lag.worst, began = 0.0, time.perf_counter()
        await _go_live(harness)
        return FanOut(targets, time.perf_counter() - began, lag.worst)


async def dispatch(
    per_second: float, seconds: float, latency: float = 0.1, targets: int | None = None
) -> Dispatch:
    """The messages of so many `seconds`, each answered after `latency`, where so many `targets`
    (else just as many as there are messages) are owed one."""
    count = round(per_second * seconds)
    rate_limits = RateLimits(SystemClock(), per_second=per_second, burst=BURST)
    async with subscribed_harness(targets or count, rate_limits, latency) as harness:
        (sender,) = harness.senders.values()
        assert isinstance(sender, FakeSender)
        await harness.targets(2, mint=OTHER)
        run = asyncio.create_task(harness.service.run(), name="service")
        try:
            await _go_live(harness, OTHER)  # what a service does only once is done by then
            await until(lambda: len(sender.posts) == 2)
            sender.calls.clear()
            settle()
            async with watching_the_loop() as lag:
                began, used = time.perf_counter(), time.process_time()
                await _go_live(harness)
                await until(lambda: len(_sends(sender)) >= count, within=3 * seconds + 10)
                cpu = (time.process_time() - used) / (time.perf_counter() - began)
            times = _sends(sender)[:count]
        finally:
            gc.unfreeze()
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)
    least = (count - BURST) / per_second
    return Dispatch(count, per_second, least / (times[-1] - times[0]), lag.worst, cpu)


async def claim_and_mark(messages: int) -> float:
    """Of deliveries to a platform that takes all of them at once: how many a second."""
    async with subscribed_harness(messages, None, 0.0) as harness:
        (sender,) = harness.senders.values()
        assert isinstance(sender, FakeSender)
        await _go_live(harness)
        run = asyncio.create_task(harness.service.run(), name="service")
        try:
            await until(lambda: len(sender.posts) == messages, within=600)
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)
        times = _sends(sender)
        return (messages - 1) / (times[-1] - times[0])


def _sends(sender: FakeSender) -> list[float]:
    return [call.at for call in sender.calls if call.method == "send"]


async def _was_live(harness: AlertHarness) -> None:
    """A stream that is over, and whose alerts have all arrived."""
    stream = await _go_live(harness)
    over = replace(stream.broadcast, state=StreamState.ENDED, ended_at=harness.clock.now())
    async with harness.store.write() as unit:
        await unit.streams.update(stream.id, over)
    sent = "UPDATE deliveries SET state = 'sent', shown = wanted, message_id = 'm', attempts = 1"
    raw_sql.write(harness.store.name, f"{sent} WHERE stream_id = {stream.id}")


async def _go_live(harness: AlertHarness, mint: str = MINT) -> Stream:
    """What watch does in one transaction."""
    now = harness.clock.now()
    broadcast = Broadcast(StreamState.LIVE, now, now, 1, started_at=now, announced_at=now)
    async with harness.store.write() as unit:
        stream_id = await unit.streams.insert(mint, broadcast)
        await unit.deliveries.owe_alerts(stream_id, now, silent=False)
    harness.notifier.notify(DELIVERIES)
    return Stream(stream_id, mint, broadcast)
