from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clips.capture.media.ring import Cut, Encoded, Ring
from bot.clips.capture.media.timeline import SECOND

GOP = SECOND
FRAME = SECOND // 10
AAC = 21_333
FOREVER = 10**12


@dataclass(frozen=True, slots=True)
class Stream:
    """Packets in the order in which they come: a keyframe at least once a second."""

    packets: tuple[tuple[bool, Encoded], ...]


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    rows: list[tuple[bool, Encoded]] = []
    time, sounded, last_key = draw(st.integers(0, SECOND)), 0, -FOREVER
    for _ in range(draw(st.integers(0, 120))):
        while sounded < time:
            size = draw(st.integers(1, 300))
            rows.append((False, Encoded(sounded, AAC, size, True, len(rows))))
            sounded += AAC * draw(st.sampled_from([1, 1, 1, 8]))
        key = time - last_key >= GOP - FRAME or draw(st.integers(0, 14)) == 0
        last_key = time if key else last_key
        rows.append((True, Encoded(time, FRAME, draw(st.integers(1, 4_000)), key, len(rows))))
        time += draw(st.integers(2_000, FRAME))
    return Stream(tuple(rows))


def filled(stream: Stream, ring: Ring) -> Ring:
    for is_video, packet in stream.packets:
        (ring.add_video if is_video else ring.add_audio)(packet)
    return ring


def whole(ring: Ring) -> Cut:
    return ring.cut(-FOREVER, FOREVER)


def steady(seconds: int, size: int = 1_000, *, gop: int = GOP) -> Ring:
    """A ring of 4 s that got so many seconds of ten pictures a second, and sound."""
    ring = Ring(4 * SECOND, 10**9)
    for time in range(0, seconds * SECOND, FRAME):
        ring.add_video(Encoded(time, FRAME, size, time % gop == 0, None))
        ring.add_audio(Encoded(time, FRAME, 100, True, None))
    return ring


@given(streams(), st.integers(FRAME, 5 * SECOND), st.integers(1, 60_000))
@settings(deadline=None)
def test_the_ring_is_bounded_by_time_and_by_bytes_and_begins_on_a_keyframe(
    stream: Stream, span: int, max_bytes: int
) -> None:
    ring, groups = Ring(span, max_bytes), 0
    for is_video, packet in stream.packets:
        (ring.add_video if is_video else ring.add_audio)(packet)
        if ring.video_end is None:
            assert ring.bytes <= max(max_bytes, packet.size)
            continue
        cut = whole(ring)
        groups = sum(p.key for p in cut.video)
        assert cut.video[0].key
        assert ring.pictured_from == cut.start == cut.video[0].time
        # Two groups are kept in any case, so that there is something to cut.
        assert ring.video_end - cut.start < span + GOP or groups <= Ring.LEAST_GROUPS
        assert ring.bytes <= max_bytes or groups <= Ring.LEAST_GROUPS
        assert ring.bytes >= sum(p.size for p in (*cut.video, *cut.audio))


@given(streams())
@settings(deadline=None)
def test_the_bytes_are_those_of_what_is_held(stream: Stream) -> None:
    """Sound from before the first picture is held as well, until its group goes."""
    ring = filled(stream, Ring(2 * SECOND, 40_000))
    cut = whole(ring)
    held = sum(p.size for p in (*cut.video, *cut.audio))
    before = [p.size for is_video, p in stream.packets if not is_video and p.time < cut.start]
    assert held <= ring.bytes <= held + sum(before)


@given(streams(), st.integers(-SECOND, 8 * SECOND), st.integers(0, 4 * SECOND))
@settings(deadline=None)
def test_a_cut_begins_at_the_nearest_keyframe_for_both_streams(
    stream: Stream, start: int, length: int
) -> None:
    ring = filled(stream, Ring(3 * SECOND, 10**9))
    if ring.video_end is None:
        return
    keys = [p.time for p in whole(ring).video if p.key and p.time < start + length]
    cut = ring.cut(start, start + length)
    assert abs(cut.start - start) == min((abs(key - start) for key in keys), default=0)
    assert all(cut.start <= p.time < start + length for p in cut.video)
    assert all(cut.start <= p.time and p.end <= start + length for p in cut.audio)
    assert not cut.video or (cut.video[0].key and cut.video[0].time == cut.start)


