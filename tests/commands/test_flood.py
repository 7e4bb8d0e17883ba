"""One person against all: what others get, and how soon, while one asks without end.

The real commands, watcher, client and budgets on the test's clock; the site is a function that
takes 100 ms to answer.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from bot.commands import CommandService
from bot.kit.health import Health
from bot.kit.metrics import Metrics
from bot.kit.pictures.decoder import Decoder
from bot.model import ANONYMOUS, Address, Person
from bot.pumpfun import PumpfunClient
from bot.watch import Rules, Watcher
from tests.commands.harness import ADA, HERE, CommandHarness
from tests.fakes.chat import FakeReply, channel
from tests.pumpfun.samples import MINT, WALLET, live_answer, not_found
from tests.watch.harness import mint

MALLORY = Person("666", "Mallory")
GROUPS = [channel("general", f"mallory-{n}") for n in range(12)]
POLL = 10.0
SITE_SECONDS = 0.1


@dataclass
class FloodHarness:
    """`live` are the coins that are on air, hidden from the board; every mint in `coins` is one."""

    commands: CommandHarness
    coins: set[str] = field(default_factory=set)
    live: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)
    tasks: list[asyncio.Task[FakeReply]] = field(default_factory=list)
    junk: itertools.count[int] = field(default_factory=lambda: itertools.count(1000))
    watcher: Watcher = field(init=False)
    service: CommandService = field(init=False)
    client: PumpfunClient = field(init=False)

    def __post_init__(self) -> None:
        clock = self.commands.clock
        self.client = PumpfunClient(
            livestream_url="https://live.example",
            frontend_url="https://front.example",
            livekit_url="wss://kit.example",
            media_hosts=[],
            decoder=Decoder(),
            requests_per_second=5.0,
            transport=httpx.MockTransport(self._site),
            clock=clock,
        )
        self.watcher = Watcher(
            store=self.commands.store,
            pumpfun=self.client,
            clock=clock,
            notifier=self.commands.notifier,
            health=Health(clock),
            metrics=Metrics(),
            rules=Rules(start_grace=timedelta(seconds=60), end_grace=timedelta(seconds=300)),
            poll_seconds=POLL,
            requests_per_second=5.0,
        )
        self.service = self.commands.fresh(watch=self.watcher, pumpfun=self.client)

    async def _site(self, request: httpx.Request) -> httpx.Response:
        self.asked[request.url.host] += 1
        await self.commands.clock.sleep(SITE_SECONDS)
        if request.url.host == "live.example":
            coin = request.url.params["mintId"]
            answer = live_answer(mintId=coin, thumbnail=...)
            return httpx.Response(200, json=answer) if coin in self.live else httpx.Response(200)
        if request.url.path == "/coins/currently-live":
            return httpx.Response(200, json=[])
        coin = request.url.path.rsplit("/", 1)[1]
        if coin not in self.coins:
            return httpx.Response(404, json=not_found("no coin"))
        row = {"mint": coin, "name": coin[:6], "symbol": coin[:4], "creator": WALLET}
        return httpx.Response(200, json=row)

    def say(self, text: str, who: Person = ADA, where: Address = HERE) -> FakeReply:
        request, reply = self.commands.request(who=who, where=where)
        self.tasks.append(asyncio.create_task(self._run(request, reply, text)))
        return reply

    async def _run(self, request: object, reply: FakeReply, text: str) -> FakeReply:
        await self.service.run(request, text)  # type: ignore[arg-type]
        return reply

    def new_coin(self) -> str:
        self.coins.add(one := mint(next(self.junk)))
        return one

    async def wait_for(self, text: str) -> tuple[float, FakeReply]:
        """How long an honest person waits for the answer."""
        began, reply = self.commands.clock.monotonic(), self.say(text)
        while not reply.shown:
            await self.commands.clock.advance(0.1)
        return self.commands.clock.monotonic() - began, reply


@asynccontextmanager
async def open_flood(harness: CommandHarness) -> AsyncIterator[FloodHarness]:
    one = FloodHarness(harness)
    async with one.client:
        try:
            yield one
        finally:
            await one.service.stop()
            for task in one.tasks:
                task.cancel()
            await asyncio.gather(*one.tasks, return_exceptions=True)


async def flood(one: FloodHarness, seconds: int, who: Person | None = MALLORY) -> None:
    """`/live` of another made-up address, once a second in each of the groups."""
    for _ in range(seconds):
        for number, where in enumerate(GROUPS):
            person = who or Person(f"{ANONYMOUS}{number}")
            one.say(f"/live {mint(next(one.junk))}", person, where)
        await one.commands.clock.sleep(1)


@pytest.mark.parametrize(
    "who",
    [pytest.param(None, id="anonymous"), pytest.param(MALLORY, id="named", marks=pytest.mark.soak)],
)
async def test_one_person_in_twelve_groups_delays_nobody_else(
    harness: CommandHarness, who: Person | None
) -> None:
    async with open_flood(harness) as one:
        one.coins.add(MINT)
        await harness.follow(MINT)
        flooding = asyncio.create_task(flood(one, 16, who))
        waits = []
        for _ in range(2):
            await harness.clock.advance(1.5)
            seconds, reply = await one.wait_for(f"/subscribe {one.new_coin()}")
            assert "Following " in reply.text
            assert "Offline" in reply.text  # it was looked at
            waits.append(seconds)
        assert max(waits) <= 2.0
        one.live.add(MINT)
        await harness.clock.advance(POLL)
        tick = asyncio.create_task(one.watcher.tick())
        await harness.clock.advance(2)
        await tick
        assert await _is_seen(harness)
        assert one.asked["front.example"] <= 40
        flooding.cancel()
        await asyncio.wait([flooding])


async def _is_seen(harness: CommandHarness) -> bool:
    async with harness.store.read() as unit:
        return await unit.streams.open_of(MINT) is not None
