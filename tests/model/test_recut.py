"""What the buttons under a clip make of its window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Recut, Window, wanted_window, within_reach

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
LONGEST = 120.0


def span(begins: float, ends: float) -> Window:
    return Window(NOON + timedelta(seconds=begins), NOON + timedelta(seconds=ends))


@pytest.mark.parametrize(
    ("recut", "window"),
    [
        (Recut.EARLIER, span(-40, -10)),
        (Recut.LATER, span(-20, 10)),
        (Recut.LONGER, span(-40, 0)),
        (Recut.SHORTER, span(-20, 0)),
    ],
)
def test_a_press_moves_both_ends_or_the_beginning_alone(recut: Recut, window: Window) -> None:
    assert wanted_window(span(-30, 0), recut, LONGEST) == window


@pytest.mark.parametrize(
    ("seconds", "shorter"),
    [(30, 20), (20, 10), (15, 5), (12, 5), (5, None), (5.5, None), (3, None)],
)
def test_a_clip_gets_shorter_down_to_five_seconds(seconds: float, shorter: float | None) -> None:
    window = wanted_window(span(-seconds, 0), Recut.SHORTER, LONGEST)
    assert window == (None if shorter is None else span(-shorter, 0))


@pytest.mark.parametrize(
    ("seconds", "longer"), [(30, 40), (115, 120), (120, None), (119.5, None), (150, None)]
)
def test_a_clip_gets_longer_up_to_what_is_allowed(seconds: float, longer: float | None) -> None:
    window = wanted_window(span(-seconds, 0), Recut.LONGER, LONGEST)
    assert window == (None if longer is None else span(-longer, 0))


SHOWN = span(-30, 0)


def test_what_is_within_reach_is_as_it_was_asked_for() -> None:
    assert within_reach(SHOWN, span(-40, -10), span(-60, 5)) == span(-40, -10)
    assert within_reach(SHOWN, span(-40, 0), span(-60, 5)) == span(-40, 0)


def test_a_clip_moves_as_far_as_it_can_and_stays_as_long() -> None:
    assert within_reach(SHOWN, span(-40, -10), span(-33.5, 20)) == span(-33.5, -3.5)
    assert within_reach(SHOWN, span(-20, 10), span(-60, 5.5)) == span(-24.5, 5.5)


def test_a_clip_grows_as_far_as_it_can() -> None:
    assert within_reach(SHOWN, span(-40, 0), span(-32.5, 20)) == span(-32.5, 0)


@pytest.mark.parametrize(
    ("window", "reach"),
    [
        (span(-40, -10), span(-30, 20)),
        (span(-40, -10), span(-30.4, 20)),
        (span(-20, 10), span(-60, 0.2)),
        (span(-40, 0), span(-30, 20)),
        (span(-40, -10), span(100, 200)),
        (span(-40, 0), span(-5, 20)),
        (span(-20, 0), span(-12, 20)),
        (span(-40, 0), span(-60, -10)),
    ],
)
def test_what_would_hardly_change_anything_is_refused(window: Window, reach: Window) -> None:
    assert within_reach(SHOWN, window, reach) is None


seconds = st.floats(5, 120)
ends = st.floats(-100, 100)


@given(seconds, ends, seconds, st.sampled_from(Recut))
def test_it_is_always_a_part_of_what_is_at_hand_and_never_too_long(
    length: float, end: float, reach: float, recut: Recut
) -> None:
    shown, at_hand = span(-length, 0), span(end - reach, end)
    window = wanted_window(shown, recut, LONGEST)
    part = within_reach(shown, window, at_hand) if window else None
    if part is not None:
        assert at_hand.covers(part)
        assert part.seconds <= LONGEST
        assert not part.is_about(shown, 0.99)
        is_longer = part.seconds > shown.seconds + 0.5
        assert is_longer == (recut is Recut.LONGER)
        assert (part.begins_at < shown.begins_at) == (recut in (Recut.EARLIER, Recut.LONGER))