def test_a_long_recording_keeps_its_span_and_the_group_that_this_falls_into() -> None:
    ring = steady(60)
    assert ring.start == 56 * SECOND
    assert ring.video_end == 60 * SECOND - FRAME


def test_a_group_goes_as_a_whole_and_its_sound_with_it() -> None:
    cut = whole(steady(30))
    assert len(cut.video) % 10 == 0
    assert cut.audio[0].time == cut.video[0].time


def test_many_bytes_make_the_ring_shorter_than_its_span() -> None:
    ring = Ring(60 * SECOND, 35_000)
    for time in range(0, 20 * SECOND, FRAME):
        ring.add_video(Encoded(time, FRAME, 1_000, time % GOP == 0, None))
        assert ring.bytes <= 35_000
    assert ring.start == 17 * SECOND


def test_pictures_before_the_first_keyframe_are_left_out() -> None:
    ring = Ring(SECOND, 10**6)
    ring.add_video(Encoded(0, FRAME, 10, False, None))
    assert (ring.start, ring.video_end, ring.bytes) == (None, None, 0)


def test_sound_alone_is_kept_for_the_span_and_cut_at_its_own_packets() -> None:
    ring = Ring(SECOND, 10**6)
    for number in range(200):
        ring.add_audio(Encoded(number * AAC, AAC, 50, True, None))
    assert ring.start is not None
    assert ring.audio_end is not None
    assert ring.audio_end - ring.start <= SECOND
    cut = ring.cut(190 * AAC, 195 * AAC)
    assert [p.time for p in cut.audio] == [number * AAC for number in range(190, 195)]
    assert cut.start == 190 * AAC


def test_sound_alone_is_bounded_by_bytes_as_well() -> None:
    ring = Ring(60 * SECOND, 1_000)
    for number in range(200):
        ring.add_audio(Encoded(number * AAC, AAC, 50, True, None))
    assert ring.bytes == 1_000


def test_an_empty_ring_has_no_keyframe_and_no_ends() -> None:
    ring = Ring(SECOND, 1)
    assert ring.nearest_key(0) is None
    assert (ring.start, ring.video_end, ring.audio_end) == (None, None, None)
    assert ring.cut(0, SECOND) == Cut(0, SECOND, (), ())


def test_what_a_clip_needs_is_kept_as_long_as_it_needs_it() -> None:
    ring = Ring(4 * SECOND, 10**9)
    ring.keep_from = 10 * SECOND
    for time in range(0, 60 * SECOND, FRAME):
        ring.add_video(Encoded(time, FRAME, 1_000, time % GOP == 0, None))
    assert ring.start == 10 * SECOND
    ring.keep_from = None
    ring.add_video(Encoded(60 * SECOND, FRAME, 1_000, True, None))
    assert ring.start == 56 * SECOND


def test_what_a_clip_needs_may_not_take_more_bytes_than_there_are() -> None:
    ring = Ring(4 * SECOND, 35_000)
    ring.keep_from = 0
    for time in range(0, 20 * SECOND, FRAME):
        ring.add_video(Encoded(time, FRAME, 1_000, time % GOP == 0, None))
        assert ring.bytes <= 35_000


def test_pictures_that_came_to_an_end_go_when_the_sound_goes_on() -> None:
    ring = steady(10)
    assert ring.pictured_from is not None
    for time in range(10 * SECOND, 30 * SECOND, FRAME):
        ring.add_audio(Encoded(time, FRAME, 100, True, None))
    assert ring.pictured_from is None
    assert ring.start == 26 * SECOND
    assert ring.bytes == 40 * 100


def test_what_came_before_the_beginning_is_forgotten() -> None:
    ring = steady(4)
    ring.forget_before(2 * SECOND + FRAME)
    assert ring.pictured_from == 3 * SECOND
    assert ring.start == 2 * SECOND + FRAME, "its sound may begin before"
