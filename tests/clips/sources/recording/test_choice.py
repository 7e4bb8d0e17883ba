"""Which recording, which rung, and where its segments are on the line of time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.clips.sources.recording.choice import (
    finished_recordings,
    in_turn,
    is_worth_waiting,
    likely,
    offered,
    pause_before_look,
    ready_in,
)
from bot.clips.sources.recording.placement import Placement
from bot.model import Recording, SiteClip, SiteClipKind, Window
from bot.pumpfun.recording.coverage import Placed
from bot.pumpfun.recording.playlists import Rung, Segment

ZERO = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
LADDER = (
    Rung("2", 3_200_000, 1920, 1080, 60.0),
    Rung("1", 1_850_000, 1280, 720, 30.0),
    Rung("0", 640_000, 640, 360, 20.0),
)
LIMIT = 10 << 20
LONGEST_WAIT = 25.0


def at(seconds: float) -> datetime:
    return ZERO + timedelta(seconds=seconds)


def recording(
    id_: int, first_seen_at: datetime, last_seen_at: datetime, retired_at: datetime | None = None
) -> Recording:
    master = f"https://clips.pump.fun/A/7_{id_}/master_playlist.m3u8"
    return Recording(id_, 1, 7, str(id_), master, first_seen_at, last_seen_at, retired_at)


def heights(seconds: float, limit: int = LIMIT, height: int = 720) -> list[int]:
    found = in_turn(LADDER, seconds=seconds, max_bytes=limit, max_height=height)
    return [rung.height for rung in found]


def test_the_recording_that_shows_most_of_the_window_is_asked_first() -> None:
    old = recording(1, at(0), at(100), at(100))
    new = recording(2, at(130), at(135))
    assert likely([old, new], Window(at(60), at(90))) == (old,)
    assert likely([old, new], Window(at(80), at(160))) == (new, old)
    assert likely([old, new], Window(at(300), at(330))) == (new,)
    assert likely([old, new], Window(at(-300), at(-270))) == ()


def test_only_the_newest_may_have_gone_on() -> None:
    """Nobody retires the last directory of a stream that is over."""
    day = 86_400.0
    over = [recording(n, at(-n * day), at(600 - n * day)) for n in range(9, 0, -1)]
    live = recording(20, at(0), at(90))
    window = Window(at(100), at(130))
    assert likely([*over, live], window) == (live,)
    assert likely([*over, live], Window(at(50 - day), at(80 - day))) == (over[-1],)


@pytest.mark.parametrize("stamp", ["00010101_000000", "19691231_235959", "99991231_235959"])
def test_a_stamp_of_a_year_that_cannot_be_is_none(stamp: str) -> None:
    known = replace(recording(1, at(0), at(90)), stamp=stamp)
    assert likely([known], Window(at(60), at(90))) == (known,)
    assert likely([known], Window(at(-900), at(-870))) == ()


def test_the_best_rung_that_fits_the_limit_comes_first() -> None:
    assert heights(30) == [720, 360]
    assert heights(20, height=1080) == [1080, 720, 360]
    assert heights(30, height=1080) == [720, 360]
    assert heights(120) == [360]
    assert heights(600) == [360]
    assert in_turn((), seconds=30, max_bytes=LIMIT, max_height=720) == ()


def test_the_edge_is_waited_for_while_it_moves() -> None:
    window = Window(at(0), at(30))
    assert is_worth_waiting(at(18), window, still=0.0)
    assert ready_in(at(18), window) == pytest.approx(11.1)
    assert not is_worth_waiting(at(29.2), window, still=0.0)
    assert not is_worth_waiting(at(18), window, still=10.0)
    assert ready_in(at(40), window) == 0.0


@pytest.mark.parametrize(
    ("since", "pause"),
    [(None, 0.25), (0.0, 1.75), (0.5, 1.25), (1.8, 0.25), (3.0, 0.25), (4.5, 1.0)],
)
def test_the_edge_is_looked_at_when_its_next_segment_is_due(
    since: float | None, pause: float
) -> None:
    assert pause_before_look(since, 2.0) == pytest.approx(pause)
    assert pause_before_look(0.0, 6.0) == 2.0


def test_a_whole_stream_of_the_site_is_a_recording_that_is_over() -> None:
    known = [replace(recording(1, at(0), at(90)), stamp="20261129_115944", delay_seconds=8.5)]
    whole = SiteClip(
        "20261129_120200:7_20261129_115944",
        SiteClipKind.COMPLETE,
        at(0),
        90.0,
        stream_id=7,
        playlist="https://clips.pump.fun/A/clips/x/playlist.m3u8",
    )
    (found,) = finished_recordings([whole, replace(whole, playlist=None)], known)
    assert (found.master, found.delay_seconds) == (whole.playlist, 8.5)
    assert likely([found], Window(at(60), at(90))) == (found,)
    assert likely([found], Window(at(600), at(630))) == ()


def seen(begins: float, count: int, *, has_stopped: bool = False) -> Placement:
    """So many segments of two seconds, on air from then on."""
    placed = (Placed(Segment(f"{n}.ts", 2.0, n), at(begins + 2 * n)) for n in range(count))
    return Placement(tuple(placed), has_stopped=has_stopped)


def test_what_is_listed_soon_is_offered_as_well() -> None:
    last = Window(at(30), at(60))
    assert offered(seen(0, 24), last, LONGEST_WAIT) == last
    assert offered(seen(0, 24, has_stopped=True), last, LONGEST_WAIT) == Window(at(30), at(48))
    assert offered(seen(0, 24), last, 5.0) == Window(at(30), at(48))
    assert offered(seen(0, 24), Window(at(100), at(130)), LONGEST_WAIT) is None
    assert offered(seen(50, 24), Window(at(0), at(30)), LONGEST_WAIT) is None
    assert offered(seen(20, 24), Window(at(0), at(30)), LONGEST_WAIT) == Window(at(20), at(30))
