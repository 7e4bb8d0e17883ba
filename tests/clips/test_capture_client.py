"""The parent's end of a capture whose process comes to an end of what it may take."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.clips.capture import MakeClip, OpenCapture, RoomAccess, plan
from bot.clips.workers.capture_client import CaptureClient, limits_of
from bot.kit.processes.child import Child
from bot.model import ClipFailure, ClipStatus, JoinToken, Region

MEBIBYTE = 1 << 20


class NoRooms:
    """Nobody asks for a way in."""

    async def entrance(self, mint: str) -> tuple[JoinToken, tuple[Region, ...]]:
        raise AssertionError(mint)


def order(seconds: float, max_bytes: int, height: int = 720) -> OpenCapture:
    rate = plan(seconds, max_bytes, height)
    assert rate is not None
    return OpenCapture(RoomAccess((), ""), rate, seconds + 2, 2 * max_bytes)


@pytest.mark.parametrize(
    ("limit", "failure"),
    [("memory", ClipFailure.WORKER_MEMORY), ("processor", ClipFailure.WORKER_PROCESSOR)],
)
async def test_a_worker_that_is_ended_by_its_limits_is_a_failed_clip_that_says_so(
    limit: str, failure: ClipFailure, tmp_path: Path
) -> None:
    child = await Child.spawn("tests.clips.failing_worker", limit)
    capture = CaptureClient(child, NoRooms(), "MINT", 0.0)
    await capture.open(order(10, 10 * MEBIBYTE))
    result = await capture.clip(MakeClip(10, str(tmp_path / "a.mp4"), 1), lambda _: None)
    assert (result.status, result.failure) == (ClipStatus.FAILED, failure)


def test_a_capture_may_take_more_where_it_is_asked_for_more() -> None:
    usual = limits_of(order(30, 10 * MEBIBYTE))
    assert usual.memory <= limits_of(order(30, 50 * MEBIBYTE)).memory - 80 * MEBIBYTE
    assert usual.memory <= limits_of(order(30, 50 * MEBIBYTE, 2160)).memory - 200 * MEBIBYTE
    assert limits_of(order(600, 50 * MEBIBYTE)).cpu >= 4 * 600
