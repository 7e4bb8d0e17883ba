"""For how long a track is left out with which something was wrong."""

from __future__ import annotations

from bot.clips.capture.room.track_faults import Reopenings, TrackFaults
from bot.model import VideoFault

BAD, DENIED = VideoFault.UNDECODABLE, VideoFault.NOT_RECEIVED


def test_a_track_is_tried_again_after_a_minute() -> None:
    faults = TrackFaults()
    assert faults.of("a", 0.0) is None
    faults.hold("a", BAD, 0.0)
    assert faults.of("a", 59.0) is BAD
    assert faults.of("b", 59.0) is None
    assert faults.of("a", 60.0) is None


def test_where_it_fails_again_it_is_left_out_for_twice_as_long_each_time() -> None:
    faults, now, pauses = TrackFaults(), 0.0, []
    for _ in range(7):
        faults.hold("a", BAD, now)
        pauses.append(next(s for s in (60, 120, 240, 480, 960) if not faults.of("a", now + s)))
        now += pauses[-1] + 5
    assert pauses == [60, 120, 240, 480, 960, 960, 960]


def test_after_a_good_while_a_bad_moment_is_the_first_one_again() -> None:
    faults = TrackFaults()
    faults.hold("a", BAD, 0.0)
    faults.hold("a", BAD, 1000.0)
    assert faults.of("a", 1060.0) is None


def test_what_was_not_given_to_us_is_tried_as_soon_as_it_may_be() -> None:
    faults = TrackFaults()
    faults.hold("a", DENIED, 0.0)
    faults.hold("b", BAD, 0.0)
    faults.forgive(DENIED)
    assert faults.of("a", 1.0) is None
    assert faults.of("b", 1.0) is BAD


def test_a_track_that_ends_at_once_is_opened_three_times() -> None:
    reopenings = Reopenings()
    assert [reopenings.is_one_more_allowed("a", float(n)) for n in range(4)] == [True] * 3 + [False]
    assert reopenings.is_one_more_allowed("b", 4.0)


def test_one_that_ends_now_and_then_is_opened_for_as_long_as_the_stream_lasts() -> None:
    reopenings = Reopenings()
    assert all(reopenings.is_one_more_allowed("a", 61.0 * n) for n in range(100))
