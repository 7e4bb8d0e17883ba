"""Lists that no site should send: whatever their times are, they are placed or refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import RecordingError
from bot.model import RecordingFault, Window
from bot.pumpfun.recording.playlists import Segment, SegmentList
from tests.clips.sources.recording.listed import DELAY, RUNG, Listed, listed


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


def newest(recorded: Listed, sequence: int, ago: float) -> None:
    """A list whose newest segment has that number, and a stamp of so many seconds ago."""
    lines = ("#EXTINF:2,", "a.ts", recorded.stamp(ago), "#EXTINF:2,", "b.ts")
    recorded.now = listed(f"#EXT-X-MEDIA-SEQUENCE:{sequence - 1}", recorded.stamp(ago + 2), *lines)


async def edge_ago(recorded: Listed) -> float:
    """How many seconds ago its newest segment ended, as it is placed."""
    edge_at = (await recorded.lists.look(recorded.known[0], RUNG)).edge_at
    assert edge_at is not None
    return (recorded.clock.now() - edge_at).total_seconds()


@pytest.mark.parametrize("is_measured", [False, True])
async def test_of_a_clock_that_was_set_back_nothing_that_was_noted_before_counts(
    recorded: Listed, *, is_measured: bool
) -> None:
    newest(recorded, 7, ago=7.0 - 60)  # it is a minute ahead
    if is_measured:
        recorded.lists.measured(recorded.known[0], 67.0)
    assert await edge_ago(recorded) == DELAY
    await recorded.clock.advance(2)
    newest(recorded, 8, ago=7.0)
    placement = await recorded.lists.look(recorded.known[0], RUNG)
    assert (await edge_ago(recorded), placement.is_about) == (DELAY, True)
    assert recorded.lists.late(recorded.known[0]) is None


async def test_nor_where_more_time_has_passed_than_it_was_set_back(recorded: Listed) -> None:
    newest(recorded, 7, ago=7.0 - 60)
    recorded.lists.measured(recorded.known[0], 67.0)
    assert await edge_ago(recorded) == DELAY
    await recorded.clock.advance(90)
    stamps = map(recorded.stamp, (35.0, 89.0, 9.0, 7.0))
    lines = [line for stamp in stamps for line in (stamp, "#EXTINF:2,", "a.ts")]
    recorded.now = listed("#EXT-X-MEDIA-SEQUENCE:8", *lines)
    assert await edge_ago(recorded) == DELAY
    assert recorded.lists.late(recorded.known[0]) is None


async def test_what_another_rung_says_of_the_same_setting_costs_no_new_measurement(
    recorded: Listed,
) -> None:
    other = replace(RUNG, uri="other.m3u8")
    newest(recorded, 7, ago=7.0 - 60)
    for rung in (RUNG, other):
        await recorded.lists.look(recorded.known[0], rung)
    await recorded.clock.advance(2)
    newest(recorded, 8, ago=7.0)
    await recorded.lists.look(recorded.known[0], RUNG)
    recorded.lists.measured(recorded.known[0], 7.0)
    await recorded.lists.look(recorded.known[0], other)
    assert recorded.lists.late(recorded.known[0]) == 7.0


async def test_an_old_list_out_of_a_cache_is_no_clock_that_was_set(recorded: Listed) -> None:
    newest(recorded, 7, ago=7.0)
    assert await edge_ago(recorded) == DELAY
    await recorded.clock.advance(1)
    newest(recorded, 5, ago=12.0)
    assert await edge_ago(recorded) == DELAY + 5
    await recorded.clock.advance(1)
    newest(recorded, 8, ago=7.5)
    assert await edge_ago(recorded) == DELAY + 0.5
    await recorded.clock.advance(2)
    newest(recorded, 9, ago=10.0)  # a little before the one before it
    assert await edge_ago(recorded) == DELAY + 3


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
