"""A server that is slow, or hangs: how long whoever cuts waits for it, all in all."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.kit.tasks import background
from bot.model import ClipFailure, ClipProgress, ClipRequest, ClipResult, Phase, Window
from tests.clips.sources.recording.listed import LONGEST_WAIT, Listed, listed
from tests.fakes.clock import settle

MAKING = 90.0
"""Seconds that fetching and cutting may take."""


class Clip:
    """A clip of the last half minute, whose end is waited for."""

    def __init__(self, recorded: Listed) -> None:
        self.told = list[ClipProgress]()
        self.finish = asyncio.Event()
        window = Window.before(recorded.clock.now(), 30.0)
        request = ClipRequest("mint", 30.0, Path("clip.mp4"), 10 << 20, 720, window)
        self.cutting = recorded.source.cut(request, self.told.append, self.finish)

    @property
    def phases(self) -> list[Phase]:
        return [one.phase for one in self.told]


@contextlib.asynccontextmanager
async def waiting(recorded: Listed) -> AsyncIterator[tuple[Clip, asyncio.Task[ClipResult]]]:
    """It waits for the end."""
    clip = Clip(recorded)
    async with background(clip.cutting, "clip") as task:
        await settle()
        assert clip.phases == [Phase.CATCHING_UP]
        yield clip, task


@pytest.fixture
def recorded() -> Listed:
    recorded = Listed()
    lines = ((recorded.stamp(60 - 2 * n), "#EXTINF:2,", f"{n}.ts") for n in range(30))
    recorded.now = listed(*(line for three in lines for line in three))
    return recorded


async def test_segments_that_do_not_come_are_not_waited_for_longer_than_an_edge(
    recorded: Listed,
) -> None:
    recorded.hangs = "segments"
    async with waiting(recorded) as (clip, _):
        await recorded.clock.advance(LONGEST_WAIT - 1)
        assert clip.phases == [Phase.CATCHING_UP]
        await recorded.clock.advance(1)
        assert clip.phases == [Phase.CATCHING_UP, Phase.WRITING]


async def test_nor_is_a_list(recorded: Listed) -> None:
    async with waiting(recorded) as (clip, _):
        recorded.hangs = "list"
        await recorded.clock.advance(LONGEST_WAIT - 1)
        assert recorded.hung
        assert clip.phases[-1:] == [Phase.CATCHING_UP]
        await recorded.clock.advance(1)
        assert clip.phases[-1:] == [Phase.WRITING]


@pytest.mark.parametrize("what", ["list", "segments"])
async def test_whoever_stops_it_waits_for_neither(recorded: Listed, what: str) -> None:
    recorded.hangs = "segments" if what == "segments" else None
    async with waiting(recorded) as (clip, _):
        recorded.hangs = what
        await recorded.clock.advance(0.5)
        assert recorded.hung
        clip.finish.set()
        await settle()
        assert clip.phases[-1:] == [Phase.WRITING]


async def test_a_clip_has_one_limit_however_many_recordings_show_it(recorded: Listed) -> None:
    recorded.add_another()
    recorded.add_another()
    recorded.hangs = "segments"
    async with waiting(recorded) as (_, task):
        await recorded.clock.advance(LONGEST_WAIT + MAKING)
        assert task.done()
        assert (await task).failure is ClipFailure.RECORDING_UNREACHABLE
    assert not recorded.part.ok
    assert recorded.hung == 0


async def test_one_that_is_slow_leaves_time_for_the_next(recorded: Listed) -> None:
    recorded.add_another()
    recorded.hangs = "segments"
    async with waiting(recorded) as (_, task):
        await recorded.clock.advance(LONGEST_WAIT + MAKING)
        assert task.done()
    assert len(recorded.fetched_of) == 2
