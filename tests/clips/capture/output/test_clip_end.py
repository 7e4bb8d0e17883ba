"""Where a clip ends, by what has come and how much of it is encoded; and what it then shows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from bot.clips.capture.history import History
from bot.clips.capture.media.timeline import SECOND
from bot.clips.capture.output.clip_end import (
    LEAST_CLIP,
    Ending,
    Progress,
    Shown,
    ending_of,
    shown_of,
)
from bot.model import CaptureEnd
from tests.clips.capture.stream import Stream

LENGTH = 20 * SECOND
LOOK = SECOND // 20
FRAME = SECOND // 30


def stopped(lag: int, *, catches_up: bool = True) -> tuple[Ending, int]:
    """A clip that is stopped after its first second, `lag` of which is not encoded yet; and when
    it was found to end. What is encoded moves on twice as fast as the time."""
    for now in moments(SECOND):
        behind = lag - 2 * (now - SECOND) if catches_up else lag
        covered = max(0, now - max(0, behind))
        ending = ending_of(0, LENGTH, Progress(now, covered, stopped_at=SECOND))
        if ending is not None:
            return ending, now
    raise AssertionError("unreachable")


def moments(first: int) -> Iterator[int]:
    return (first + LOOK * number for number in count())


def test_who_stops_gets_what_a_busy_machine_had_still_to_encode() -> None:
    ending, _ = stopped(lag=SECOND)
    assert ending.early is CaptureEnd.STOPPED
    assert ending.at >= LEAST_CLIP


def test_who_stops_in_time_waits_for_nothing() -> None:
    assert stopped(lag=0) == (Ending(SECOND, CaptureEnd.STOPPED), SECOND)


def test_an_encoder_that_stands_still_is_not_waited_for_long() -> None:
    ending, found = stopped(lag=1 << 40, catches_up=False)
    assert ending == Ending(0, CaptureEnd.STOPPED)
    assert found < 4 * SECOND


def test_a_clip_goes_on_until_all_of_it_is_there() -> None:
    now = LENGTH + SECOND // 2
    assert ending_of(0, LENGTH, Progress(now, LENGTH - SECOND)) is None
    assert ending_of(0, LENGTH, Progress(now, LENGTH, complete=True)) == Ending(LENGTH)


def test_what_is_not_there_a_moment_later_does_not_come() -> None:
    progress = Progress(LENGTH + SECOND, LENGTH - SECOND)
    assert ending_of(0, LENGTH, progress) == Ending(LENGTH)


def test_what_is_there_and_not_encoded_is_waited_for_longer() -> None:
    """A busy machine would cut off the last second of what it has."""
    for late, ending in ((SECOND, None), (3 * SECOND, Ending(LENGTH))):
        progress = Progress(LENGTH + late, LENGTH - SECOND, taken=True)
        assert ending_of(0, LENGTH, progress) == ending


@pytest.mark.parametrize(
    ("late", "missing", "at"),
    [(0.05, 0.1, None), (0.1, 0.1, LENGTH - SECOND // 10), (0.1, 0.3, None), (0.8, 0.3, LENGTH)],
)
def test_whoever_waits_for_the_past_waits_for_no_last_picture(
    late: float, missing: float, at: int | None
) -> None:
    progress = Progress(LENGTH + round(late * SECOND), LENGTH - round(missing * SECOND))
    ending = ending_of(0, LENGTH, progress, past=True)
    assert ending == (Ending(at) if at is not None else None)


def test_nothing_is_waited_for_when_nothing_is_to_come() -> None:
    gone = CaptureEnd.PUBLISHER_GONE
    progress = Progress(15 * SECOND, 9 * SECOND, over=gone)
    assert ending_of(0, LENGTH, progress) == Ending(15 * SECOND, gone)


def test_a_fault_outweighs_a_wish_to_stop() -> None:
    progress = Progress(SECOND, 0, stopped_at=SECOND, over=CaptureEnd.FAULT)
    assert ending_of(0, LENGTH, progress) == Ending(0, CaptureEnd.FAULT)


@pytest.mark.parametrize("over", [None, CaptureEnd.FAULT])
def test_what_is_cut_off_when_all_of_it_is_there_lacks_nothing(over: CaptureEnd | None) -> None:
    """`Only 20 of 20 s` would be said of it."""
    moment = SECOND // 10
    for past, covered in ((False, LENGTH - moment), (False, LENGTH), (True, 2 * LENGTH)):
        now = max(LENGTH, covered) + moment
        progress = Progress(now, covered, taken=True, stopped_at=now, over=over)
        ending = ending_of(0, LENGTH, progress, past=past)
        assert ending == Ending(min(LENGTH, covered))


# What is shown


def shown(history: History, start: float, end: float, pictured_from: float | None = 0) -> Shown:
    first = None if pictured_from is None else round(pictured_from * SECOND)
    return shown_of(round(start * SECOND), Ending(round(end * SECOND)), history, first)


def test_a_window_in_which_all_went_well_is_shown_whole() -> None:
    stream = Stream().goes_on(60)
    assert shown(stream.history, 10, 40) == Shown(10 * SECOND, 40 * SECOND)


def test_an_early_end_is_at_the_last_moment_that_lacked_nothing() -> None:
    """The last picture; with a muted camera, when its creator was last there."""
    stream = Stream().goes_on(15).goes_on(20, publisher=False)
    assert shown(stream.history, 0, 30) == Shown(0, 15 * SECOND + FRAME, CaptureEnd.PUBLISHER_GONE)


def test_a_window_that_ends_a_moment_after_the_creator_left_ends_with_them() -> None:
    """Before anybody could say that they do not come back."""
    stream = Stream().goes_on(15).goes_on(3, publisher=False)
    assert shown(stream.history, 0, 18).early is CaptureEnd.PUBLISHER_GONE
    assert shown(stream.history, 0, 16) == Shown(0, 16 * SECOND)


def test_who_returns_in_time_is_missed_in_no_window() -> None:
    stream = Stream().goes_on(15).goes_on(6, publisher=False).goes_on(20)
    assert shown(stream.history, 0, 40) == Shown(0, 40 * SECOND)


def test_of_two_streams_in_one_window_the_longer_one_is_shown() -> None:
    stream = Stream().goes_on(15).goes_on(20, publisher=False).goes_on(20)
    before, after = shown(stream.history, 0, 40), shown(stream.history, 10, 50)
    assert before == Shown(0, 15 * SECOND + FRAME, CaptureEnd.PUBLISHER_GONE)
    assert after.end == 50 * SECOND
    assert after.early is None
    assert after.start == pytest.approx(35 * SECOND, abs=SECOND // 10)


def test_a_window_in_which_nobody_was_there_shows_nothing() -> None:
    stream = Stream().goes_on(15).goes_on(60, publisher=False)
    nothing = shown(stream.history, 30, 60)
    assert nothing.start == nothing.end
    assert nothing.early is CaptureEnd.PUBLISHER_GONE


def test_a_picture_that_comes_soon_is_shown_from_there_on() -> None:
    stream = Stream().goes_on(10, picture=False).goes_on(50)
    assert shown(stream.history, 0, 30, pictured_from=10) == Shown(10 * SECOND, 30 * SECOND)


def test_a_picture_that_comes_late_is_left_out() -> None:
    stream = Stream().goes_on(20, picture=False).goes_on(50)
    sound_alone = Shown(0, 30 * SECOND, pictured=False)
    assert shown(stream.history, 0, 30, pictured_from=20) == sound_alone
    assert shown(stream.history, 0, 30, pictured_from=None) == sound_alone


def test_a_picture_that_comes_late_is_shown_where_nobody_is_heard() -> None:
    stream = Stream(heard=False).goes_on(20, picture=False).goes_on(50)
    assert shown(stream.history, 0, 30, pictured_from=20) == Shown(20 * SECOND, 30 * SECOND)


def test_a_picture_that_can_no_longer_be_had_ends_the_clip_or_is_left_out() -> None:
    stream = Stream().goes_on(20).goes_on(30, faulty=True)
    mostly = shown(stream.history, 0, 30)
    assert (mostly.pictured, mostly.early) == (True, CaptureEnd.VIDEO_FAULT)
    assert mostly.end == pytest.approx(20 * SECOND, abs=SECOND // 10)
    assert shown(stream.history, 15, 45) == Shown(15 * SECOND, 45 * SECOND, pictured=False)
