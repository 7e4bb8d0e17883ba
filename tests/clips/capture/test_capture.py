"""Clips of a capture, before it has come into a room."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.clips.capture import MakeClip, OpenCapture, RoomAccess
from bot.clips.capture.capture import Capture
from bot.clips.encoding import Rate
from bot.kit.tasks import Tasks, background
from tests.fakes.clock import until

ORDER = OpenCapture(
    RoomAccess(("ws://127.0.0.1:9",), "token"),
    Rate(video=2_000_000, buffer=1_000_000, audio=96_000, height=720),
    60.0,
    1 << 20,
)


async def no_access(*_: object) -> RoomAccess:
    raise AssertionError("nobody has entered")


@pytest.mark.parametrize("begins", [False, True])
async def test_a_clip_that_is_cancelled_is_answered_whether_it_has_begun_or_not(
    tmp_path: Path, begins: bool
) -> None:
    """What it was to be cut of would be kept for ever."""
    told: list[tuple[str, Any]] = []
    tasks = Tasks()
    capture = Capture(ORDER, no_access, lambda event, **about: told.append((event, about)), tasks)
    async with background(capture.run(), "capture"):
        await asyncio.sleep(0)
        capture.start_clip(MakeClip(5.0, str(tmp_path / "clip.mp4"), 1 << 20, id=7))
        if begins:
            await asyncio.sleep(0)
        capture.cancel(7)
        await until(lambda: "clip" in [event for event, _ in told])
    await tasks.stop()
    ((_, about),) = [one for one in told if one[0] == "clip"]
    assert (about["id"], about["status"]) == (7, "failed")
