from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clips.capture.media.timeline import (
    SECOND,
    AudioTimeline,
    JitterTotals,
    Placed,
    Skew,
    VideoTimeline,
    duration_of,
    samples_of,
)

BASE = 77 * SECOND
BLOCK = 4_800
BLOCK_US = 100_000
MS = 1_000

moments = st.integers(-(10**12), 10**12)


# Pictures


@given(st.lists(st.tuples(moments, moments, st.integers(-500_000, 500_000)), max_size=40))
@settings(deadline=None)
def test_the_times_of_pictures_rise_strictly_whatever_arrives(
    rows: list[tuple[int, int, int]],
) -> None:
    timeline = VideoTimeline(BASE)
    placed = [timeline.place(*row) for row in rows]
    given_out = [time for time in placed if time is not None]
    steps = [after - before for before, after in pairwise(given_out)]
    assert all(step >= VideoTimeline.LEAST_STEP for step in steps)
    assert timeline.last == (given_out[-1] if given_out else None)


def test_a_picture_stands_at_its_timestamp_and_the_correction() -> None:
    timeline = VideoTimeline(BASE)
    assert timeline.place(BASE + 500 * MS, BASE + 492 * MS, 30 * MS) == 530 * MS


@pytest.mark.parametrize("timestamp", [-1, 0, BASE - 5 * SECOND, BASE + 9 * SECOND])
def test_a_timestamp_that_cannot_be_is_replaced_by_the_arrival(timestamp: int) -> None:
    assert VideoTimeline(BASE).place(timestamp, BASE + SECOND, 0) == SECOND


def test_a_clock_that_fell_back_does_not_stop_the_picture() -> None:
    timeline = VideoTimeline(BASE)
    timeline.place(BASE + 3_400 * MS, BASE + 3_000 * MS, 0)
    after = [
        timeline.place(BASE + at * MS, BASE + (at + 500) * MS, 0) for at in range(2_800, 4_000, 33)
    ]
    shown = [time for time in after if time is not None]
    assert shown[0] <= 3_402 * MS
    assert len(shown) > len(after) / 2


@given(st.integers(0, 60), st.lists(st.integers(0, 30 * MS), min_size=220, max_size=220))
@settings(deadline=None, max_examples=40)
def test_a_loop_that_stood_still_for_3_s_loses_no_picture_and_moves_none(
    before: int, jitter: list[int]
) -> None:
    """What queued up comes at once, late, with true timestamps."""
    timeline, notifier = VideoTimeline(BASE), BASE + (40 + before) * 33 * MS + 3 * SECOND
    for number, late in enumerate(jitter):
        shown_at = BASE + number * 33 * MS + 50 * MS
        arrival = shown_at + late
        if number >= 40 + before:
            arrival = max(arrival, notifier + number)
        assert timeline.place(shown_at, arrival, 0) == shown_at - BASE


# Sound


def on_time(
    timeline: AudioTimeline[int], first: int, blocks: int, start: int, late: int = 0
) -> list[Placed[int]]:
    """Blocks `first` … as they come from a feed that began at `start`."""
    placed = []
    for number in range(first, first + blocks):
        arrival = BASE + start + (number - first + 1) * BLOCK_US + late
        placed += timeline.take(number, BLOCK, arrival)
    return placed


def holes(placed: Iterable[Placed[int]]) -> list[int]:
    """By how many samples each block is after, or before, the end of the one before it."""
    return [after.at - before.at - BLOCK for before, after in pairwise(placed)]


def end(placed: Sequence[Placed[int]]) -> int:
    """The time at which the last block ends."""
    return duration_of(placed[-1].at + BLOCK)


@given(
    st.booleans(), st.lists(st.tuples(st.integers(1, 9_600), st.integers(0, 400 * MS)), max_size=60)
)
@settings(deadline=None)
def test_every_block_of_sound_gets_one_place_whatever_arrives(
    quickly: bool, script: list[tuple[int, int]]
) -> None:
    timeline: AudioTimeline[int] = AudioTimeline(BASE, quickly=quickly)
    now, placed = 0, []
    for number, (samples, later) in enumerate(script):
        now += later
        placed += timeline.take(number, samples, BASE + now)
    assert [block.block for block in placed] == list(range(len(placed)))
    assert timeline.anchored is bool(placed)
    if placed:
        assert len(placed) == len(script)


@pytest.mark.parametrize("quickly", [False, True])
def test_sound_on_time_is_in_its_place(quickly: bool) -> None:
    placed = on_time(AudioTimeline(BASE, quickly=quickly), 0, 60, 700 * MS)
    assert holes(placed) == [0] * 59
    assert placed[0].at == samples_of(700 * MS)


@given(
    st.integers(0, 40),
    st.lists(st.integers(0, 30 * MS), min_size=120, max_size=120),
    st.integers(0, 5 * MS),
)
@settings(deadline=None, max_examples=60)
def test_a_loop_that_stood_still_for_3_s_moves_no_sound(
    before: int, jitter: list[int], pause: int
) -> None:
    timeline: AudioTimeline[int] = AudioTimeline(BASE)
    held = AudioTimeline.ANCHOR_BLOCKS
    stall_from, notifier = held + before, (held + before) * BLOCK_US + 3 * SECOND
    placed = []
    for number, late in enumerate(jitter):
        arrival = (number + 1) * BLOCK_US + late
        if number >= stall_from:
            arrival = max(arrival, notifier + (number - stall_from) * pause)
        placed += timeline.take(number, BLOCK, BASE + arrival)
    assert 0 <= placed[0].at <= samples_of(30 * MS)
    assert holes(placed) == [0] * 119


