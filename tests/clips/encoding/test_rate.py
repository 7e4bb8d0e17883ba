from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clips.encoding import fewest_bytes, plan
from bot.clips.encoding.rate import CEILING_720P

MIB = 1 << 20

lengths = st.floats(0.05, 600)
limits = st.integers(0, 200 * MIB)
heights = st.integers(144, 2160)


@given(lengths, limits, heights)
@settings(deadline=None)
def test_what_a_rate_allows_fits_the_limit(seconds: float, max_bytes: int, height: int) -> None:
    """VBV takes at most maxrate * T + bufsize bits; sound its rate; and there is the header."""
    rate = plan(seconds, max_bytes, height)
    if rate is None:
        return
    media = (rate.video * seconds + rate.buffer + rate.audio * seconds) / 8
    assert media + 6_000 + 1_600 * seconds <= max_bytes * 0.97 + 1
    assert rate.video >= 50_000
    assert 32_000 <= rate.audio <= 96_000
    assert 0 < rate.buffer <= rate.video
    assert rate.height <= height


@given(lengths, limits, st.integers(0, 20 * MIB), heights)
@settings(deadline=None)
def test_a_larger_limit_is_never_worse(
    seconds: float, max_bytes: int, more: int, height: int
) -> None:
    small, large = plan(seconds, max_bytes, height), plan(seconds, max_bytes + more, height)
    if small is None:
        return
    assert large is not None
    assert large.height >= small.height
    assert large.video >= small.video
    assert large.audio >= small.audio


@given(st.floats(0.05, 599), st.floats(0, 60), limits, heights)
@settings(deadline=None)
def test_a_longer_clip_has_no_taller_picture(
    seconds: float, more: float, max_bytes: int, height: int
) -> None:
    short, long = plan(seconds, max_bytes, height), plan(seconds + more, max_bytes, height)
    if short is not None and long is not None:
        assert long.height <= short.height


@given(lengths)
@settings(deadline=None)
def test_the_fewest_bytes_are_the_least_that_a_plan_accepts(seconds: float) -> None:
    least = fewest_bytes(seconds)
    assert least % 1024 == 0
    assert plan(seconds, least, 240) is not None
    assert all(plan(seconds, least - k * 1024, 240) is None for k in range(1, 40))


def test_a_larger_limit_never_means_a_smaller_picture_for_the_sake_of_the_sound() -> None:
    plans = (plan(30, kib * 1024, 720) for kib in range(200, 12_000, 7))
    heights = [rate.height for rate in plans if rate is not None]
    assert heights == sorted(heights)
    assert (heights[0], heights[-1]) == (240, 720)


@pytest.mark.parametrize(
    ("seconds", "limit", "height"),
    [(30, 10 * MIB, 720), (60, 10 * MIB, 720), (120, 10 * MIB, 540), (120, 2 * MIB, 240)],
)
def test_the_height_is_what_the_bits_are_worth(seconds: float, limit: int, height: int) -> None:
    rate = plan(seconds, limit, 720)
    assert rate is not None
    assert rate.height == height


def test_no_picture_gets_more_bits_than_it_can_use() -> None:
    rate = plan(5, 100 * MIB, 720)
    assert rate is not None
    assert rate.video == CEILING_720P


def test_an_operator_who_wants_small_pictures_gets_them() -> None:
    rate = plan(5, 100 * MIB, 144)
    assert rate is not None
    assert rate.height == 144


def test_too_few_bytes_are_refused_rather_than_overrun() -> None:
    assert plan(30, 20_000, 720) is None
    assert plan(30, 0, 720) is None
