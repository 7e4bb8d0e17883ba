"""What polling costs, and how soon an alert is owed. Used by `make soak` and `make bench`.

The site runs on a thread of its own, so that its share of the CPU can be told from ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.demo.site.server import Site
from bot.kit.health import Health
from bot.kit.metrics import Metrics
from bot.kit.notifier import DELIVERIES, Notifier
from bot.kit.timing.clock import Clock, SystemClock
from bot.kit.timing.schedule import Schedule
from bot.model import Address, Broadcast, StreamState
from bot.pumpfun import PumpfunClient
from bot.store import Store
from bot.watch import Watcher
from tests.fakes.clock import FakeClock
from tests.patience import PATIENCE
from tests.watch.harness import POLL, RULES, SOMEBODY, mint, pumpfun_at


@dataclass(frozen=True, slots=True)
class Cost:
    """Of so many simulated seconds."""

    subscriptions: int
    live: int
    seconds: float
    requests_per_second: float
    cpu_percent: float
    """Of one core: the watcher, its HTTP and its database."""
    tick_cpu_seconds: float
    rotation_seconds: float

    def line(self) -> str:
        return (
            f"{self.subscriptions} subscriptions, {self.live} live: "
            f"{self.requests_per_second:.2f} requests/s, {self.cpu_percent:.2f} % of a core "
            f"({1000 * self.tick_cpu_seconds:.0f} ms a tick), a hidden coin is found within "
            f"{self.rotation_seconds / 60:.0f} min"
        )


@dataclass(frozen=True, slots=True)
class Delay:
    """In real time: from the site showing a stream to its alert being owed, in seconds."""

    poll_seconds: float
    seconds: tuple[float, ...]

    @property
    def worst(self) -> float:
        return max(self.seconds)

    def line(self) -> str:
        each = ", ".join(f"{one:.1f}" for one in self.seconds)
        return f"alert owed after {each} s at a poll of {self.poll_seconds:g} s"


@contextlib.contextmanager
def site_on_a_thread(now: Callable[[], datetime]) -> Iterator[tuple[Site, Callable[[], float]]]:
    """A served site, and the CPU seconds that it has used."""
    ready, over, site = threading.Event(), threading.Event(), Site(clock=now)

    async def serve() -> None:
        async with site:
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="site")
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        assert thread.ident is not None
        clock = time.pthread_getcpuclockid(thread.ident)
        yield site, lambda: time.clock_gettime(clock)
    finally:
        over.set()
        thread.join(PATIENCE)


async def fill(store: Store, site: Site, now: datetime, subscriptions: int, live: int) -> None:
    """So many coins with a subscription each; the first `live` are on air and known to be."""
    async with store.write() as unit:
        target = await unit.places.target(Address("local", "page", "page"), "local", now)
        for number in range(subscriptions):
            await unit.subscriptions.add(target.id, mint(number), SOMEBODY, now)
            await unit.subscriptions.confirm(mint(number), now)
        for number in range(live):
            on_air = site.add_coin(mint(number), f"C{number}").go_live(viewers=number)
            broadcast = Broadcast(
                StreamState.LIVE, now, now, on_air.stream_id, on_air.started_at, announced_at=now
            )
            await unit.streams.insert(mint(number), broadcast)
        for number in range(live, live + 100):
            site.add_coin(mint(number), f"C{number}")


@contextlib.asynccontextmanager
async def watching(
    store: Store, pumpfun: PumpfunClient, clock: Clock, notifier: Notifier
) -> AsyncIterator[Watcher]:
    yield Watcher(
        store=store,
        pumpfun=pumpfun,
        clock=clock,
        notifier=notifier,
        health=Health(clock),
        metrics=Metrics(),
        rules=RULES,
        poll_seconds=POLL,
        requests_per_second=5.0,
    )


async def poll_cost(
    folder: Path, *, subscriptions: int = 10_000, live: int = 200, ticks: int = 60
) -> Cost:
    """The cost of `ticks` polls, in simulated time."""
    clock = FakeClock()
    with site_on_a_thread(clock.now) as (site, site_cpu):
        async with (
            Store(folder / "cost.db") as store,
            pumpfun_at(site) as pumpfun,
            watching(store, pumpfun, clock, Notifier()) as watcher,
        ):
            await fill(store, site, clock.now(), subscriptions, live)
            await watcher.tick()
            requests, used = site.count(), 0.0
            for _ in range(ticks):
                await clock.advance(POLL)
                before = time.process_time() - site_cpu()
                await watcher.tick()
                used += time.process_time() - site_cpu() - before
            seconds = ticks * POLL
            return Cost(
                subscriptions,
                live,
                seconds,
                (site.count() - requests) / seconds,
                100 * used / seconds,
                used / ticks,
                watcher.rotation_seconds,
            )


async def alert_delay(
    folder: Path, *, subscriptions: int = 10_000, live: int = 200, rounds: int = 5
) -> Delay:
    """Real polls at the real rate, with coins that go live at other moments of a poll each."""
    clock, notifier = SystemClock(), Notifier()
    seconds: list[float] = []
    with site_on_a_thread(clock.now) as (site, _):
        async with (
            Store(folder / "delay.db") as store,
            pumpfun_at(site, requests_per_second=5.0, group_per_minute=50.0) as pumpfun,
            watching(store, pumpfun, clock, notifier) as watcher,
        ):
            await fill(store, site, clock.now(), subscriptions, live)
            async with Schedule(Health(clock)) as schedule:
                schedule.every(POLL, "watch", watcher.tick, jitter=0.5)
                await clock.sleep(POLL)
                for number in range(live, live + rounds):
                    await clock.sleep(POLL * ((number * 0.37) % 1))
                    seconds.append(await _owed_after(site, store, notifier, mint(number)))
    return Delay(POLL, tuple(seconds))


async def _owed_after(site: Site, store: Store, notifier: Notifier, coin: str) -> float:
    began = time.monotonic()
    with notifier.listening(DELIVERIES) as woken:
        site.coins[coin].go_live()
        while True:
            woken.clear()
            async with store.read() as unit:
                if await unit.streams.open_of(coin) is not None:
                    return time.monotonic() - began
            await woken.wait()
