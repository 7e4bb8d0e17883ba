"""The service goes on when its machine's clock is set. The row with figures is in `tests/soak`."""

from __future__ import annotations

from pathlib import Path

from bot.demo.page_client import Page
from bot.demo.ports import free_port
from bot.demo.running import PACE
from bot.demo.service import Service
from bot.demo.world import World
from tests.e2e.wall_clock import WallClock
from tests.patience import PATIENCE

DAY = 86_400.0


async def test_alerts_come_whatever_the_clock_is_set_to(tmp_path: Path) -> None:
    """Back by a day, then forward to what it was: each stopped all timers once."""
    clock, port = WallClock(tmp_path), free_port()
    async with World(livekit=False) as world:
        environment = {**world.environment, **PACE, **clock.environment}
        environment |= {"MINTCAST_HTTP__PORT": str(port)}
        async with Service(tmp_path, environment), Page(f"http://127.0.0.1:{port}") as page:
            await page.reachable()
            coins = [world.add_coin(symbol, symbol) for symbol in ("BACK", "FORTH")]
            await page.say(f"/subscribe {coins[0].mint} {coins[1].mint}")
            await page.until("an answer", lambda e: e["kind"] == "reply", PATIENCE)
            for coin, step in zip(coins, (-DAY, DAY), strict=True):
                clock.step(step)
                coin.go_live("Right after it")
                await page.until("the alert", _alert_of(coin.symbol), PATIENCE)


def _alert_of(symbol: str):  # type: ignore[no-untyped-def]
    return lambda event: event["kind"] == "alert" and symbol in event["text"]
