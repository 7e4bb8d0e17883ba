"""Which segments show a window: by stamps, by lengths, across holes, in lists that slide."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.model import Window
from bot.pumpfun.recording.coverage import Coverage, Placed, at_hand, covering, placed, runs
from bot.pumpfun.recording.playlists import Segment

ZERO = datetime(2026, 8, 26, 10, 0, 0, tzinfo=UTC)
LENGTH = 1.96
LATE = 12.0


def at(seconds: float) -> datetime:
    return ZERO + timedelta(seconds=seconds)


def window(begins: float, ends: float) -> Window:
    return Window(at(begins), at(ends))


def stamped(count: int, *, begins: float = 0.0, first: int = 0, group: int = 0) -> list[Segment]:
    """Segments on air from `begins` on, whose stamps are as late as those of the site."""
    stamps = [at(begins + LATE + LENGTH * number) for number in range(count)]
    return [
        Segment(f"{first + number}.ts", LENGTH, first + number, group, stamp)
        for number, stamp in enumerate(stamps)
    ]


def plain(count: int) -> list[Segment]:
    return [Segment(f"{number}.ts", LENGTH, number) for number in range(count)]


def numbers(cover: Coverage | None) -> list[int]:
    assert cover is not None
    return [one.segment.sequence for one in cover.placed]


def place(segments: list[Segment]) -> tuple[Placed, ...]:
    return placed(segments, edge_at=at(0), late=LATE)


def test_stamps_say_when_it_was_on_air_less_what_they_are_late() -> None:
    cover = covering(place(stamped(20)), window(10, 14))
    assert numbers(cover) == [5, 6, 7]
    assert cover is not None
    assert cover.window == window(10, 14)
    assert cover.placed[0].begins_at == at(5 * LENGTH)


def test_without_stamps_the_end_of_the_list_is_the_edge() -> None:
    all_placed = placed(plain(10), edge_at=at(100))
    assert all_placed[-1].ends_at == at(100)
    assert numbers(covering(all_placed, window(97, 99))) == [8, 9]


def test_a_stamp_in_the_middle_places_what_comes_before_it() -> None:
    mixed = [*plain(3), *stamped(2, begins=3 * LENGTH, first=3)]
    assert [one.begins_at for one in place(mixed)] == [at(LENGTH * n) for n in range(5)]


def test_a_window_beyond_the_edge_gets_what_is_there() -> None:
    cover = covering(place(stamped(10)), window(15, 45))
    assert cover is not None
    assert cover.window == window(15, 10 * LENGTH)
    assert covering(place(stamped(10)), window(20, 50)) is None


def test_of_a_window_with_a_hole_the_longer_side_is_shown() -> None:
    hole = [*stamped(5), *stamped(5, begins=5 * LENGTH + 21, first=5, group=1)]
    early, late = window(2, 33), window(9, 38)
    assert numbers(covering(place(hole), early)) == [1, 2, 3, 4]
    assert numbers(covering(place(hole), late)) == [5, 6, 7, 8]
    assert at_hand(place(hole)) == (
        Window(at(0), at(5 * LENGTH)),
        Window(at(5 * LENGTH + 21), at(10 * LENGTH + 21)),
    )


def test_a_discontinuity_without_a_hole_is_no_hole() -> None:
    joined = [*stamped(5), *stamped(5, begins=5 * LENGTH, first=5, group=1)]
    assert numbers(covering(place(joined), window(0, 19))) == list(range(10))


def test_a_list_that_has_slid_offers_what_it_lists() -> None:
    slid = stamped(5, begins=100 * LENGTH, first=100)
    cover = covering(place(slid), window(190, 200))
    assert numbers(cover) == [100, 101, 102]
    assert covering(place(slid), window(0, 30)) is None


def test_what_the_site_lost_is_never_joined_over() -> None:
    lost = stamped(10)
    lost[4] = Segment("4.ts", LENGTH, 4, stamped_at=lost[4].stamped_at, is_missing=True)
    assert numbers(covering(place(lost), window(0, 19))) == [5, 6, 7, 8, 9]
    assert [len(run) for run in runs(place(lost))] == [4, 5]


def test_the_segment_before_comes_along_where_it_is_wanted() -> None:
    assert numbers(covering(place(stamped(9)), window(4, 5), lead=1)) == [1, 2]
    assert numbers(covering(place(stamped(9)), window(0, 1), lead=1)) == [0]


_SEGMENTS = st.lists(
    st.builds(
        lambda seconds, stamp, lost: (seconds, stamp, lost),
        st.floats(0, 30),
        st.none() | st.floats(-1000, 1000),
        st.booleans(),
    ),
    max_size=40,
)


@given(_SEGMENTS, st.floats(-500, 500), st.floats(0.1, 60))
def test_what_covers_a_window_is_a_run_that_shows_it(
    made: list[tuple[float, float | None, bool]], begins: float, length: float
) -> None:
    segments = [
        Segment(str(n), seconds, n, 0, None if stamp is None else at(stamp), lost)
        for n, (seconds, stamp, lost) in enumerate(made)
    ]
    wanted = window(begins, begins + length)
    cover = covering(placed(segments, edge_at=at(0), late=LATE), wanted)
    if cover is None:
        return
    first = cover.placed[0].segment.sequence
    assert numbers(cover) == list(range(first, first + len(cover.placed)))
    assert not any(one.segment.is_missing for one in cover.placed)
    assert wanted.covers(cover.window)
    assert cover.placed[0].begins_at <= cover.window.begins_at
