"""How often a room is asked for that breaks off, or of which nothing comes."""

from __future__ import annotations

from bot.clips.workers.opening_pauses import OpeningPauses


def failing(pauses: OpeningPauses, seconds: float, now: float = 0.0) -> list[float]:
    """The pauses of so long a time in which nothing comes."""
    taken, end = [], now + seconds
    while now < end:
        taken.append(pauses.next(now))
        now += taken[-1]
    return taken


def test_in_the_first_minute_it_is_asked_for_every_eight_seconds_at_the_latest() -> None:
    assert failing(OpeningPauses(), 55)[:8] == [0.5, 1, 2, 4, 8, 8, 8, 8]


def test_a_room_of_which_nothing_comes_for_an_hour_is_asked_for_some_twenty_times() -> None:
    taken = failing(OpeningPauses(), 3600)
    assert taken[-1] == 300
    assert len(taken) < 30


def test_what_gave_something_is_opened_again_soon() -> None:
    pauses = OpeningPauses()
    failing(pauses, 3600)
    assert pauses.next(3600, lasted=3, gave=True) <= 8


def test_what_breaks_off_at_once_whenever_it_gave_something_is_not_opened_twice_a_second() -> None:
    pauses = OpeningPauses()
    assert [pauses.next(10 * n, lasted=1, gave=True) for n in range(6)] == [0.5, 1, 2, 4, 8, 8]


def test_after_a_steady_minute_or_where_something_changed_the_first_pause_is_short() -> None:
    pauses = OpeningPauses()
    failing(pauses, 600)
    assert pauses.next(660, lasted=61, gave=True) == 0.5
    failing(pauses, 600, 700)
    pauses.begin_anew()
    assert pauses.next(2000) == 0.5
