"""The parent's end of a capture whose process comes to an end of what it may take."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.clips.capture import MakeClip
from bot.clips.workers.capture_client import CaptureClient
from bot.kit.processes.child import Child
from bot.model import CaptureEnd, ClipFailure, ClipStatus, JoinToken, Region
from tests.clips.test_capture_limits import MEBIBYTE, order


class NoRooms:
    """Nobody asks for a way in."""

    async def entrance(self, mint: str) -> tuple[JoinToken, tuple[Region, ...]]:
        raise AssertionError(mint)


@pytest.mark.parametrize(
    ("limit", "failure"),
    [("memory", ClipFailure.WORKER_MEMORY), ("processor", ClipFailure.WORKER_PROCESSOR)],
)
async def test_a_worker_that_is_ended_by_its_limits_is_a_failed_clip_that_says_so(
    limit: str, failure: ClipFailure, tmp_path: Path
) -> None:
    child = await Child.spawn("tests.clips.failing_worker", limit)
    capture = CaptureClient(child, NoRooms(), "MINT", 0.0)
    want = MakeClip(10, str(tmp_path / "a.mp4"), 1)
    try:
        await capture.open(order(10, 10 * MEBIBYTE))
        results = [await capture.clip(want) for _ in range(2)]
        assert await capture.ended is CaptureEnd.FAULT
    finally:
        await capture.close()
    for result in results:
        assert (result.status, result.failure) == (ClipStatus.FAILED, failure)
