"""Which recording, which rung, and where its segments are on the line of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.clips.sources.recording_choice import (
    Delay,
    SeenList,
    in_turn,
    is_worth_waiting,
    likely,
    ready_in,
)
from bot.model import Recording, Window
from bot.pumpfun.playlists import Rung, Segment, SegmentList

ZERO = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
LADDER = (
    Rung("2", 3_200_000, 1920, 1080, 60.0),
    Rung("1", 1_850_000, 1280, 720, 30.0),
    Rung("0", 640_000, 640, 360, 20.0),
)
LIMIT = 10 << 20


def at(seconds: float) -> datetime:
    return ZERO + timedelta(seconds=seconds)


def stamped(late: float, *, is_over: bool = False) -> SegmentList:
    """Ten segments that were on air from 0 on, with stamps that are so late."""
    return SegmentList(
        tuple(Segment(f"{n}.ts", 2.0, n, 0, at(2.0 * n + late)) for n in range(10)), is_over
    )


def recording(
    id_: int, first_seen_at: datetime, last_seen_at: datetime, retired_at: datetime | None = None
) -> Recording:
    master = f"https://clips.pump.fun/A/7_{id_}/master_playlist.m3u8"
    return Recording(id_, 1, 7, str(id_), master, first_seen_at, last_seen_at, retired_at)


def heights(seconds: float, limit: int = LIMIT, height: int = 720) -> list[int]:
    found = in_turn(LADDER, seconds=seconds, max_bytes=limit, max_height=height)
    return [rung.height for rung in found]


def test_however_late_stamps_are_the_delay_says_where_segments_are() -> None:
    for late in (0.0, 5.0, 12.0):
        seen = SeenList(stamped(late), at(20 + 12))
        begins = [one.begins_at for one in seen.placed(Delay(12.0))]
        assert begins == [at(2.0 * n) for n in range(10)]
        assert seen.edge_at(Delay(12.0)) == at(20)


def test_a_list_without_stamps_is_placed_by_its_edge() -> None:
    plain = SegmentList(tuple(Segment(f"{n}.ts", 2.0, n) for n in range(10)))
    assert SeenList(plain, at(32)).placed(Delay(12.0))[0].begins_at == at(0)


def test_a_list_that_is_over_is_placed_by_its_stamps() -> None:
    seen = SeenList(stamped(0.0, is_over=True), at(500))
    assert seen.placed(Delay(12.0))[0].begins_at == at(0)
    assert SeenList(SegmentList(), at(0)).placed(Delay(12.0)) == ()


def test_the_recording_that_shows_most_of_the_window_is_asked_first() -> None:
    old = recording(1, at(0), at(100), at(100))
    new = recording(2, at(130), at(135))
    assert likely([old, new], Window(at(60), at(90))) == (old,)
    assert likely([old, new], Window(at(80), at(160))) == (new, old)
    assert likely([old, new], Window(at(300), at(330))) == (new,)
    assert likely([old, new], Window(at(-300), at(-270))) == ()


def test_the_best_rung_that_fits_the_limit_comes_first() -> None:
    assert heights(30) == [720, 360]
    assert heights(20, height=1080) == [1080, 720, 360]
    assert heights(30, height=1080) == [720, 360]
    assert heights(120) == [360]
    assert heights(600) == [360]
    assert in_turn((), seconds=30, max_bytes=LIMIT, max_height=720) == ()


def test_the_edge_is_waited_for_while_it_moves_and_not_for_ever() -> None:
    window = Window(at(0), at(30))
    assert is_worth_waiting(at(18), window, waited=0.0, still=0.0)
    assert ready_in(at(18), window) == 12.0
    assert not is_worth_waiting(at(30), window, waited=0.0, still=0.0)
    assert not is_worth_waiting(at(18), window, waited=25.0, still=0.0)
    assert not is_worth_waiting(at(18), window, waited=11.0, still=10.0)
    assert ready_in(at(40), window) == 0.0
