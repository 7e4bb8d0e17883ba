from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import InstantError
from bot.kit.timing.instants import parse_instant

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 29, 13, 30, tzinfo=UTC)
"""Half past two in the afternoon in Berlin."""
moments = st.integers(0, 10**10 // 4).map(lambda at: datetime.fromtimestamp(at, UTC))
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]).map(
    ZoneInfo
)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("14:02:10", "2026-11-29T13:02:10Z"),
        ("14:02", "2026-11-29T13:02:00Z"),
        (" 9:05 ", "2026-11-29T08:05:00Z"),
        ("14:02:10.5", "2026-11-29T13:02:10.5Z"),
        ("14:30", "2026-11-29T13:30:00Z"),
        ("14:30:01", "2026-11-28T13:30:01Z"),
        ("23:59:59", "2026-11-28T22:59:59Z"),
        ("2026-11-29T14:02:10+01:00", "2026-11-29T13:02:10Z"),
        ("2026-11-29T13:02:10.250Z", "2026-11-29T13:02:10.250Z"),
        ("2026-11-29 13:02Z", "2026-11-29T13:02:00Z"),
        ("2027-01-01T00:00Z", "2027-01-01T00:00:00Z"),
    ],
)
def test_an_instant_is_read_as_people_type_it(text: str, instant: str) -> None:
    assert parse_instant(text, NOW, BERLIN) == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    ("text", "lacks_zone"),
    [
        ("", False),
        ("soon", False),
        ("24:00", False),
        ("14:60", False),
        ("14:02:99", False),
        ("14", False),
        ("\u0663:\u0660\u0660", False),
        ("2026-11-31T00:00Z", False),
        ("0001-01-01T00:00:00+14:00", False),
        ("2026-11-29", True),
        ("2026-11-29T14:02:10", True),
    ],
)
def test_what_is_none_is_refused(text: str, lacks_zone: bool) -> None:
    with pytest.raises(InstantError) as caught:
        parse_instant(text, NOW, BERLIN)
    assert (caught.value.text, caught.value.lacks_zone) == (text, lacks_zone)


def test_where_clocks_are_put_back_the_newer_of_both_is_meant() -> None:
    after = datetime(2026, 10, 25, 6, 0, tzinfo=UTC)
    assert parse_instant("2:30", after, BERLIN) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    between = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    assert parse_instant("2:30", between, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_where_clocks_are_put_forward_that_of_the_day_before_is_meant() -> None:
    after = datetime(2026, 3, 29, 6, 0, tzinfo=UTC)
    assert parse_instant("2:30", after, BERLIN) == datetime(2026, 3, 28, 1, 30, tzinfo=UTC)


@given(moments, zones, st.times().map(lambda at: at.replace(microsecond=0, tzinfo=None)))
@settings(deadline=None)
def test_a_time_of_day_is_past_and_at_most_two_days_old(
    now: datetime, zone: ZoneInfo, at: object
) -> None:
    instant = parse_instant(str(at), now, zone)
    assert timedelta(0) <= now - instant < timedelta(days=2, hours=1)
    assert str(instant.astimezone(zone).time()) == str(at)


@given(st.text())
@settings(deadline=None)
def test_nothing_but_an_instant_is_taken(text: str) -> None:
    with contextlib.suppress(InstantError):
        assert parse_instant(text, NOW).tzinfo is UTC
