"""Lists that no site should send: whatever their times are, they are placed or refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from bot.clips.sources.recording import RecordingLists, RecordingSource, RecordingStills
from bot.errors import RecordingError
from bot.kit.health import Health
from bot.model import Recording, RecordingFault, Window
from bot.pumpfun.recording import playlists
from bot.pumpfun.recording.playlists import Rung, Segment, SegmentList
from tests.fakes.clock import FakeClock

RUNG = Rung("list.m3u8", 1_000_000, 1280, 720)


class Lists:
    """A recording of which the list is what the test says, and those who read it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.now: bytes | SegmentList = b""
        now = self.clock.now()
        self.recording = Recording(
            1, 1, 1, "20260826_101500", "https://c/m.m3u8", now - timedelta(hours=1), now
        )
        self.part = Health(self.clock).part("recording")
        media = cast("Any", self)
        self.placed = RecordingLists(media, self.clock, delay=12.0)
        self.source = RecordingSource(
            self.of_mint,
            media=media,
            lists=self.placed,
            clock=self.clock,
            part=self.part,
            max_height=720,
            longest_wait=25.0,
        )
        self.stills = RecordingStills(
            media=media, lists=self.placed, clock=self.clock, part=self.part
        )

    async def of_mint(self, mint: str) -> Sequence[Recording]:
        return (self.recording,)

    async def rungs(self, master: str) -> tuple[Rung, ...]:
        return (RUNG,)

    async def segments(self, master: str, rung: Rung) -> SegmentList:
        return playlists.segments(self.now) if isinstance(self.now, bytes) else self.now

    def ago(self, seconds: float) -> str:
        """A stamp."""
        at = self.clock.now() - timedelta(seconds=seconds)
        return f"#EXT-X-PROGRAM-DATE-TIME:{at.isoformat()}"


@pytest.fixture
def lists() -> Lists:
    return Lists()


def listed(*lines: str) -> bytes:
    return "\n".join(("#EXTM3U", *lines)).encode()


async def test_stamps_that_go_back_leave_the_whole_from_its_oldest_to_its_newest(
    lists: Lists,
) -> None:
    newest = [line for n in range(3) for line in (lists.ago(5 - 2 * n), "#EXTINF:2,", f"a{n}.ts")]
    older = [line for n in range(10) for line in (lists.ago(50 - 2 * n), "#EXTINF:2,", f"b{n}.ts")]
    lists.now = listed(*newest, *older)
    last = Window.before(lists.clock.now(), 600.0)
    reach = await lists.source.reach("mint", last)
    assert reach is not None
    placement = await lists.placed.look(lists.recording, RUNG)
    begins = [one.begins_at for one in placement.placed]
    assert (reach.begins_at, placement.whole) == (
        min(begins),
        Window(min(begins), begins[2] + timedelta(seconds=2)),
    )
    assert await lists.source.offer("mint", Window(begins[3], begins[3] + timedelta(seconds=9)))


HUGE = ["#EXTINF:999999,\na.ts"] * 49_000


async def test_a_list_that_changes_its_shape_is_refused_and_told(
    lists: Lists, tmp_path: Path
) -> None:
    last = Window.before(lists.clock.now(), 600.0)
    for lines in ([lists.ago(5), *HUGE], [*HUGE, lists.ago(5), "#EXTINF:2,", "b.ts"]):
        lists.now = listed(*lines)
        assert await lists.source.reach("mint", last) is None
        assert await lists.source.offer("mint", last) is None
        assert await lists.stills.newest(lists.recording) is None
        await lists.clock.advance(1)
    assert not lists.part.ok
    assert lists.part.detail


async def test_times_that_cannot_be_reckoned_with_are_the_lists_fault(lists: Lists) -> None:
    """Whatever its parser lets through."""
    ages = Segment("a.ts", 3e11, 0), Segment("b.ts", 2.0, 1, 0, datetime(2026, 8, 26, tzinfo=UTC))
    lists.now = SegmentList(ages)
    with pytest.raises(RecordingError) as caught:
        await lists.placed.look(lists.recording, RUNG)
    assert caught.value.fault is RecordingFault.BAD_TIMES
