"""`/clip` of what was, from the command to the page: the real service, the real LiveKit server."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.demo.page_client import Message, Page
from bot.demo.running import RunningDemo, open_demo
from tests.clip_harness import BUSY, judged
from tests.conftest import require_livekit_server
from tests.patience import PATIENCE

NO_PAUSES = {
    "MINTCAST_CLIPS__PER_PLACE_COOLDOWN_SECONDS": "0.01",
    "MINTCAST_CLIPS__PER_PERSON_COOLDOWN_SECONDS": "0.01",
}
SMALL: dict[str, Any] = {"width": 640, "height": 360, "fps": 15}


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[RunningDemo]:
    require_livekit_server()
    async with open_demo(tmp_path, 0, lambda _: None, NO_PAUSES) as opened:
        yield opened


@pytest.mark.soak
async def test_clips_of_what_was_while_a_stream_is_on_and_when_it_is_over(
    demo: RunningDemo, tmp_path: Path
) -> None:
    page, coin = demo.page, demo.coins.main
    await page.say("/settings replay on place")
    caster = await demo.world.broadcast(coin, title="What was", **SMALL)
    await page.say(f"/subscribe {coin.mint}")
    alert = await page.until("the alert", lambda event: event["kind"] == "alert", PATIENCE)
    await is_at_hand(page, 10)

    last = await answered(page, "/clip 5s")
    assert "Last 5 s" in last["text"]
    await shows(page, last, 5.0, tmp_path)

    back = await answered(page, "/clip 3s 4s ago")
    assert re.search(r"From \d\d:\d\d:\d\d to \d\d:\d\d:\d\d UTC", back["text"])
    await shows(page, back, 3.0, tmp_path)

    told = await answered(page, "/clip 3s 10m ago", kind="reply")
    assert "The stream began only" in told["text"]

    await caster.stop()
    coin.end()
    await page.until("its end", lambda event: "was live" in event["text"], PATIENCE)
    over = await answered(page, "/clip 3s", reply_to=alert["id"])
    assert "From " in over["text"]
    await shows(page, over, 3.0, tmp_path)


async def is_at_hand(page: Page, seconds: int) -> None:
    """So much of the first coin, as its list says it."""
    wanted = f"last {seconds} s ready to clip"

    async with asyncio.timeout(PATIENCE):
        while True:
            status = json.loads(await page.fetch("/api/status"))
            if any(one["at_hand"] == wanted for one in status["coins"]):
                return
            await asyncio.sleep(0.2)


async def answered(
    page: Page, text: str, reply_to: str | None = None, kind: str = "clip"
) -> Message:
    """What comes of it."""
    since = len(page.events)
    asked = await page.say(text, reply_to)

    def is_wanted(event: Message) -> bool:
        return (event["kind"], event["reply_to"]) == (kind, asked)

    return await page.until(f"the answer to {text}", is_wanted, PATIENCE, since)


async def shows(page: Page, event: Message, seconds: float, folder: Path) -> None:
    path = folder / "shown.mp4"
    path.write_bytes(await page.fetch(event["video"]))
    assert (await judged(path)).duration == pytest.approx(seconds, abs=BUSY.length)
