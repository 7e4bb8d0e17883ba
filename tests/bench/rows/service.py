"""The service as a whole: how soon it answers, what it takes while it waits, how soon it ends."""

from __future__ import annotations

import asyncio
import time

from bot.demo.page_client import Message, Page
from bot.demo.ports import free_port
from bot.demo.running import PACE, RunningDemo, open_demo
from bot.demo.service import Service
from bot.demo.world import World
from tests.bench.figures import Effort, Figure, Section
from tests.bench.meters import cpu_share, percentile, rss

_HOW = """\
`mintcast run` as a process of its own, with an empty database beside a look-alike that nobody
broadcasts on. *Answers* is from starting the process to the first 200 of `/healthz`, asked every
0.1 s. *Ends* is from SIGTERM to the end of the process; with a clip under way, a recording of
60 s is in its third second, and the clip is kept as a partial one. Memory is resident, of the main
process alone; the spare worker has a row of its own. *A clip of what was* is from typing
`/clip 30s` on the page to the event that shows it there, of a 720p30 stream whose last minute is
kept. *Cut anew* is from pressing *Longer* or *Shorter* under such a clip to the event that shows
the other one; then the service is restarted, so that no ring has it any more, and all is cut of
what was kept around it."""
_ANSWERS, _ENDS, _MEMORY, _LOOKBACK = 2.0, 8.0, 150.0, 1.0
_NO_PAUSES = {
    "MINTCAST_CLIPS__PER_PLACE_COOLDOWN_SECONDS": "0.01",
    "MINTCAST_CLIPS__PER_PERSON_COOLDOWN_SECONDS": "0.01",
}


async def measure(effort: Effort) -> Section:
    """Starts, a wait, an end in the middle of a clip."""
    answers, ends = await _starts(effort)
    memory, cpu = await _waiting(effort)
    with_clip = await _end_in_a_clip(effort)
    lookbacks = await _lookbacks(effort)
    of_ring, of_padded_clip = await _recuts(effort)
    return Section("The service", _HOW, [
        Figure(
            f"answers after, median of {len(answers)}",
            f"{percentile(answers, 0.5):.2f} s",
            f"≤ {_ANSWERS:g} s",
            percentile(answers, 0.5) <= _ANSWERS,
        ),
        Figure(f"ends after, most of {len(ends)}", f"{max(ends):.2f} s", f"≤ {_ENDS:g} s",
               max(ends) <= _ENDS),
        Figure("ends after, with a clip under way", f"{with_clip:.2f} s", f"≤ {_ENDS:g} s",
               with_clip <= _ENDS),
        Figure("memory while it waits", f"{memory:.0f} MB", f"≤ {_MEMORY:.0f} MB",
               memory <= _MEMORY),
        Figure("CPU while it waits", f"{cpu:.4f} cores"),
        Figure(f"a clip of what was in the chat, p50 of {len(lookbacks)}",
               f"{percentile(lookbacks, 0.5) * 1000:.0f} ms"),
        Figure(
            f"a clip of what was in the chat, p95 of {len(lookbacks)}",
            f"{percentile(lookbacks, 0.95) * 1000:.0f} ms",
            f"≤ {_LOOKBACK * 1000:.0f} ms",
            percentile(lookbacks, 0.95) <= _LOOKBACK,
        ),
        *_of_recuts("the ring", of_ring),
        *_of_recuts("what was kept", of_padded_clip),
    ])  # fmt: skip


def _of_recuts(source: str, took: list[float]) -> list[Figure]:
    p50, p95 = percentile(took, 0.5), percentile(took, 0.95)
    name = f"cut anew of {source}, in the chat"
    return [
        Figure(f"{name}, p50 of {len(took)}", f"{p50 * 1000:.0f} ms"),
        Figure(f"{name}, p95 of {len(took)}", f"{p95 * 1000:.0f} ms",
               f"≤ {_LOOKBACK * 1000:.0f} ms", p95 <= _LOOKBACK),
    ]  # fmt: skip


async def _starts(effort: Effort) -> tuple[list[float], list[float]]:
    answers, ends = [], []
    async with World(livekit=False) as world:
        for number in range(effort.times(7, 2)):
            port = free_port()
            service = Service(effort.folder / str(number), _environment(world, port))
            async with Page(f"http://127.0.0.1:{port}") as page:
                await service.start()
                answers.append(await page.reachable())
                began = time.monotonic()
                await service.stop()
                ends.append(time.monotonic() - began)
    return answers, ends


