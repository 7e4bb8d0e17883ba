"""Lists that no site should send: whatever their times are, they are placed or refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import RecordingError
from bot.model import RecordingFault, Window
from bot.pumpfun.recording.playlists import Segment, SegmentList
from tests.clips.sources.recording.listed import RUNG, Listed, listed


@pytest.fixture
def recorded() -> Listed:
    return Listed()


async def test_stamps_that_go_back_leave_the_whole_from_its_oldest_to_its_newest(
    recorded: Listed,
) -> None:
    newest = [
        line for n in range(3) for line in (recorded.stamp(5 - 2 * n), "#EXTINF:2,", f"a{n}.ts")
    ]
    older = [
        line for n in range(10) for line in (recorded.stamp(50 - 2 * n), "#EXTINF:2,", f"b{n}.ts")
    ]
    recorded.now = listed(*newest, *older)
    last = Window.before(recorded.clock.now(), 600.0)
    reach = await recorded.source.reach("mint", last)
    assert reach is not None
    placement = await recorded.lists.look(recorded.known[0], RUNG)
    begins = [one.begins_at for one in placement.placed]
    assert (reach.begins_at, placement.whole) == (
        min(begins),
        Window(min(begins), begins[2] + timedelta(seconds=2)),
    )
    assert await recorded.source.offer("mint", Window(begins[3], begins[3] + timedelta(seconds=9)))


HUGE = ["#EXTINF:999999,\na.ts"] * 49_000


async def test_a_list_that_changes_its_shape_is_refused_and_told(recorded: Listed) -> None:
    last = Window.before(recorded.clock.now(), 600.0)
    for lines in ([recorded.stamp(5), *HUGE], [*HUGE, recorded.stamp(5), "#EXTINF:2,", "b.ts"]):
        recorded.now = listed(*lines)
        assert await recorded.source.reach("mint", last) is None
        assert await recorded.source.offer("mint", last) is None
        assert await recorded.stills.newest(recorded.known[0]) is None
        await recorded.clock.advance(1)
    assert not recorded.part.ok
    assert recorded.part.detail


async def test_times_that_cannot_be_reckoned_with_are_the_lists_fault(recorded: Listed) -> None:
    """Whatever its parser lets through."""
    ages = Segment("a.ts", 3e11, 0), Segment("b.ts", 2.0, 1, 0, datetime(2026, 8, 26, tzinfo=UTC))
    recorded.now = SegmentList(ages)
    with pytest.raises(RecordingError) as caught:
        await recorded.lists.look(recorded.known[0], RUNG)
    assert caught.value.fault is RecordingFault.BAD_TIMES
