"""Playlists as the site writes them, as others might, and as an attacker would."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import texts
from bot.errors import RecordingError
from bot.model import RecordingFault
from bot.pumpfun.recording import playlists
from bot.pumpfun.recording.coverage import placed
from bot.pumpfun.recording.playlists import Rung, Segment, is_master, rungs, segments

MASTER = b"""#EXTM3U
#EXT-X-VERSION:3
#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360,CODECS="avc1.42c01e,mp4a.40.2",FRAME-RATE=20
playlist_20260826_101500_0_live.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=4000000,RESOLUTION=1920x1080,FRAME-RATE=60.000
playlist_20260826_101500_2_live.m3u8

#EXT-X-STREAM-INF:BANDWIDTH=2000000,RESOLUTION=1280x720,FRAME-RATE=30
playlist_20260826_101500_1_live.m3u8
"""

LIVE = b"""#EXTM3U
#EXT-X-VERSION:4
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-PROGRAM-DATE-TIME:2026-08-26T10:15:16.500Z
#EXTINF:1.96,
seg_7.ts
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2026-08-26T12:15:38.460+02:00
#EXTINF:2,a title, with a comma
seg_8.ts
#EXT-X-GAP
#EXTINF:1.960000,
seg_9.ts
"""


def refusal(data: bytes) -> RecordingFault:
    with pytest.raises(RecordingError) as caught:
        segments(data)
    return caught.value.fault


def listed(*lines: str) -> bytes:
    return "\n".join(("#EXTM3U", *lines)).encode()


def test_a_master_playlist_names_its_rungs_the_best_first() -> None:
    found = rungs(MASTER)
    assert [(rung.height, rung.fps) for rung in found] == [(1080, 60.0), (720, 30.0), (360, 20.0)]
    assert found[-1] == Rung("playlist_20260826_101500_0_live.m3u8", 800_000, 640, 360, 20.0)
    assert is_master(MASTER)
    assert not is_master(LIVE)


@pytest.mark.parametrize(
    "sound",
    [
        '#EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS="mp4a.40.2"',
        '#EXT-X-STREAM-INF:BANDWIDTH=9000000,CODECS="mp4a.40.2,ac-3"',
        "#EXT-X-STREAM-INF:BANDWIDTH=64000",
    ],
)
def test_a_rung_of_sound_alone_is_none_where_others_have_a_picture(sound: str) -> None:
    assert rungs(MASTER + f"{sound}\nsound.m3u8\n".encode()) == rungs(MASTER)
    assert [rung.uri for rung in rungs(listed(sound, "sound.m3u8"))] == ["sound.m3u8"]


def test_a_rung_has_a_picture_by_its_codecs_too() -> None:
    picture = '#EXT-X-STREAM-INF:BANDWIDTH=800000,CODECS="mp4a.40.2, AVC1.42c01e"'
    sound = '#EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS="mp4a.40.2"'
    found = rungs(listed(picture, "picture.m3u8", sound, "sound.m3u8"))
    assert [rung.uri for rung in found] == ["picture.m3u8"]
    assert len(rungs(MASTER + f"{picture}\npicture.m3u8\n".encode())) == 4


@pytest.mark.parametrize(
    ("medium", "is_taken"),
    [
        ('TYPE=AUDIO,GROUP-ID="a",NAME="en",DEFAULT=YES,URI="sound.m3u8"', False),
        ('TYPE=AUDIO,GROUP-ID="a",NAME="en",DEFAULT=YES', True),
        ('TYPE=SUBTITLES,GROUP-ID="a",NAME="en",URI="words.m3u8"', True),
        ('TYPE=CLOSED-CAPTIONS,GROUP-ID="a",NAME="en",INSTREAM-ID="CC1"', True),
    ],
)
def test_sound_that_lies_apart_from_the_picture_is_refused(medium: str, *, is_taken: bool) -> None:
    data = listed(f"#EXT-X-MEDIA:{medium}", *MASTER.decode().splitlines()[1:])
    if is_taken:
        assert rungs(data) == rungs(MASTER)
        return
    with pytest.raises(RecordingError) as caught:
        rungs(data)
    assert caught.value.fault is RecordingFault.UNKNOWN_FEATURE


def test_a_list_says_of_each_segment_what_is_known_of_it() -> None:
    first, second, third = segments(LIVE).segments
    at = datetime(2026, 8, 26, 10, 15, 16, 500_000, UTC)
    assert first == Segment("seg_7.ts", 1.96, 7, 0, at)
    assert second.stamped_at == datetime(2026, 8, 26, 10, 15, 38, 460_000, UTC)
    assert (second.group, second.sequence, second.seconds) == (1, 8, 2.0)
    assert third == Segment("seg_9.ts", 1.96, 9, 1, is_missing=True)
    assert not segments(LIVE).is_over
    assert segments(LIVE + b"#EXT-X-ENDLIST\n").is_over


def test_line_ends_and_marks_of_other_systems_change_nothing() -> None:
    other = b"\xef\xbb\xbf" + LIVE.replace(b"\n", b"\r\n")
    assert segments(other) == segments(LIVE)


def test_an_empty_list_is_one_that_has_not_begun() -> None:
    assert segments(listed("#EXT-X-TARGETDURATION:2")).segments == ()


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", RecordingFault.NOT_A_PLAYLIST),
        (b"<html>", RecordingFault.NOT_A_PLAYLIST),
        (b"#EXTM3U8\n#EXTINF:2,\na.ts", RecordingFault.NOT_A_PLAYLIST),
        (b"#EXTM3U\n#EXTINF:2,\n\xff.ts", RecordingFault.NOT_A_PLAYLIST),
        (b"#EXTM3U\n#EXTINF:2,\na\x00.ts", RecordingFault.NOT_A_PLAYLIST),
        (b"#EXTM3U\n" + b"#" * (4 << 20), RecordingFault.PLAYLIST_TOO_LARGE),
        (b"#EXTM3U\n" + b"\n" * 300_001, RecordingFault.TOO_MANY_ENTRIES),
        (listed("#" * 2049), RecordingFault.LINE_TOO_LONG),
        (listed(*["#EXTINF:2,\na"] * 50_001), RecordingFault.TOO_MANY_ENTRIES),
        (listed("a.ts"), RecordingFault.BAD_LENGTH),
        (listed("#EXTINF:2,", "a.ts", "b.ts"), RecordingFault.BAD_LENGTH),
        (listed("#EXTINF:-1,", "a.ts"), RecordingFault.BAD_LENGTH),
        (listed("#EXTINF:1000000,", "a.ts"), RecordingFault.BAD_LENGTH),
        (listed("#EXTINF:nan,", "a.ts"), RecordingFault.BAD_LENGTH),
        (listed("#EXTINF:1e1,", "a.ts"), RecordingFault.BAD_LENGTH),
        (listed("#EXTINF:\u0662,", "a.ts"), RecordingFault.BAD_LENGTH),
        (listed("#EXTINF", "a.ts"), RecordingFault.BAD_LENGTH),
        (listed("#EXT-X-MEDIA-SEQUENCE:-1"), RecordingFault.BAD_NUMBER),
        (listed(f"#EXT-X-MEDIA-SEQUENCE:{'9' * 40}"), RecordingFault.BAD_NUMBER),
        (listed("#EXTINF:2,", "a", "#EXT-X-MEDIA-SEQUENCE:1"), RecordingFault.BAD_NUMBER),
        (listed("#EXT-X-PROGRAM-DATE-TIME:yesterday"), RecordingFault.BAD_TIME),
        (listed("#EXT-X-PROGRAM-DATE-TIME:2026-13-01T00:00:00Z"), RecordingFault.BAD_TIME),
        (listed("#EXT-X-PROGRAM-DATE-TIME:0000-12-31T23:59:59Z"), RecordingFault.BAD_TIME),
        (listed("#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00+99:00"), RecordingFault.BAD_TIME),
        (listed('#EXT-X-KEY:METHOD=AES-128,URI="https://k"'), RecordingFault.ENCRYPTED),
        (listed("#EXT-X-KEY"), RecordingFault.ENCRYPTED),
        (listed("#EXT-X-SESSION-KEY:METHOD=NONE"), RecordingFault.ENCRYPTED),
        (listed('#EXT-X-MAP:URI="init.mp4"'), RecordingFault.FRAGMENTED_MP4),
        (listed("#EXT-X-BYTERANGE:100@0"), RecordingFault.BYTE_RANGES),
        (listed('#EXT-X-DEFINE:NAME="a",VALUE="b"'), RecordingFault.UNKNOWN_FEATURE),
        (listed("#EXT-X-SKIP:SKIPPED-SEGMENTS=3"), RecordingFault.UNKNOWN_FEATURE),
        (listed("#EXT-X-I-FRAMES-ONLY"), RecordingFault.UNKNOWN_FEATURE),
        (MASTER, RecordingFault.NESTED),
    ],
)
def test_what_is_no_list_of_ours_is_refused_for_its_reason(
    data: bytes, fault: RecordingFault
) -> None:
    assert refusal(data) is fault


@pytest.mark.parametrize(
    "data",
    [
        b"",
        LIVE,
        listed("#EXT-X-STREAM-INF:BANDWIDTH=1"),
        listed(*["#EXT-X-STREAM-INF:BANDWIDTH=1\na"] * 33),
        listed("#EXT-X-STREAM-INF:BANDWIDTH=-1", "a"),
        listed("#EXT-X-STREAM-INF:BANDWIDTH=1", "a", "#EXTINF:2,", "b.ts"),
        listed('#EXT-X-SESSION-KEY:METHOD=AES-128,URI="k"', "#EXT-X-STREAM-INF:", "a"),
    ],
)
def test_what_is_no_master_playlist_is_refused(data: bytes) -> None:
    with pytest.raises(RecordingError):
        rungs(data)


@pytest.mark.parametrize("seconds", ["30.01", "3600", "999999.5"])
def test_a_segment_that_is_far_too_long_costs_no_other(seconds: str) -> None:
    lines = ["#EXTINF:2,", "a.ts", f"#EXTINF:{seconds},", "b.ts", "#EXTINF:2,", "c.ts"]
    found = segments(listed(*lines)).segments
    assert [one.is_missing for one in found] == [False, True, False]
    edge_at = datetime(2026, 8, 26, tzinfo=UTC)
    first, _, last = placed(found, edge_at=edge_at)
    assert last.ends_at == edge_at
    assert (last.begins_at - first.ends_at).total_seconds() == float(seconds)


@pytest.mark.parametrize(
    "stamp", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59-12:00"]
)
def test_a_stamp_of_a_clock_that_was_not_set_is_none(stamp: str) -> None:
    lines = [f"#EXT-X-PROGRAM-DATE-TIME:{stamp}", "#EXTINF:2,", "a.ts"]
    later = ["#EXT-X-PROGRAM-DATE-TIME:2026-08-26T10:15:16Z", "#EXTINF:2,", "b.ts"]
    first, second = segments(listed(*lines, *later)).segments
    assert first.stamped_at is None
    assert second.stamped_at == datetime(2026, 8, 26, 10, 15, 16, tzinfo=UTC)


def test_a_list_of_nothing_but_far_too_long_segments_is_refused() -> None:
    assert refusal(listed(*["#EXTINF:999999,\na"] * 3)) is RecordingFault.BAD_TIMES
    assert len(segments(listed(*["#EXTINF:51,\na"] * 50_000)).segments) == 50_000


def test_a_key_that_is_none_encrypts_nothing() -> None:
    assert segments(listed("#EXT-X-KEY:METHOD=NONE", "#EXTINF:2,", "a")).seconds == 2.0


@pytest.mark.parametrize(
    "tag", ["#EXT-X-STREAM-INF:BANDWIDTH=1,", "#EXT-X-KEY:METHOD=NONE,", "#EXT-X-MEDIA:TYPE=AUDIO,"]
)
@pytest.mark.parametrize("unit", ["A=", "A= ", "A=:", ",A=", ',A="', 'A="', "A", ",", ", ", '"'])
def test_attributes_without_end_are_read_in_a_moment(tag: str, unit: str) -> None:
    line = (tag + unit * playlists.LONGEST_LINE)[: playlists.LONGEST_LINE - 1] + '"'
    data = ("#EXTM3U\n" + f"{line}\n" * 400).encode()
    began = time.process_time()
    with contextlib.suppress(RecordingError):
        rungs(data)
    with contextlib.suppress(RecordingError):
        segments(data)
    assert time.process_time() - began < 1


def test_three_hours_are_read_in_a_moment() -> None:
    data = listed(*["#EXT-X-PROGRAM-DATE-TIME:2026-08-26T10:15:16.500Z\n#EXTINF:1.96,\na"] * 5500)
    began = time.process_time()
    assert len(segments(data).segments) == 5500
    assert time.process_time() - began < 0.5


@given(st.binary(max_size=400))
def test_whatever_bytes_come_are_read_or_refused(data: bytes) -> None:
    for text in (data, b"#EXTM3U\n" + data):
        for parse in (rungs, segments):
            with contextlib.suppress(RecordingError):
                parse(text)


_LINES = st.sampled_from([line for data in (MASTER, LIVE) for line in data.decode().splitlines()])
_DAMAGE = st.text(st.characters(codec="utf-8"), max_size=6)


@given(st.lists(st.tuples(_LINES, st.integers(0, 60), _DAMAGE), max_size=30))
def test_a_damaged_list_is_read_or_refused(lines: list[tuple[str, int, str]]) -> None:
    damaged = [line[:at] + damage + line[at:] for line, at, damage in lines]
    try:
        found = segments(listed(*damaged))
    except RecordingError:
        return
    assert all(
        one.is_missing or 0 <= one.seconds <= playlists.LONGEST_SEGMENT for one in found.segments
    )
    numbers = [segment.sequence for segment in found.segments]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True


@pytest.mark.parametrize("fault", RecordingFault)
def test_every_fault_has_a_sentence_of_its_own(fault: RecordingFault) -> None:
    told = texts.health.recording_refused(fault)
    assert told.endswith(".")
    assert [other for other in RecordingFault if texts.health.recording_refused(other) == told] == [
        fault
    ]
