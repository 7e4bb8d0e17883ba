"""The process that stays small, and the one that waits to record."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from bot.clips.capture import MODULE
from bot.clips.recorder import _WORKER_ENV
from bot.kit.process import Child, Message

MOST_BYTES = 90 << 20
SERVICE_BYTES = 120 << 20
PLATFORMS_BYTES = 150_000_000
"""The same with the chat platforms' libraries loaded."""
ROOT = Path(__file__).parents[2]


@contextlib.asynccontextmanager
async def running(module: str, env: dict[str, str] | None = None) -> AsyncIterator[Child]:
    child = await Child.spawn(module, env=env)
    try:
        yield child
    finally:
        await child.stop()


async def ready(child: Child) -> Message:
    async with asyncio.timeout(30):
        event = await child.next_event()
    assert event is not None, child.last_words
    assert event["event"] == "ready"
    return event


@pytest.mark.parametrize("module", ["tests.repo.main_process", "tests.repo.whole_process"])
@pytest.mark.parametrize("vendor", ["livekit", "av", "numpy"])
async def test_the_main_process_loads_no_media(module: str, vendor: str) -> None:
    async with running(module) as child:
        modules = (await ready(child))["modules"]
    assert {"bot.app.service", "bot.cli", "bot.clips.recorder"} <= set(modules)
    assert not [name for name in modules if name.partition(".")[0] == vendor]


@pytest.mark.parametrize("vendor", ["discord", "telegram"])
async def test_a_chat_platform_without_a_token_is_not_even_loaded(vendor: str) -> None:
    async with running("tests.repo.main_process") as child:
        modules = (await ready(child))["modules"]
    assert not [name for name in modules if name.partition(".")[0] == vendor]


@pytest.mark.parametrize(
    ("module", "env", "most"),
    [
        ("tests.repo.main_process", {}, SERVICE_BYTES),
        ("tests.repo.whole_process", {}, PLATFORMS_BYTES),
        (MODULE, _WORKER_ENV, MOST_BYTES),
    ],
)
async def test_a_process_that_waits_takes_little_memory(
    module: str, env: dict[str, str], most: int
) -> None:
    async with running(module, env) as child:
        await ready(child)
        resident = psutil.Process(child.pid).memory_info().rss
    assert resident <= most, f"{resident >> 20} MiB"


async def test_a_spare_worker_has_its_encoders_at_hand_when_it_says_that_it_is_ready() -> None:
    """An import while frames come costs frames."""
    async with running(MODULE, _WORKER_ENV) as child:
        await ready(child)
        mapped = {Path(row.path).name for row in psutil.Process(child.pid).memory_maps()}
    assert any(name.startswith("libavcodec") for name in mapped)
    assert any(name.startswith("libx264") for name in mapped)
