"""1,100 connections that say nothing, and a service that may have 1,024 files open."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.demo.page_client import Page
from bot.demo.ports import free_port
from bot.demo.running import PACE
from bot.demo.world import World
from tests.conftest import require_livekit_server
from tests.ops.raw_client import ask
from tests.patience import PATIENCE

pytestmark = pytest.mark.soak

CROWD = 1100
FEW_FILES = 'ulimit -n 1024; exec "$0" -m bot run 2>&1'
AT_ONCE = 1.0
MOST_LOG = 1 << 20


@pytest.fixture(autouse=True)
def room_for_the_crowd() -> Iterator[None]:
    """It is this process that holds the other ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8 * CROWD), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_alerts_pictures_and_the_page_go_on(tmp_path: Path) -> None:
    require_livekit_server()
    async with World() as world:
        coin, port = world.add_coin("MINTY", "Minty the coin"), free_port()
        async with service(world, tmp_path, port) as log, Page(f"http://127.0.0.1:{port}") as page:
            await page.reachable()
            await page.say(f"/subscribe {coin.mint}")
            async with crowd(port), answered_at_once(page.origin):
                await world.broadcast(coin, title="Through the crowd", width=640, height=360)
                alert = await page.until("the alert", lambda e: e["kind"] == "alert", PATIENCE)
                assert alert["image"], "an alert without its picture"
                assert await page.fetch(alert["image"])
                await asyncio.sleep(15)
    assert len(log) < MOST_LOG
    assert b"Traceback" not in log


@contextlib.asynccontextmanager
async def service(world: World, folder: Path, port: int) -> AsyncIterator[bytearray]:
    """All that it logs."""
    environment = {
        **os.environ, **world.environment, **PACE,
        "MINTCAST_CONFIG": os.devnull, "MINTCAST_HTTP__PORT": str(port), "HTTP_PASSWORD": "",
        "MINTCAST_STORAGE__DATABASE": str(folder / "mintcast.db"),
        "MINTCAST_STORAGE__CLIPS": str(folder / "clips"),
    }  # fmt: skip
    child = await asyncio.create_subprocess_exec(
        *("sh", "-c", FEW_FILES, sys.executable), stdout=asyncio.subprocess.PIPE, env=environment
    )
    log = bytearray()
    reading = asyncio.create_task(_read(child, log))
    try:
        yield log
    finally:
        child.terminate()
        await child.wait()
        await reading


async def _read(child: asyncio.subprocess.Process, log: bytearray) -> None:
    assert child.stdout is not None
    while data := await child.stdout.read(1 << 16):
        log += data


@contextlib.asynccontextmanager
async def crowd(port: int) -> AsyncIterator[None]:
    writers = []
    try:
        for _ in range(CROWD):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writers.append(writer)
        yield
    finally:
        for writer in writers:
            writer.transport.abort()


@contextlib.asynccontextmanager
async def answered_at_once(origin: str) -> AsyncIterator[None]:
    """Ask for the page all the while; fails where an answer took longer than it may."""
    waits: list[float] = []

    async def look() -> None:
        while True:
            began = time.monotonic()
            assert (await ask(origin, "/")).status == 200
            waits.append(time.monotonic() - began)
            await asyncio.sleep(0.2)

    looking = asyncio.create_task(look())
    try:
        yield
        assert not looking.done(), looking.result()
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    assert max(waits) < AT_ONCE, f"the page took {max(waits):.1f} s"
