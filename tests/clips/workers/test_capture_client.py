"""The parent's end of a capture: its clips, and a process that does not obey, or dies."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clips.capture import MakeClip
from bot.clips.workers.capture_client import CaptureClient
from bot.kit.processes.child import Child
from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipProgress,
    ClipStatus,
    JoinToken,
    Phase,
    Region,
)
from tests.clips.capture.harness import names
from tests.clips.workers.scripted_worker import AT_HAND
from tests.clips.workers.test_capture_limits import MEBIBYTE, order
from tests.fakes.clock import until
from tests.patience import PATIENCE


class NoRooms:
    """Nobody asks for a way in."""

    async def entrance(self, mint: str) -> tuple[JoinToken, tuple[Region, ...]]:
        raise AssertionError(mint)


@contextlib.asynccontextmanager
async def capture_of(module: str, *arguments: str) -> AsyncIterator[CaptureClient]:
    child = await Child.spawn(module, *arguments)
    capture = CaptureClient(child, NoRooms(), "MINT", 0.0)
    try:
        await capture.open(order(10, 10 * MEBIBYTE))
        yield capture
    finally:
        await capture.close()


@pytest.fixture
async def capture() -> AsyncIterator[CaptureClient]:
    """One whose process does what the names of its clips say."""
    async with capture_of("tests.clips.workers.scripted_worker") as opened:
        yield opened


def clip(folder: Path, name: str) -> MakeClip:
    return MakeClip(10, str(folder / f"{name}.mp4"), 1)


async def test_each_clip_has_its_own_progress_and_result(
    capture: CaptureClient, tmp_path: Path
) -> None:
    told: dict[str, list[ClipProgress]] = {"first": [], "second": []}
    enough = {name: asyncio.Event() for name in told}
    clips = {
        name: asyncio.create_task(
            capture.clip(clip(tmp_path, name), told[name].append, enough[name])
        )
        for name in told
    }
    await until(lambda: all(told.values()))
    assert told == {
        "first": [ClipProgress(Phase.RECORDING, 1.0)],
        "second": [ClipProgress(Phase.RECORDING, 2.0)],
    }
    enough["second"].set()
    assert (await clips["second"]).path == tmp_path / "second.mp4"
    assert not clips["first"].done()
    enough["first"].set()
    assert (await clips["first"]).path == tmp_path / "first.mp4"
    assert not capture.ended.done()


async def test_what_it_has_at_hand_is_what_it_said_last(capture: CaptureClient) -> None:
    await until(lambda: capture.ring is not None)
    assert capture.ring == AT_HAND


@pytest.mark.parametrize("name", ["slow", "late"])
async def test_whoever_gives_a_clip_up_leaves_nothing_of_it(
    capture: CaptureClient, tmp_path: Path, name: str
) -> None:
    """Not even when it was made at that moment."""
    given_up = asyncio.create_task(capture.clip(clip(tmp_path, name)))
    await until(lambda: names(tmp_path) != [])
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert names(tmp_path) == []
    assert (await capture.clip(clip(tmp_path, "quick"))).status is ClipStatus.COMPLETE


async def test_a_clip_that_is_not_answered_in_time_is_a_failed_one_and_no_other_is(
    capture: CaptureClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await until(lambda: capture.ring is not None)
    with monkeypatch.context() as short:
        short.setattr("bot.clips.workers.capture_client._LONGEST_MORE", 0.2 - 2 * 10)
        short.setattr("bot.clips.workers.capture_client._CANCEL_SECONDS", 0.2)
        result = await capture.clip(clip(tmp_path, "stubborn"))
    assert result.failure is ClipFailure.WORKER_SILENT
    assert (await capture.clip(clip(tmp_path, "quick"))).status is ClipStatus.COMPLETE
    assert len(names(tmp_path)) == 2
    await capture.close()
    assert names(tmp_path) == ["quick.mp4"], "what it left is removed when the process has ended"


async def test_a_process_that_dies_takes_all_of_its_clips_and_is_said_to_be_over(
    capture: CaptureClient, tmp_path: Path
) -> None:
    slow = asyncio.create_task(capture.clip(clip(tmp_path, "slow")))
    await until(lambda: names(tmp_path) != [])
    fatal = await capture.clip(clip(tmp_path, "fatal"))
    after = await capture.clip(clip(tmp_path, "quick"))
    for result in (fatal, await slow, after):
        assert result.failure is ClipFailure.WORKER_DIED
        assert "exit 3" in result.detail
    assert await capture.ended is CaptureEnd.FAULT
    await capture.close()
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("limit", "failure"),
    [("memory", ClipFailure.WORKER_MEMORY), ("processor", ClipFailure.WORKER_PROCESSOR)],
)
async def test_a_worker_that_is_ended_by_its_limits_is_a_failed_clip_that_says_so(
    limit: str, failure: ClipFailure, tmp_path: Path
) -> None:
    async with capture_of("tests.clips.workers.failing_worker", limit) as capture:
        results = [await capture.clip(clip(tmp_path, "a")) for _ in range(2)]
        assert await capture.ended is CaptureEnd.FAULT
        assert capture.gone.done()
    for result in results:
        assert (result.status, result.failure) == (ClipStatus.FAILED, failure)


async def test_a_worker_that_says_half_a_line_and_lives_on_is_ended(tmp_path: Path) -> None:
    async with capture_of("tests.clips.workers.failing_worker", "babble") as capture:
        async with asyncio.timeout(PATIENCE):
            result = await capture.clip(clip(tmp_path, "a"))
            await capture.gone
        assert result.failure is ClipFailure.WORKER_DIED
        assert "SIGKILL" in result.detail