async def _waiting(effort: Effort) -> tuple[float, float]:
    port = free_port()
    async with (
        World(livekit=False) as world,
        Service(effort.folder / "waiting", _environment(world, port)) as service,
        Page(f"http://127.0.0.1:{port}") as page,
    ):
        await page.reachable()
        share = await cpu_share(service.pid, effort.seconds(30, 5))
        return rss(service.pid), share


async def _end_in_a_clip(effort: Effort) -> float:
    async with open_demo(effort.folder / "clip", 0, lambda _: None) as demo:
        await _record(demo)
        began = time.monotonic()
        await demo.service.stop()
        return time.monotonic() - began


async def _record(demo: RunningDemo) -> None:
    page, coin = demo.page, demo.coins.main
    await demo.go_on_air(coin, "Until the end")
    await page.say(f"/subscribe {coin.mint}")
    await page.until("the alert", lambda event: event["kind"] == "alert", 20)
    await page.say("/clip 60s")
    await page.until("recording", lambda event: (event.get("progress") or 0) > 0.04, 30)


async def _lookbacks(effort: Effort) -> list[float]:
    seconds = effort.seconds(30, 5)
    async with open_demo(effort.folder / "lookback", 0, lambda _: None, _NO_PAUSES) as demo:
        page, coin = demo.page, demo.coins.main
        await page.say(f"/subscribe {coin.mint}")
        await demo.world.broadcast(coin, encoder="pre-encoded")
        await page.until("the alert", lambda event: event["kind"] == "alert", 20)
        while await _at_hand(page) < seconds + 1:  # noqa: ASYNC110 - it says so when it is asked
            await asyncio.sleep(0.5)
        return [await _lookback(page, seconds) for _ in range(effort.times(50, 3))]


async def _lookback(page: Page, seconds: float) -> float:
    await asyncio.sleep(0.3)  # so that it is another window than the one before
    since, began = len(page.events), time.monotonic()
    await page.say(f"/clip {seconds:g}s")
    await page.until("the clip", lambda e: e["kind"] == "clip" and bool(e["video"]), 30, since)
    return time.monotonic() - began


async def _recuts(effort: Effort) -> tuple[list[float], list[float]]:
    """Of the ring, and of the padded clip."""
    seconds, times = effort.seconds(30, 5), effort.times(20, 2)
    async with open_demo(effort.folder / "recuts", 0, lambda _: None, _NO_PAUSES) as demo:
        page, coin = demo.page, demo.coins.main
        await page.say(f"/subscribe {coin.mint}")
        await demo.world.broadcast(coin, encoder="pre-encoded")
        await page.until("the alert", lambda event: event["kind"] == "alert", 20)
        while await _at_hand(page) < seconds + 11:  # noqa: ASYNC110 - it says so when it is asked
            await asyncio.sleep(0.5)
        await page.say(f"/clip {seconds:g}s")
        clip = await page.until("the clip", lambda e: e["kind"] == "clip" and bool(e["video"]), 30)
        clip, of_ring = await _presses(page, clip, times)
        await demo.service.stop()
        await demo.service.start()
        await page.reachable()
        _, of_padded_clip = await _presses(page, clip, times)
        return of_ring, of_padded_clip


async def _presses(page: Page, clip: Message, times: int) -> tuple[Message, list[float]]:
    """Longer and shorter by turns: what it reads then, and the seconds that each took."""
    took = []
    for number in range(times):
        verb, before, since = ("longer", "shorter")[number % 2], clip["video"], len(page.events)
        (button,) = (one["id"] for one in clip["buttons"] if one["id"].startswith(f"{verb}:"))
        began = time.monotonic()
        await page.press(clip["id"], button)

        def is_other(event: Message, before: str = before) -> bool:
            return event.get("message_kind") == "clip" and event["video"] not in (None, before)

        clip = await page.until("another cut", is_other, 30, since)
        took.append(time.monotonic() - began)
    return clip, took


async def _at_hand(page: Page) -> float:
    lines = (await page.fetch("/metrics")).decode().splitlines()
    (line,) = (line for line in lines if line.startswith("mintcast_ring_seconds "))
    return float(line.split()[1])


def _environment(world: World, port: int) -> dict[str, str]:
    return {**world.environment, **PACE, "MINTCAST_HTTP__PORT": str(port)}
