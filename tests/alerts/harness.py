"""A store with targets that are subscribed, coins that go live and end, and a delivery service."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.alerts import DeliveryService, Sender
from bot.clips.results import load_result
from bot.errors import PumpfunError
from bot.kit.files import Files
from bot.kit.health import Health
from bot.kit.leadership import Leadership, SoleNode
from bot.kit.metrics import Metrics
from bot.kit.notifier import DELIVERIES, Notifier
from bot.kit.timing.clock import Clock
from bot.model import (
    Address,
    Broadcast,
    Coin,
    Delivery,
    MovingPicture,
    Person,
    Picture,
    Preference,
    Priority,
    Reason,
    Scope,
    Still,
    Stream,
    StreamSnapshot,
    StreamState,
    Target,
)
from bot.store import Store
from tests.fakes.clock import settle

MINT = "9BB6NFEcjBCtnNLFko2FqVQBq8HHM13kCyYcdQbgpump"
OTHER = "So11111111111111111111111111111111111111112"
_OURS = ("delivery-", "alerts-", "picture-", "coin-")

COIN = Coin(MINT, "PUFF", "Puffer", image="http://127.0.0.1/puff.png")


def jpeg(shade: int = 200) -> Picture:
    """A small picture."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (32, 18), (shade, 10, 10)).save(out, "JPEG")
    return Picture(out.getvalue(), 32, 18)


@dataclass(slots=True)
class FakeSite:
    """Pictures of pump.fun. None of a stream: it shows none (yet); an error is raised."""

    clock: Clock
    stream_picture: Picture | PumpfunError | None = field(default_factory=jpeg)
    coin_picture: Picture | PumpfunError = field(default_factory=lambda: jpeg(90))
    latency: float = 0.0
    asked: list[str] = field(default_factory=list)
    ahead: timedelta | None = None
    """By so much its clock is; None: it has not told what it shows."""

    @property
    def site_time(self) -> datetime | None:
        return None if self.ahead is None else self.clock.now() + self.ahead

    async def thumbnail(self, stream: StreamSnapshot) -> Picture | None:
        self.asked.append(f"thumbnail {stream.mint}")
        await self.clock.sleep(self.latency)
        if isinstance(self.stream_picture, PumpfunError):
            raise self.stream_picture
        return self.stream_picture

    async def picture(self, url: str) -> Picture:
        self.asked.append(f"picture {url}")
        if isinstance(self.coin_picture, PumpfunError):
            raise self.coin_picture
        return self.coin_picture


@dataclass(slots=True)
class FakeLivePictures:
    """Pictures of what is on air, `behind` seconds late. None: there is none to be had."""

    clock: Clock
    picture: Picture | None = None
    behind: float = 14.0
    latency: float = 0.0
    asked: int = 0
    clip: bytes | None = None
    asked_moving: int = 0

    async def moving(self, stream: Stream) -> MovingPicture | None:
        self.asked_moving += 1
        await self.clock.sleep(self.latency)
        shows_at = self.clock.now() - timedelta(seconds=self.behind)
        if self.clip is None:
            return None
        return MovingPicture(self.clip, 4.0, 640, 360, shows_at)

    async def still(self, stream: Stream) -> Still | None:
        self.asked += 1
        await self.clock.sleep(self.latency)
        shows_at = self.clock.now() - timedelta(seconds=self.behind)
        return Still(self.picture, shows_at) if self.picture is not None else None


def unreachable() -> PumpfunError:
    """pump.fun is away."""
    return PumpfunError(Reason.UNREACHABLE)


