"""Rings in the whole service: a stream goes live, and a clip shows what was."""

from __future__ import annotations

import asyncio
import math
import os
import re
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot.clips.capture import MODULE
from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.page_client import Message
from bot.demo.running import RunningDemo, open_demo
from tests.child_processes import children_that_run
from tests.clip_harness import judged
from tests.clip_judge import Verdict
from tests.conftest import require_livekit_server
from tests.e2e.seed import until
from tests.patience import PATIENCE

FPS = 30
SMALL: dict[str, Any] = {"width": 320, "height": 180, "fps": FPS}
NEAR = 0.45
"""Seconds that a clip's ends may be off."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A clip in the chat, and when it was asked for, by the wall clock."""

    message: Message
    verdict: Verdict
    asked_at: float

    @property
    def seconds(self) -> float:
        return self.verdict.duration

    def ends_off(self, seconds: float) -> tuple[float, float]:
        """How far its first and its last picture are from the beginning and the end of the last
        `seconds`: the broadcaster numbers pictures from a whole second of the wall clock on, so a
        number says which part of a second it was."""
        numbers = [number for number in self.verdict.numbers if number is not None]
        return _off(numbers[0], self.asked_at - seconds), _off(numbers[-1] + 1, self.asked_at)


def _off(number: int, at: float) -> float:
    return (number / FPS - at + 0.5) % 1 - 0.5


class Watcher:
    """Somebody on the page who follows the main coin of a demo, which is on air."""

    def __init__(self, demo: RunningDemo, caster: Broadcaster, folder: Path) -> None:
        self.demo = demo
        self.caster = caster
        self.folder = folder

    async def clip(self, command: str) -> Shown:
        """What came of it, judged."""
        page, since, asked_at = self.demo.page, len(self.demo.page.events), time.time()
        await page.say(command)
        message = await page.until(
            "the clip", lambda e: e["kind"] == "clip" and bool(e["video"]), PATIENCE + 30, since
        )
        file = self.folder / f"{since}.mp4"
        file.write_bytes(await page.fetch(message["video"]))
        return Shown(message, await judged(file), asked_at)

    async def metric(self, name: str) -> float:
        text = (await self.demo.page.fetch("/metrics")).decode()
        found = re.search(rf"^{name} ([\d.e+-]+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    async def has(self, least: float, most: float = math.inf) -> None:
        """Wait until so many seconds are at hand."""
        deadline = time.monotonic() + PATIENCE + least
        while not least <= await self.metric("mintcast_ring_seconds") <= most:
            assert time.monotonic() < deadline, self.demo.service.last_lines
            await asyncio.sleep(0.1)


def captures(demo: RunningDemo) -> list[psutil.Process]:
    """Their processes and the spare one."""
    return children_that_run(MODULE, demo.service.pid)


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[RunningDemo]:
    require_livekit_server()
    async with open_demo(tmp_path / "service", 0, lambda _: None) as opened:
        yield opened


@pytest.fixture
async def watcher(demo: RunningDemo, tmp_path: Path) -> Watcher:
    coin, page = demo.coins.main, demo.page
    await page.say(f"/subscribe {coin.mint}")
    await until(lambda: len(captures(demo)) == 1, "the spare alone is there")
    caster = await demo.world.broadcast(coin, title="Watch this", **SMALL)
    await page.until("the alert", lambda event: event["kind"] == "alert", PATIENCE)
    return Watcher(demo, caster, tmp_path)


async def test_a_clip_of_the_past_ends_where_it_was_asked_for_and_what_is_lost_is_back_soon(
    watcher: Watcher,
) -> None:
    await watcher.has(7.0)
    clip = await watcher.clip("/clip 5s")
    assert "Last 5 s" in clip.message["text"]
    assert abs(clip.seconds - 5) <= NEAR
    assert max(map(abs, clip.ends_off(5))) <= NEAR

    await is_killed_and_back(watcher)
    await watcher.has(6.0)
    clip = await watcher.clip("/clip 30s")
    assert 5.0 <= clip.seconds < 30.0
    # On a slow machine the site's recording has more of it by then than the ring.
    assert re.search(r"Only (\d+ s|[\d.]+ of 30 s)", clip.message["text"])


async def is_killed_and_back(watcher: Watcher) -> float:
    """After so many seconds the ring has something again."""
    ring = max(captures(watcher.demo), key=lambda one: one.cpu_times().user)
    os.kill(ring.pid, signal.SIGKILL)
    killed_at = time.monotonic()
    await watcher.has(0.1, most=5.0)
    return time.monotonic() - killed_at


@pytest.mark.soak
async def test_a_ring_whose_process_is_killed_is_back_within_ten_seconds(watcher: Watcher) -> None:
    await watcher.has(7.0)
    assert await is_killed_and_back(watcher) <= 10.0


@pytest.mark.soak
async def test_when_the_video_server_starts_anew_the_stream_is_at_hand_again(
    watcher: Watcher,
) -> None:
    await watcher.has(6.0)
    await watcher.demo.world.server.kill()
    await asyncio.sleep(2.0)  # it is away for so long
    await watcher.demo.world.server.restart()
    await watcher.has(6.0)
    assert (await watcher.clip("/clip 10s")).seconds >= 5.0


@pytest.mark.soak
async def test_what_a_stream_had_last_is_at_hand_when_it_is_over_and_then_nothing_runs(
    watcher: Watcher,
) -> None:
    demo = watcher.demo
    await watcher.has(8.0)
    room = demo.coins.main.room
    await watcher.caster.stop()
    demo.coins.main.end()
    await demo.world.server.delete_room(room)
    clip = await watcher.clip("/clip 5s")
    assert abs(clip.seconds - 5) <= 1.0
    await demo.page.say("/settings replay off")
    await until(lambda: len(captures(demo)) == 1, "the spare alone is left")
