"""Which offer a clip is cut of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clips.sources.choice import choose
from bot.model import Offer, SourceName, Window

T = datetime(2026, 11, 29, 14, 2, 40, tzinfo=UTC)
LAST_30 = Window.before(T, 30)


def offer(
    seconds: float, ends: float = 0.0, source: SourceName = SourceName.RING, in_seconds: float = 0
) -> Offer:
    """`seconds` long, and `ends` seconds before the window does."""
    return Offer(source, Window.before(T - timedelta(seconds=ends), seconds), in_seconds)


def test_where_nothing_is_at_hand_nothing_is_chosen() -> None:
    assert choose(LAST_30, []) is None


def test_the_whole_of_a_window_goes_before_a_part_of_it_however_long_it_takes() -> None:
    whole = offer(30, source=SourceName.PADDED_CLIP, in_seconds=14)
    assert choose(LAST_30, [offer(28), whole]) is whole


def test_of_two_that_have_the_whole_the_sooner_one_is_chosen() -> None:
    late, soon = offer(30, in_seconds=9), offer(30, source=SourceName.PADDED_CLIP)
    assert choose(LAST_30, [late, soon]) is soon


def test_a_part_that_ends_or_begins_half_a_second_off_is_the_whole() -> None:
    late, soon = offer(30, in_seconds=9), offer(29.4, ends=0.3)
    assert choose(LAST_30, [late, soon]) is soon


@pytest.mark.parametrize("seconds", [5.0, 12.0, 29.0])
def test_five_seconds_of_a_window_are_enough(seconds: float) -> None:
    part = offer(seconds)
    assert choose(LAST_30, [part]) is part


def test_less_is_not() -> None:
    assert choose(LAST_30, [offer(4.9)]) is None


def test_half_of_a_short_window_is_enough() -> None:
    window = Window.before(T, 6)
    assert choose(window, [offer(2.9)]) is None
    assert choose(window, [offer(3.1)]) is not None


def test_of_two_parts_the_longer_one_is_chosen() -> None:
    longer = offer(20, ends=10)
    assert choose(LAST_30, [offer(9), longer]) is longer


offers = st.builds(
    offer,
    st.floats(0.1, 30),
    st.floats(0, 0),
    st.sampled_from(SourceName),
    st.floats(0, 30),
)


@given(st.lists(offers))
def test_nothing_that_is_left_out_is_longer_unless_nobody_would_notice(
    several: list[Offer],
) -> None:
    chosen = choose(LAST_30, several)
    longest = max((one.window.seconds for one in several), default=0.0)
    if chosen is None:
        assert longest < 5
    else:
        assert chosen.window.seconds >= longest - 0.5
