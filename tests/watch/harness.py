"""A watcher on the look-alike over HTTP and on a real store, with a clock that jumps."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

import base58

from bot.demo.site.server import DemoCoin, Site
from bot.kit.health import Health
from bot.kit.metrics import Metrics
from bot.kit.notifier import Notifier
from bot.kit.pictures.decoder import Decoder
from bot.kit.timing.clock import Clock
from bot.model import Address, Delivery, Person, Stream, Target
from bot.pumpfun import PumpfunClient
from bot.store import Store
from bot.watch import Rules, Watcher
from tests.fakes.clock import FakeClock

POLL = 10.0
RULES = Rules(start_grace=timedelta(seconds=60), end_grace=timedelta(seconds=300))
SOMEBODY = Person("1", "Somebody")


def mint(number: int) -> str:
    """A mint of its own for each number."""
    return base58.b58encode(hashlib.sha256(str(number).encode()).digest()).decode()


def pumpfun_at(site: Site, clock: Clock | None = None, **changes: float) -> PumpfunClient:
    """A client of the look-alike without a limit in real time: the watcher keeps its own."""
    settings = {"requests_per_second": 1e6, "group_per_minute": 6e6, "timeout": 5.0} | changes
    return PumpfunClient(
        livestream_url=site.origin,
        frontend_url=site.origin,
        livekit_url="ws://127.0.0.1:7880",
        media_hosts=[site.origin],
        decoder=Decoder(),
        clock=clock,
        **settings,  # type: ignore[arg-type]
    )


@dataclass
class WatchHarness:
    """All that a test of the watcher needs. One target, `here`, unless it asks for more."""

    site: Site
    store: Store
    pumpfun: PumpfunClient
    clock: FakeClock
    requests_per_second: float = 5.0
    health: Health = field(init=False)
    metrics: Metrics = field(init=False)
    watcher: Watcher = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """A new watcher, which remembers only what is in the store."""
        self.notifier = Notifier()
        self.health = Health(self.clock)
        self.metrics = Metrics()
        self.watcher = Watcher(
            store=self.store,
            pumpfun=self.pumpfun,
            clock=self.clock,
            notifier=self.notifier,
            health=self.health,
            metrics=self.metrics,
            rules=RULES,
            poll_seconds=POLL,
            requests_per_second=self.requests_per_second,
            dice=Random(1),
        )

    async def tick(self, times: int = 1) -> None:
        """So many polls, each after its pause."""
        for _ in range(times):
            await self.clock.advance(POLL)
            await self.watcher.tick()

    def coin(self, number: int, *, hidden: bool = False) -> DemoCoin:
        """A coin of the site, off air."""
        coin = self.site.add_coin(mint(number), f"C{number}", f"Coin {number}")
        coin.hidden_from_roster = hidden
        return coin

    async def target(self, channel: str = "here") -> Target:
        address = Address("local", "page", channel)
        async with self.store.write() as unit:
            return await unit.places.target(address, "local", self.clock.now())

    async def subscribe(self, *mints: str, channel: str = "here", checked: bool = True) -> Target:
        """The channel wants to hear of these."""
        target, now = await self.target(channel), self.clock.now()
        async with self.store.write() as unit:
            for one in mints:
                await unit.subscriptions.add(target.id, one, SOMEBODY, now)
                if checked:
                    await unit.subscriptions.confirm(one, now)
        return target

    async def live_coin(self) -> DemoCoin:
        """One that is followed, and was seen to be live."""
        coin = self.coin(1)
        await self.subscribe(coin.mint)
        coin.go_live()
        await self.tick()
        return coin

    async def stream(self, of: str) -> Stream | None:
        """The newest stream of a mint."""
        async with self.store.read() as unit:
            return await unit.streams.last_of(of)

    async def opened(self) -> dict[str, Stream]:
        async with self.store.read() as unit:
            return await unit.streams.open()

    async def owed(self, of: str, channel: str = "here") -> Delivery | None:
        """The alert of its newest stream to that channel."""
        target, stream = await self.target(channel), await self.stream(of)
        if stream is None:
            return None
        async with self.store.read() as unit:
            return await unit.deliveries.find(target.id, f"alert:{stream.id}")

    async def alerts(self) -> int:
        """How many alerts came to be owed, whatever became of them."""
        async with self.store.read() as unit:
            return sum((await unit.deliveries.counts()).values())


def asked(harness: WatchHarness, endpoint: str = "livestream") -> Callable[[], int]:
    """How many requests arrive from now on."""
    before = harness.site.count(endpoint)
    return lambda: harness.site.count(endpoint) - before


@contextlib.asynccontextmanager
async def open_harness(
    folder: Path,
    *,
    requests_per_second: float = 5.0,
    seed: int = 0,
    ahead: float = 0.0,
    **client: float,
) -> AsyncIterator[WatchHarness]:
    """Everything opened, and closed again. `ahead`: by so many seconds this machine's clock is."""
    clock = FakeClock(ahead=ahead)
    async with (
        Site(clock=clock.right, seed=seed) as site,
        Store(folder / "mintcast.db") as store,
        pumpfun_at(site, clock, **client) as pumpfun,
    ):
        yield WatchHarness(site, store, pumpfun, clock, requests_per_second)
