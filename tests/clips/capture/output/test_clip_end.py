"""Where a clip ends, by what has come and how much of it is encoded."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from bot.clips.capture.liveness import Liveness
from bot.clips.capture.media.timeline import SECOND
from bot.clips.capture.output.clip_end import LEAST_CLIP, Progress, Window, window_of
from bot.model import CaptureEnd

LENGTH = 20 * SECOND
LOOK = SECOND // 20


def stopped(lag: int, *, catches_up: bool = True) -> tuple[Window, int]:
    """A clip that is stopped after its first second, `lag` of which is not encoded yet; and when
    it was found to end. What is encoded moves on twice as fast as the time."""
    for now in moments(SECOND):
        behind = lag - 2 * (now - SECOND) if catches_up else lag
        covered = max(0, now - max(0, behind))
        progress = Progress(Liveness(now, whole=now), covered, stopped_at=SECOND)
        if (window := window_of(0, LENGTH, progress)) is not None:
            return window, now
    raise AssertionError("unreachable")


def moments(first: int) -> Iterator[int]:
    return (first + LOOK * number for number in count())


def test_who_stops_gets_what_a_busy_machine_had_still_to_encode() -> None:
    window, _ = stopped(lag=SECOND)
    assert window.early is CaptureEnd.STOPPED
    assert window.end >= LEAST_CLIP


def test_who_stops_in_time_waits_for_nothing() -> None:
    assert stopped(lag=0) == (Window(0, SECOND, CaptureEnd.STOPPED), SECOND)


def test_an_encoder_that_stands_still_is_not_waited_for_long() -> None:
    window, found = stopped(lag=1 << 40, catches_up=False)
    assert window == Window(0, 0, CaptureEnd.STOPPED)
    assert found < 4 * SECOND


def test_a_clip_goes_on_until_all_of_it_is_there() -> None:
    liveness = Liveness(LENGTH + SECOND // 2, whole=LENGTH)
    assert window_of(0, LENGTH, Progress(liveness, covered=LENGTH - SECOND)) is None
    assert window_of(0, LENGTH, Progress(liveness, LENGTH, complete=True)) == Window(0, LENGTH)


def test_what_is_not_there_a_moment_later_does_not_come() -> None:
    liveness = Liveness(LENGTH + SECOND, whole=LENGTH)
    assert window_of(0, LENGTH, Progress(liveness, covered=LENGTH - SECOND)) == Window(0, LENGTH)


def test_what_is_there_and_not_encoded_is_waited_for_longer() -> None:
    """A busy machine would cut off the last second of what it has."""
    for late, window in ((SECOND, None), (3 * SECOND, Window(0, LENGTH))):
        liveness = Liveness(LENGTH + late, whole=LENGTH)
        progress = Progress(liveness, covered=LENGTH - SECOND, taken=True)
        assert window_of(0, LENGTH, progress) == window


def test_an_early_end_is_at_the_last_moment_that_lacked_nothing() -> None:
    """The last picture; with a muted camera, when its creator was last there."""
    liveness = Liveness(15 * SECOND, whole=5 * SECOND, publisher_gone_since=5 * SECOND)
    window = window_of(0, LENGTH, Progress(liveness, covered=14 * SECOND))
    assert window == Window(0, 5 * SECOND + SECOND // 30, CaptureEnd.PUBLISHER_GONE)


def test_a_fault_outweighs_a_wish_to_stop() -> None:
    progress = Progress(Liveness(SECOND), 0, stopped_at=SECOND, ended=CaptureEnd.FAULT)
    window = window_of(0, LENGTH, progress)
    assert window is not None
    assert window.early is CaptureEnd.FAULT
