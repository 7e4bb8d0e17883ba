from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.texts import units

NOW = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.5, "0.5 s"),
        (30, "30 s"),
        (60, "1 min"),
        (59.96, "1 min"),
        (90, "1 min 30 s"),
        (119.96, "2 min"),
        (3600, "1 h"),
        (3661.1, "1 h 1 min 1.1 s"),
        (90_000, "25 h"),
    ],
)
def test_a_span_is_told_in_hours_minutes_and_seconds(seconds: float, words: str) -> None:
    assert units.span(seconds) == words


@given(st.floats(0, 1e7))
@settings(deadline=None)
def test_a_span_has_no_sixty_seconds_and_no_exponents(seconds: float) -> None:
    words = units.span(seconds)
    assert "e" not in words
    assert "60 s" not in words
    assert "60 min" not in words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-3, "1 s"), (0.2, "1 s"), (12.01, "13 s"), (59.5, "1 min"), (3600.5, "1 h 1 s")],
)
def test_a_wait_is_never_told_too_short(seconds: float, words: str) -> None:
    assert units.wait(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute"),
        (29, "less than a minute"),
        (60, "1 min"),
        (3599, "1 h"),
        (4320, "1 h 12 min"),
    ],
)
def test_how_long_a_stream_was_is_told_without_its_seconds(seconds: float, words: str) -> None:
    assert units.lasting(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1536, "2 KB"),
        (1 << 20, "1 MB"),
        (10 << 20, "10 MB"),
        (11_700_000, "11.2 MB"),
        (5 << 30, "5 GB"),
        (20_000_000_000, "18.6 GB"),
    ],
)
def test_a_size_is_told_without_a_needless_zero(count: int, words: str) -> None:
    assert units.size(count) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 clips"), (1, "1 clip"), (2, "2 clips"), (1200, "1,200 clips")]
)
def test_one_is_told_apart_from_several(count: int, words: str) -> None:
    assert units.plural(count, "clip") == words


def test_words_that_do_not_end_in_an_s_are_told_as_they_are() -> None:
    assert units.plural(1, "clip is", "clips are") == "1 clip is"
    assert units.plural(3, "clip is", "clips are") == "3 clips are"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW - timedelta(hours=3), "09:05 UTC"),
        (NOW - timedelta(days=1), "2 Mar, 12:05 UTC"),
        (NOW - timedelta(days=365), "3 Mar 2025, 12:05 UTC"),
        (NOW.astimezone(timezone(timedelta(hours=14))), "12:05 UTC"),
    ],
)
def test_a_moment_of_today_is_told_without_its_date(at: datetime, words: str) -> None:
    assert units.moment(at, NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59.9, "just now"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (86_399, "23 h ago"),
        (86_400, "1 day ago"),
        (200_000, "2 days ago"),
    ],
)
def test_how_long_ago_it_was_is_told_in_the_largest_unit(seconds: float, words: str) -> None:
    assert units.ago(seconds) == words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW, "17:50:00"),
        (NOW.replace(second=9, microsecond=600_000), "17:50:10"),
        (NOW - timedelta(hours=18), "2 Mar, 23:50:00"),
    ],
)
def test_a_local_time_is_that_of_this_machines_clocks(
    at: datetime, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "NPT-5:45")
        time.tzset()
        assert units.local_time(at, NOW) == words
    time.tzset()
