"""When segments were on air: by what their stamps, their edge, and earlier looks tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.clips.sources.recording.lists import Least
from bot.clips.sources.recording.placement import Placement, Reading, place
from bot.model import PlacedBy
from bot.pumpfun.recording.playlists import Segment, SegmentList

ZERO = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
DELAY = 12.0


def at(seconds: float) -> datetime:
    return ZERO + timedelta(seconds=seconds)


def stamped(late: float, *, is_over: bool = False) -> SegmentList:
    """Ten segments that were on air from 0 to 20, with stamps that are so late."""
    return SegmentList(
        tuple(Segment(f"{n}.ts", 2.0, n, 0, at(2.0 * n + late)) for n in range(10)), is_over
    )


PLAIN = SegmentList(tuple(Segment(f"{n}.ts", 2.0, n) for n in range(10)))


def begins(placement: Placement) -> list[datetime]:
    return [one.begins_at for one in placement.placed]


def test_however_late_stamps_are_what_is_new_is_as_old_as_the_delay() -> None:
    for late in (0.0, 5.0, 11.0):
        placement = place(Reading(stamped(late), at(20 + DELAY)), delay=DELAY)
        assert begins(placement) == [at(2.0 * n) for n in range(10)]
        assert placement.is_about
        assert placement.delay == DELAY
        assert not placement.has_stopped


def test_a_look_just_before_the_next_segment_counts_less_than_one_just_after_the_last() -> None:
    reading = Reading(stamped(5.0), at(20 + DELAY + 1.9))
    assert place(reading, delay=DELAY, least=7.0).edge_at == at(20)


def test_what_was_measured_is_believed() -> None:
    reading = Reading(stamped(5.0), at(20 + 3 * DELAY))
    placement = place(reading, delay=DELAY, late=5.0)
    assert begins(placement)[0] == at(0)
    assert not placement.is_about
    assert placement.delay == DELAY, "of a list that has ended nothing better is known"
    near = place(Reading(stamped(5.0), at(20 + DELAY + 1.5)), delay=DELAY, late=5.0)
    assert near.delay == DELAY + 1.5


def test_an_edge_that_stands_has_stopped_and_moves_nothing() -> None:
    reading = Reading(stamped(5.0), at(500))
    placement = place(reading, delay=DELAY, least=7.0)
    assert placement.has_stopped
    assert placement.edge_at == at(20)
    first_seen_standing = place(reading, delay=DELAY)
    assert first_seen_standing.edge_at is not None
    assert abs(first_seen_standing.edge_at - at(20)) <= timedelta(seconds=DELAY / 2)


def test_a_list_that_is_over_goes_nowhere() -> None:
    placement = place(Reading(stamped(5.0, is_over=True), at(33)), delay=DELAY)
    assert placement.has_stopped
    assert place(Reading(SegmentList(), at(0)), delay=DELAY).edge_at is None


def test_the_difference_of_the_clocks_is_no_delay() -> None:
    """Ours is 100 s slow: the site stamped at 25 what was on air, by our clock, at -80."""
    reading = Reading(stamped(5.0), at(20 + DELAY - 100), ahead=100.0)
    assert place(reading, delay=DELAY).edge_at == at(20 - 100)
    assert place(reading, delay=DELAY, late=5.0).edge_at == at(20 - 100)


def test_without_stamps_a_list_is_placed_by_the_edge_that_was_seen_to_move() -> None:
    unknown = Reading(PLAIN, at(32))
    assert place(unknown, delay=DELAY).placed == ()
    moved = replace(unknown, edge_since=at(31))
    assert begins(place(moved, delay=DELAY))[0] == at(-1)
    assert not place(moved, delay=DELAY).has_stopped
    assert place(replace(moved, read_at=at(50)), delay=DELAY).has_stopped


def test_an_edge_that_moves_has_not_stopped_however_far_behind_it_is() -> None:
    reading = Reading(stamped(0.0), at(20 + DELAY + 20))
    assert place(reading, delay=DELAY).has_stopped
    moves = replace(reading, edge_since=at(20 + DELAY + 19))
    assert not place(moves, delay=DELAY).has_stopped
    assert place(moves, delay=DELAY).edge_at == at(20), "no stamp is early"


def test_what_was_placed_by_another_clip_is_placed_so_again() -> None:
    """However late its stamps are known to be by now, and whatever our clock says."""
    reading = Reading(stamped(5.0), at(20 + DELAY))
    guessed = place(reading, delay=DELAY + 3)
    assert guessed.shift is not None
    by = PlacedBy("a", guessed.shift, is_measured=False)
    for later in (reading, Reading(stamped(5.0), at(50), ahead=4.0)):
        again = place(later, delay=DELAY, late=5.0, least=4.0, by=by)
        assert begins(again) == begins(guessed)
        assert again.is_about
    assert begins(place(reading, delay=DELAY, late=5.0)) != begins(guessed)


def test_the_least_is_that_of_late_and_none_of_a_clock_that_was_set() -> None:
    least = Least()
    assert least.of(7.0, 0.0, at(0)) == 7.0
    assert least.of(5.5, 10.0, at(10)) == 5.5
    assert least.of(6.5, 20.0, at(20)) == 5.5
    assert least.of(6.9, 615.0, at(615)) == 6.5, "ten minutes later it is no longer believed"
    assert least.of(-53.0, 620.0, at(560)) == -53.0
    assert least.of(6.8, 630.0, at(630)) == 6.8, "it was set back, and then right again"
