"""The service under a wall clock that somebody sets, and what it costs: nothing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from bot.demo.page_client import Message, Page
from bot.demo.ports import free_port
from bot.demo.running import PACE
from bot.demo.service import Service
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from tests.e2e.wall_clock import WallClock
from tests.patience import PATIENCE

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

POLL = 2.0
HOUR, DAY = 3600.0, 86_400.0


@dataclass
class Watched:
    """The service, its site, and the clock that it believes in."""

    world: World
    page: Page
    clock: WallClock
    service: Service

    async def ask(self, text: str) -> Message:
        since = len(self.page.events)
        typed = await self.page.say(text)
        return await self.page.until(
            "an answer", lambda e: e.get("reply_to") == typed, PATIENCE, since
        )

    async def follow(self, symbol: str) -> DemoCoin:
        coin = self.world.add_coin(symbol, f"{symbol} the coin")
        await self.ask(f"/subscribe {coin.mint}")
        return coin

    async def alert(self, coin: DemoCoin) -> float:
        """Seconds until its alert is there."""
        began, since = time.monotonic(), len(self.page.events)
        coin.go_live("Now")
        await self.page.until("the alert", is_alert_of(coin), PATIENCE, since)
        return time.monotonic() - began

    def longest_pause(self, since: datetime) -> float:
        """Seconds between two requests to the site, or to now."""
        at = [since, *(seen.at for seen in self.world.site.requests if seen.at > since)]
        at.append(datetime.now(since.tzinfo))
        return max((b - a).total_seconds() for a, b in itertools.pairwise(at))


def is_alert_of(coin: DemoCoin) -> Callable[[Message], bool]:
    return lambda event: event["kind"] == "alert" and coin.symbol in event["text"]


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    clock, port = WallClock(tmp_path), free_port()
    async with contextlib.AsyncExitStack() as stack:
        world = await stack.enter_async_context(World(livekit=False))
        environment = {
            **world.environment,
            **PACE,
            **clock.environment,
            "MINTCAST_PUMPFUN__POLL_SECONDS": str(POLL),
            "MINTCAST_PUMPFUN__END_GRACE_SECONDS": "20",
            "MINTCAST_CLIPS__PER_PERSON_COOLDOWN_SECONDS": "30",
            "MINTCAST_CLIPS__PER_PLACE_COOLDOWN_SECONDS": "30",
            "MINTCAST_HTTP__PORT": str(port),
        }
        service = await stack.enter_async_context(Service(tmp_path, environment))
        page = await stack.enter_async_context(Page(f"http://127.0.0.1:{port}"))
        await page.reachable()
        yield Watched(world, page, clock, service)


@pytest.mark.parametrize("ahead", [-45.0, -DAY, HOUR, DAY])
async def test_a_step_and_its_correction_delay_nothing(watched: Watched, ahead: float) -> None:
    coins = [await watched.follow(symbol) for symbol in ("ONE", "TWO", "THREE")]
    assert await watched.alert(coins[0]) <= 2 * POLL + 1
    since = watched.world.site.requests[-1].at
    for coin, step in zip(coins[1:], (ahead, -ahead), strict=True):
        watched.clock.step(step)
        assert await watched.alert(coin) <= 2 * POLL + 1
        await asyncio.sleep(4 * POLL)
        assert watched.longest_pause(since) <= 3 * POLL
    await still_open(watched, coins)


async def test_half_a_minute_to_and_fro_each_ten_seconds_delays_nothing(watched: Watched) -> None:
    coins = [await watched.follow(f"C{n}") for n in range(12)]
    since = watched.world.site.requests[-1].at
    for n, coin in enumerate(coins):
        watched.clock.step(-30 if n % 2 else 30)
        took = await watched.alert(coin)
        assert took <= 2 * POLL + 1
        await asyncio.sleep(max(0.0, 10 - took))
    assert watched.longest_pause(since) <= 3 * POLL
    await still_open(watched, coins)


@pytest.mark.parametrize("step", [-DAY, -45.0, HOUR])
async def test_a_grace_is_as_long_as_its_setting(watched: Watched, step: float) -> None:
    coin = await watched.follow("ONE")
    await watched.alert(coin)
    since = len(watched.page.events)
    coin.end()
    began = time.monotonic()
    await watched.page.until("the pause", is_edited(coin, "paused"), PATIENCE, since)
    watched.clock.step(step)
    await watched.page.until("the end", is_edited(coin, "ended"), 2 * PATIENCE, since)
    assert 18 <= time.monotonic() - began <= 20 + 3 * POLL


@pytest.mark.parametrize("ahead", [HOUR, DAY, 365 * DAY])
async def test_what_a_clock_that_was_ahead_has_written_makes_nobody_wait(
    watched: Watched, ahead: float
) -> None:
    """Somebody asks for a clip; all stops, the clock is put right, all goes on."""
    coin = await watched.follow("ONE")
    await watched.service.stop()
    watched.clock.step(ahead)
    await watched.service.start()
    await watched.page.reachable()
    await watched.alert(coin)
    assert "try again" not in (await watched.ask(f"/clip 5s {coin.mint}"))["text"].lower()
    assert "try again" in (await watched.ask(f"/clip 6s {coin.mint}"))["text"].lower()
    await watched.service.stop()
    watched.clock.step(-ahead)
    await watched.service.start()
    await watched.page.reachable()
    assert "try again" not in (await watched.ask(f"/clip 5s {coin.mint}"))["text"].lower()
    assert "try again" in (await watched.ask(f"/clip 6s {coin.mint}"))["text"].lower()
    coin.end()
    since = len(watched.page.events)
    await watched.page.until("the end", is_edited(coin, "ended"), PATIENCE, since)


async def still_open(watched: Watched, coins: list[DemoCoin]) -> None:
    """Each has had one alert, and no end."""
    alerts = [m for m in await watched.page.history() if m["kind"] == "alert"]
    assert len(alerts) == len(coins)
    assert {message["tone"] for message in alerts} == {"live"}


def is_edited(coin: DemoCoin, tone: str) -> Callable[[Message], bool]:
    return lambda event: coin.symbol in event["text"] and event.get("tone") == tone