class AlertHarness:
    """What a test plays with. `start` begins a run of the service, `kill` ends it at once."""

    def __init__(
        self, store: Store, folder: Path, clock: Clock, *senders: Sender, life: int = 0
    ) -> None:
        self.store = store
        self.clock = clock
        self.files = Files(folder)
        self.site = FakeSite(clock)
        self.live = FakeLivePictures(clock)
        self.notifier = Notifier()
        self.health = Health(clock)
        self.metrics = Metrics()
        self.senders = {sender.name: sender for sender in senders}
        self.shrink = self.cannot_shrink
        self.leadership: Leadership = SoleNode()
        self.service = self._make_service(life)
        self._lives = life
        self._running: asyncio.Task[None] | None = None

    def _make_service(self, life: int) -> DeliveryService:
        return DeliveryService(
            store=self.store,
            senders=self.senders,
            files=self.files,
            pumpfun=self.site,
            live=self.live,
            clock=self.clock,
            notifier=self.notifier,
            health=self.health,
            metrics=self.metrics,
            leadership=self.leadership,
            worker_id=f"test-{life}",
            read_clip=load_result,
            shrink=lambda job_id, max_bytes: self.shrink(job_id, max_bytes),
        )

    async def cannot_shrink(self, job_id: int, max_bytes: int) -> bool:
        """No clip can be made smaller, unless the test puts something else in place of this."""
        return False

    @property
    def is_running(self) -> bool:
        """Whether a life has begun and not ended."""
        return self._running is not None and not self._running.done()

    async def start(self) -> None:
        """A new life."""
        self._lives += 1
        self.service = self._make_service(self._lives)
        self._running = asyncio.create_task(self.service.run(), name="service")
        await settle()

    async def kill(self) -> None:
        """As a crash would: what is under way is cut off, and nothing is written any more."""
        if self._running is None:
            return
        while not self._running.done():  # again and again: the first only asks it to end nicely
            self._running.cancel()
            await asyncio.sleep(0)
        if not self._running.cancelled():
            self._running.result()
        self._running = None
        # What a run that is allowed to end awaits by itself.
        left = [task for task in asyncio.all_tasks() if task.get_name().startswith(_OURS)]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """One life."""
        await self.start()
        try:
            yield
        finally:
            await self.kill()

    # Rows

    async def targets(
        self,
        count: int = 1,
        mint: str = MINT,
        sender: str = "fake",
        first: int = 0,
        place: str = "place",
    ) -> list[Target]:
        """So many channels of one place, subscribed to the coin."""
        now = self.clock.now()
        async with self.store.write() as unit:
            await unit.coins.put(replace(COIN, mint=mint))
            made = []
            for number in range(first, first + count):
                address = Address(sender, place, f"channel-{number}", "Place", f"#ch-{number}")
                target = await unit.places.target(address, sender, now)
                await unit.subscriptions.add(target.id, mint, Person("p1", "Ann"), now)
                made.append(target)
        return made

    async def prefer(
        self, name: Preference, value: str, target: Target, scope: Scope = Scope.TARGET
    ) -> None:
        """Choose something."""
        owner_id = target.id if scope is Scope.TARGET else target.place_id
        async with self.store.write() as unit:
            await unit.preferences.set(scope, owner_id, name, value)

    async def go_live(
        self, mint: str = MINT, *, silent: bool = False, told: bool = True, **other: object
    ) -> Stream:
        """As watch does: the stream and what it owes, in one transaction; then all are `told`."""
        now = self.clock.now()
        broadcast = Broadcast(
            StreamState.LIVE,
            first_seen_at=now,
            last_seen_at=now,
            site_id=1,
            started_at=now - timedelta(seconds=20),
            announced_at=now,
            title="Puffing all day",
            viewers=12,
            peak_viewers=12,
            thumbnail="http://127.0.0.1/thumb.jpg",
        )
        broadcast = replace(broadcast, **other)  # type: ignore[arg-type]
        async with self.store.write() as unit:
            stream_id = await unit.streams.insert(mint, broadcast)
            await unit.deliveries.owe_alerts(stream_id, now, silent=silent)
        if told:
            self.notifier.notify(DELIVERIES)
            await settle()
        return Stream(stream_id, mint, broadcast)

    async def change(
        self, stream: Stream, state: StreamState | None = None, **changes: object
    ) -> Stream:
        """The stream pauses, returns, ends, or shows other figures."""
        now = self.clock.now()
        old = stream.broadcast
        state = state or old.state
        broadcast = replace(old, state=state, **changes)  # type: ignore[arg-type]
        if state is StreamState.LIVE:
            broadcast = replace(broadcast, last_seen_at=now)
        async with self.store.write() as unit:
            await unit.streams.update(stream.id, broadcast)
            if state is StreamState.ENDED:
                await unit.deliveries.drop_unsent(stream.id, "ended-first", now)
                await unit.deliveries.raise_wanted(stream.id, now, Priority.END)
            elif state is not old.state:
                await unit.deliveries.raise_wanted(stream.id, now, Priority.CHANGE)
        self.notifier.notify(DELIVERIES)
        await settle()
        return replace(stream, broadcast=broadcast)

    async def rows(self) -> list[Delivery]:
        """Every delivery, by id."""
        found: list[Delivery] = []
        async with self.store.read() as unit:
            while (row := await unit.deliveries.get(len(found) + 1)) is not None:
                found.append(row)
        return found

    async def alert_to(self, target: Target, stream: Stream) -> Delivery:
        """The alert that the target is owed."""
        async with self.store.read() as unit:
            row = await unit.deliveries.find(target.id, f"alert:{stream.id}")
        assert row is not None
        return row

    async def target(self, target: Target) -> Target:
        """As it is now."""
        async with self.store.read() as unit:
            row = await unit.places.by_id(target.id)
        assert row is not None
        return row
