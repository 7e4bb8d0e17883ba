"""A clip service on a real database and real files; time and recordings are the test's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot.clips import ClipRetention, ClipService, Rules
from bot.clips.job_context import Site
from bot.clips.sources import ClipSources
from bot.kit.files import Files
from bot.kit.health import Health
from bot.kit.metrics import Metrics
from bot.kit.notifier import JOBS, Notifier, job_topic
from bot.kit.timing.clock import Clock
from bot.model import Address, ClipJob, ClipOrder, Delivery, Person, SourceName, Window
from bot.store import Store
from tests.fakes.clip_sources import FakeSite, FakeSource
from tests.fakes.clock import FakeClock, settle
from tests.fakes.rings import FakeRings, padded_clip_keeper

MINT = "MintyMintyMintyMintyMintyMintyMintyMintyMinty"
RULES = Rules(keep=timedelta(hours=72), most_bytes=1 << 30, least_free=0)


@dataclass
class ServiceHarness:
    """Everything that `ClipService` is given. `service()` is one life of it."""

    store: Store
    files: Files
    sources: ClipSources
    site: Site
    time: Clock = field(default_factory=FakeClock)
    rules: Rules = RULES
    notifier: Notifier = field(default_factory=Notifier)
    metrics: Metrics = field(default_factory=Metrics)
    health: Health = field(init=False)
    rings: FakeRings = field(default_factory=FakeRings)
    asked: int = 0
    is_steady: bool = True

    def __post_init__(self) -> None:
        self.health = Health(self.time)
        self.site_time: Callable[[], datetime | None] = self.time.now

    @property
    def clock(self) -> FakeClock:
        """The test's own."""
        assert isinstance(self.time, FakeClock)
        return self.time

    @property
    def clip_retention(self) -> ClipRetention:
        """Tidies the folder."""
        return ClipRetention(
            store=self.store,
            files=self.files,
            clock=self.time,
            notifier=self.notifier,
            site_time=self.site_time,
            health=self.health,
            rules=self.rules,
        )

    def service(self, *, worker_id: str = "one", concurrent: int = 2) -> ClipService:
        """A service that has not begun to run."""
        return ClipService(
            store=self.store,
            sources=self.sources,
            site=self.site,
            files=self.files,
            clip_retention=self.clip_retention,
            padded_clips=padded_clip_keeper(
                self.store, self.files, self.clip_retention, self.time, self.rings
            ),
            clock=self.time,
            notifier=self.notifier,
            health=self.health,
            metrics=self.metrics,
            worker_id=worker_id,
            concurrent=concurrent,
            max_height=720,
            is_steady=lambda: self.is_steady,
        )

    @contextlib.asynccontextmanager
    async def running(
        self, *, worker_id: str = "one", concurrent: int = 2
    ) -> AsyncIterator[ClipService]:
        """A life from its recovery to its stop; what went wrong in it is raised."""
        service = self.service(worker_id=worker_id, concurrent=concurrent)
        await service.recover()
        life = asyncio.create_task(service.run(), name="clip-service")
        if isinstance(self.time, FakeClock):
            await settle()
        try:
            yield service
        finally:
            life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await life

    async def ask(
        self, channel: str = "general", seconds: float = 10.0, **changes: object
    ) -> ClipJob:
        """A new request, and what comes of it as far as it comes by itself."""
        job = await self.add(channel, seconds, **changes)
        await settle()
        return job

    async def add(
        self, channel: str = "general", seconds: float = 10.0, **changes: object
    ) -> ClipJob:
        """A new request out of a channel, as a command makes it: for the next seconds of `MINT`."""
        self.asked += 1
        now = self.time.now()
        async with self.store.write() as unit:
            target = await unit.places.target(Address("local", "page", channel), "local", now)
            values: dict[str, object] = {
                "request_key": f"local:{self.asked}",
                "place_id": target.place_id,
                "target_id": target.id,
                "mint": MINT,
                "person": Person("7", "Ann"),
                "seconds": seconds,
                "window": Window.after(now, seconds),
                "max_bytes": 1 << 20,
                "asked_at": now,
                "reply_to": f"m{self.asked}",
            }
            values["is_ahead"] = "window" not in changes
            order = ClipOrder(**{**values, **changes})  # type: ignore[arg-type]
            job, _ = await unit.jobs.add(order, now)
        self.notifier.notify(JOBS)
        return job

    async def cancel(self, job: ClipJob) -> bool:
        """As the button does: through the row."""
        async with self.store.write() as unit:
            is_new = await unit.jobs.request_cancel(job.id)
        self.notifier.notify(job_topic(job.leader_id or job.id))
        return is_new

    async def delete(self, job: ClipJob) -> bool:
        """As when it was deleted by the button, and can no longer be undone."""
        async with self.store.write() as unit:
            await unit.jobs.delete(job.id)
        return await self.clip_retention.delete(job.id)

    async def row(self, job: ClipJob) -> ClipJob:
        """The job as it is now."""
        async with self.store.read() as unit:
            row = await unit.jobs.get(job.id)
        assert row is not None
        return row

    async def rows(self, *jobs: ClipJob) -> list[ClipJob]:
        """The same of several."""
        return [await self.row(job) for job in jobs]

    async def owed(self) -> dict[int, Delivery]:
        """What is owed, by job, claimed for good."""
        async with self.store.write() as unit:
            claimed: list[Delivery] = []
            while more := await unit.deliveries.claim("local", "test", 100, self.time.now()):
                claimed += more
                for delivery in more:
                    await unit.deliveries.mark_dead(delivery, "seen", self.time.now())
        assert all(delivery.job_id is not None for delivery in claimed)
        return {delivery.job_id or 0: delivery for delivery in claimed}

    def names(self) -> list[str]:
        """What is in the folder."""
        folder = self.files.folder
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def counted(self, outcome: str) -> float:
        """How many clips the metrics have of that outcome."""
        return (
            self.metrics.registry.get_sample_value("mintcast_clips_total", {"outcome": outcome})
            or 0.0
        )


class TightFiles(Files):
    """A disk that has room for so many bytes and no more."""

    room = 0

    async def free_bytes(self) -> int:
        self.folder.mkdir(exist_ok=True)
        return self.room - sum(path.stat().st_size for path in self.folder.iterdir())


@dataclass
class ClipHarness(ServiceHarness):
    """With a ring that has nothing at hand until the test says so, a room, and what has been
    `fetched` of the site's own."""

    sources: ClipSources = field(init=False)
    site: FakeSite = field(default_factory=FakeSite)
    ring: FakeSource = field(default_factory=lambda: FakeSource(SourceName.RING))
    padded_clip: FakeSource = field(default_factory=lambda: FakeSource(SourceName.PADDED_CLIP))
    room: FakeSource = field(default_factory=FakeSource)
    fetched: FakeSource = field(default_factory=lambda: FakeSource(SourceName.SITE))

    def __post_init__(self) -> None:
        super().__post_init__()
        self.sources = ClipSources(
            [self.ring],
            self.room,
            lambda _: self.ring.at_hand,
            around=[self.padded_clip],
            site=self.fetched,
        )


@contextlib.asynccontextmanager
async def clip_harness(folder: Path) -> AsyncIterator[ClipHarness]:
    """One with fake sources and a fake site, in a new database."""
    async with Store(folder / "mintcast.db") as store:
        yield ClipHarness(store, Files(folder / "clips"))
