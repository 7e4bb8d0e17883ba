"""Commands on a real database, with somebody who types; time, pump.fun and the chat are fakes."""

from __future__ import annotations

import io
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from bot.clips import ClipRetention, Rules
from bot.commands import CommandService, Limits, Request
from bot.errors import MintcastError
from bot.kit.files import Files
from bot.kit.health import Health
from bot.kit.notifier import Notifier
from bot.model import (
    Address,
    Broadcast,
    ClipJob,
    Coin,
    Delivery,
    Person,
    StreamState,
    Target,
)
from bot.store import Store
from tests.fakes.chat import FakeCaller, FakeReply, channel
from tests.fakes.clock import FakeClock
from tests.fakes.lookback import FakeLookback
from tests.fakes.pumpfun import FakePumpfun, FakeWatch
from tests.patience import PATIENCE
from tests.pumpfun.samples import MINT, OTHER_MINT

ADA = Person("7", "Ada")
BEN = Person("8", "Ben")
HERE = channel()
ELSEWHERE = channel("news")
FAR_AWAY = channel("general", "200")
THIRD_MINT = "So11111111111111111111111111111111111111112"
KEEP = Rules(keep=timedelta(hours=72), most_bytes=1 << 30, least_free=0)


@dataclass
class CommandHarness:
    """`say` types, `press` presses; both return the reply that was shown."""

    store: Store
    files: Files
    clock: FakeClock = field(default_factory=FakeClock)
    notifier: Notifier = field(default_factory=Notifier)
    limits: Limits = field(default_factory=Limits)
    is_node: bool = False
    pumpfun: FakePumpfun = field(init=False)
    watch: FakeWatch = field(init=False)
    lookback: FakeLookback = field(init=False)
    service: CommandService = field(init=False)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    lives: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.pumpfun = FakePumpfun(self.clock)
        self.watch = FakeWatch(self.clock)
        self.lookback = FakeLookback(self.clock)
        self.pumpfun.know(MINT, "MINTY", "Minty coin")
        self.pumpfun.know(OTHER_MINT, "OTHER", "Other one")
        self.pumpfun.know(THIRD_MINT, "THIRD", "Third one")
        self.service = self.fresh(self.limits)

    def fresh(self, limits: Limits | None = None, **changes: Any) -> CommandService:
        """Other commands on the same rows: after a restart, or under other limits."""
        parts: dict[str, Any] = {
            "store": self.store,
            "watch": self.watch,
            "pumpfun": self.pumpfun,
            "lookback": self.lookback,
            "clips": self.clip_retention(),
            "files": self.files,
            "clock": self.clock,
            "notifier": self.notifier,
            "limits": replace(limits or self.limits, store_seconds=PATIENCE),
            "version": "1.2.3",
            "worker_id": f"life-{next(self.lives)}",
            "is_node": self.is_node,
        }
        return CommandService(**(parts | changes))

    def clip_retention(self) -> ClipRetention:
        """What keeps the clips."""
        return ClipRetention(
            store=self.store,
            files=self.files,
            clock=self.clock,
            notifier=self.notifier,
            site_time=self.clock.now,
            health=Health(self.clock),
            rules=KEEP,
        )

    def request(
        self,
        *,
        who: Person = ADA,
        where: Address = HERE,
        manages: bool | MintcastError = True,
        message_id: str | None = None,
        request_id: str | None = None,
        has_roles: bool = True,
        **more: Any,
    ) -> tuple[Request, FakeReply]:
        """A request of its own, unless it is given the id of another."""
        reply = FakeReply(request_id or f"r{next(self.numbers)}")
        request = Request(
            address=where,
            sender="fake",
            caller=FakeCaller(who, manages),
            reply=reply,
            message_id=message_id,
            has_roles=has_roles,
            **more,
        )
        return request, reply

    async def say(self, text: str, **about: Any) -> FakeReply:
        """Type a line."""
        request, reply = self.request(**about)
        await self.service.run(request, text)
        return reply

    async def press(self, action: str, **about: Any) -> FakeReply:
        """Press a button with that action."""
        request, reply = self.request(**about)
        await self.service.press(request, action)
        return reply

    async def target(self, where: Address = HERE) -> Target:
        """The target's row, made if need be."""
        async with self.store.write() as unit:
            return await unit.places.target(where, "fake", self.clock.now())

    async def follow(self, mint: str = MINT, where: Address = HERE, who: Person = ADA) -> None:
        """A subscription, without asking anybody."""
        target = await self.target(where)
        async with self.store.write() as unit:
            await unit.subscriptions.add(target.id, mint, who, self.clock.now())
            await unit.coins.put(self.pumpfun.coins.get(mint) or Coin(mint))
            await unit.subscriptions.confirm(mint, self.clock.now())

    async def go_live(
        self, mint: str = MINT, state: StreamState = StreamState.LIVE, **changes: Any
    ) -> int:
        """The watcher sees it: a stream's row, announced to whoever follows. Its id."""
        now = self.clock.now()
        facts: dict[str, Any] = {
            "state": state,
            "first_seen_at": now,
            "last_seen_at": now,
            "site_id": 1,
            "started_at": now,
            "announced_at": None if state is StreamState.STARTING else now,
            "title": "hello",
            "viewers": 26,
        }
        async with self.store.write() as unit:
            stream_id = await unit.streams.insert(mint, Broadcast(**(facts | changes)))
            if state is not StreamState.STARTING:
                await unit.deliveries.owe_alerts(stream_id, now, silent=False)
        return stream_id

    async def put_picture(self, stream_id: int) -> str:
        """A small JPEG as the picture of that stream; its key."""
        picture = io.BytesIO()
        Image.new("RGB", (64, 36), "red").save(picture, "JPEG")
        key = await self.files.put_picture(picture.getvalue())
        async with self.store.write() as unit:
            await unit.streams.set_picture(stream_id, key)
        return key

    async def disable(self, reason: str = "forbidden", where: Address = HERE) -> None:
        """Nothing can be posted there."""
        target = await self.target(where)
        async with self.store.write() as unit:
            await unit.places.disable(target.id, reason, self.clock.now())

    async def show_all(self, prefix: str = "alert", sender: str = "fake") -> list[Delivery]:
        """What a dispatcher does: everything that is owed is posted, as `<prefix>-<number>`."""
        posted: list[Delivery] = []
        now = self.clock.now()
        while True:
            async with self.store.write() as unit:
                claimed = await unit.deliveries.claim(sender, "test", 10, now)
                for d in claimed:
                    await unit.deliveries.mark_sending(d, now)
                    await unit.deliveries.mark_shown(d, f"{prefix}-{len(posted) + 1}", now)
                    posted.append(d)
            if not claimed:
                return posted

    async def job(self, job_id: int = 1) -> ClipJob:
        """A job's row."""
        async with self.store.read() as unit:
            job = await unit.jobs.get(job_id)
        assert job is not None
        return job


@asynccontextmanager
async def open_commands(folder: Path) -> AsyncIterator[CommandHarness]:
    """A new database and folder of files; what commands follow ends with it."""
    async with Store(folder / "mintcast.db") as store:
        harness = CommandHarness(store, Files(folder / "clips"))
        try:
            yield harness
        finally:
            await harness.service.stop()