def test_one_late_first_block_does_not_move_the_sound() -> None:
    timeline: AudioTimeline[int] = AudioTimeline(BASE)
    placed = timeline.take(0, BLOCK, BASE + BLOCK_US + 170 * MS)
    for number in range(1, 12):
        placed += timeline.take(number, BLOCK, BASE + (number + 1) * BLOCK_US + 3 * MS)
    assert end(placed) == pytest.approx(12 * BLOCK_US + 3 * MS, abs=50)


def test_a_count_behind_the_clock_leaves_a_hole() -> None:
    timeline: AudioTimeline[int] = AudioTimeline(BASE)
    placed = on_time(timeline, 0, 20, 0)
    placed += on_time(timeline, 20, 30, 2 * SECOND + 300 * MS)
    assert [hole for hole in holes(placed) if hole] == [samples_of(300 * MS)]
    assert end(placed) == pytest.approx(2 * SECOND + 300 * MS + 30 * BLOCK_US, abs=50)


def test_a_count_ahead_of_the_clock_goes_back() -> None:
    timeline: AudioTimeline[int] = AudioTimeline(BASE)
    placed = on_time(timeline, 0, 10, 0, late=300 * MS)
    placed += on_time(timeline, 10, 30, SECOND)
    assert [hole for hole in holes(placed) if hole] == [-samples_of(300 * MS)]
    assert end(placed) == pytest.approx(SECOND + 30 * BLOCK_US, abs=50)


def test_a_feed_that_is_found_too_late_twice_is_mended_twice() -> None:
    timeline: AudioTimeline[int] = AudioTimeline(BASE)
    placed = on_time(timeline, 0, 10, 0, late=3_060 * MS)
    placed += on_time(timeline, 10, 16, SECOND, late=60 * MS)
    placed += on_time(timeline, 26, 60, 2_600 * MS)
    assert end(placed) == pytest.approx(2_600 * MS + 60 * BLOCK_US, abs=AudioTimeline.TOLERANCE)


def test_a_place_that_was_found_quickly_is_mended_once_more_is_known() -> None:
    timeline: AudioTimeline[int] = AudioTimeline(BASE, quickly=True)
    placed = on_time(timeline, 0, 3, 0, late=30 * MS)
    assert [block.block for block in placed] == [0, 1, 2]
    placed += on_time(timeline, 3, 20, 3 * BLOCK_US)
    assert end(placed) == pytest.approx(23 * BLOCK_US, abs=50)


@given(st.integers(0, 10**9))
@settings(deadline=None)
def test_samples_and_durations_are_each_others_inverse(samples: int) -> None:
    assert samples_of(duration_of(samples)) == samples


# Skew


totals = st.builds(JitterTotals, st.floats(0, 1e6), st.integers(0, 10**7))


@given(
    st.lists(
        st.tuples(
            st.none() | totals, st.none() | totals, st.integers(0, 2 * SECOND), st.booleans()
        ),
        max_size=40,
    )
)
@settings(deadline=None)
def test_the_skew_moves_by_200_ms_a_second_at_most_and_never_beyond_500_ms(
    rows: list[tuple[JitterTotals | None, JitterTotals | None, int, bool]],
) -> None:
    skew, now, before = Skew(), 0, 0
    for video, audio, later, measured in rows:
        if measured:
            skew.measure(video, audio)
        now += later
        value = skew.at(now)
        assert abs(value - before) <= later * 0.2 + 1
        assert abs(value) <= 500_000
        before = value


def measured(skew: Skew, video: float, audio: float, windows: int, since: int = 0) -> None:
    """Windows of half a second, in which each buffer held what it gave out for so many seconds."""
    for window in range(since, since + windows + 1):
        skew.measure(
            JitterTotals(video * window * 15, window * 15),
            JitterTotals(audio * window * 24_000, window * 24_000),
        )


def test_the_skew_is_how_much_longer_sound_is_held_back_than_pictures() -> None:
    skew = Skew()
    measured(skew, video=0.02, audio=0.147, windows=6)
    skew.jump()
    assert skew.at(0) == pytest.approx(127 * MS, abs=MS)


def test_the_skew_goes_to_its_measure_slowly_and_stays_there() -> None:
    skew = Skew()
    measured(skew, video=0.02, audio=0.12, windows=6)
    skew.at(0)
    assert skew.at(250 * MS) == pytest.approx(50 * MS, abs=MS)
    assert skew.at(9 * SECOND) == pytest.approx(100 * MS, abs=MS)


def test_the_skew_is_settled_once_two_windows_agree() -> None:
    skew = Skew()
    measured(skew, 0.02, 0.05, windows=2)
    assert not skew.settled
    measured(skew, 0.02, 0.05, windows=3)
    assert skew.settled


def test_totals_that_fell_back_are_a_new_track_and_measure_nothing() -> None:
    skew = Skew()
    measured(skew, 0.02, 0.05, windows=4)
    skew.measure(JitterTotals(0.0, 1), JitterTotals(400.0, 2))
    skew.jump()
    assert skew.at(0) == pytest.approx(30 * MS, abs=MS)


def test_another_track_measures_nothing_against_the_one_before() -> None:
    skew = Skew()
    measured(skew, 0.02, 0.05, windows=4)
    skew.measure(JitterTotals(1.5, 75), JitterTotals(90_000.0, 130_000, "another"))
    skew.jump()
    assert skew.at(0) == pytest.approx(30 * MS, abs=MS)


def test_without_one_of_both_streams_nothing_is_corrected() -> None:
    skew = Skew()
    for window in range(6):
        skew.measure(JitterTotals(window * 2.0, window * 15), None)
    skew.jump()
    assert skew.at(SECOND) == 0
    assert not skew.settled
