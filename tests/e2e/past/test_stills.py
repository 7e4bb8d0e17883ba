"""Stills and moving pictures in alerts, where pump.fun's own thumbnail is of no use."""

from __future__ import annotations

import io
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from bot.demo.page_client import Page
from bot.demo.ports import free_port
from bot.demo.recording.options import RecordingOptions
from bot.demo.running import PACE, RunningDemo, add_coins
from bot.demo.service import Service
from bot.demo.site.faults import Fault
from bot.demo.world import World
from tests.conftest import require_livekit_server
from tests.patience import PATIENCE

PAST = 120.0
MEDIA_TIMEOUT = 10.0
"""Seconds: so long a request for a recording may take."""
SHAPE: dict[str, Any] = {"width": 640, "height": 360}


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[RunningDemo]:
    """Nobody broadcasts, and all the same the site records."""
    port = free_port()
    async with World(livekit=False, recordings=RecordingOptions()) as world:
        environment = {**world.environment, **PACE, "MINTCAST_HTTP__PORT": str(port)}
        async with (
            Service(tmp_path, environment) as service,
            Page(f"http://127.0.0.1:{port}") as page,
        ):
            await page.reachable()
            yield RunningDemo(world, service, page, add_coins(world))


async def size_of_alert(page: Page, *sizes: tuple[int, int]) -> tuple[int, int]:
    """Once it is one of those."""
    seen = 0
    while True:
        event = await page.until("a picture", lambda one: bool(one["image"]), PATIENCE, seen)
        seen = page.events.index(event) + 1
        with Image.open(io.BytesIO(await page.fetch(event["image"]))) as image:
            if image.size in sizes:
                return image.size


@pytest.mark.soak
async def test_the_alert_has_a_still_of_the_recording(demo: RunningDemo) -> None:
    world, page, coin = demo.world, demo.page, demo.coins.main
    await page.say(f"/subscribe {coin.mint}")
    world.site.fail("thumbnails", Fault.NOT_FOUND)
    world.record(coin, past=PAST, **SHAPE)
    assert await size_of_alert(page, (640, 360)) == (640, 360)


async def test_a_new_thumbnail_costs_no_request_for_media(demo: RunningDemo) -> None:
    world, page, coin = demo.world, demo.page, demo.coins.main
    await page.say(f"/subscribe {coin.mint}")
    world.record(coin, past=PAST, **SHAPE)
    assert await size_of_alert(page, (512, 512), (640, 360)) == (512, 512)
    assert world.site.count("masters") == world.site.count("segments") == 0


@pytest.mark.soak
async def test_an_old_thumbnail_is_replaced(demo: RunningDemo) -> None:
    world, page, coin = demo.world, demo.page, demo.coins.main
    coin.go_live("On for hours", viewers=26)
    assert coin.media is not None
    coin.media.updated_at -= timedelta(hours=1)
    world.record(coin, past=PAST, **SHAPE)
    await page.say(f"/subscribe {coin.mint}")
    assert await size_of_alert(page, (640, 360)) == (640, 360)


@pytest.mark.soak
async def test_who_wants_it_to_move_sees_four_seconds(demo: RunningDemo) -> None:
    world, page, coin = demo.world, demo.page, demo.coins.main
    await page.say("/settings picture moving")
    await page.say(f"/subscribe {coin.mint}")
    world.record(coin, past=PAST, **SHAPE)
    event = await page.until("a moving picture", lambda one: bool(one["moving"]), PATIENCE)
    assert event["moving_size"] == [640, 360]
    with av.open(io.BytesIO(await page.fetch(event["moving"])), "r") as shown:
        assert not shown.streams.audio
        assert 3.5 <= (shown.duration or 0) / 1_000_000 <= 6.5


@pytest.mark.soak
async def test_where_nothing_is_recorded_the_still_is_of_the_ring(tmp_path: Path) -> None:
    require_livekit_server()
    port = free_port()
    async with World() as world:
        environment = {**world.environment, **PACE, "MINTCAST_HTTP__PORT": str(port)}
        coin = world.add_coin("MINTY", "Minty the coin")
        world.site.fail("thumbnails", Fault.NOT_FOUND)
        async with (
            Service(tmp_path, environment),
            Page(f"http://127.0.0.1:{port}") as page,
        ):
            await page.reachable()
            await page.say(f"/subscribe {coin.mint}")
            await world.broadcast(coin, **SHAPE, fps=15)
            assert await size_of_alert(page, (640, 360)) == (640, 360)
        assert list(tmp_path.rglob("p-*.jpg"))
        assert not list(tmp_path.rglob("still-*"))


@pytest.mark.soak
async def test_a_host_that_hangs_delays_no_alert(demo: RunningDemo) -> None:
    world, page, coin = demo.world, demo.page, demo.coins.main
    await page.say(f"/subscribe {coin.mint}")
    world.site.fail("thumbnails", Fault.NOT_FOUND)
    world.site.fail("playlists", Fault.HANG)
    world.record(coin, past=PAST, **SHAPE)
    await world.site.reached("playlists")
    asked = time.monotonic()
    await page.until("the alert", lambda one: one["kind"] == "alert", PATIENCE)
    assert time.monotonic() - asked < MEDIA_TIMEOUT, "nor does it wait for the host to be given up"
    world.site.heal("playlists")
    assert await size_of_alert(page, (640, 360)) == (640, 360)
