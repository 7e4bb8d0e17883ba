"""Night hours, with zones and the two nights of the year that are odd."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.planning.quiet_hours import (
    Digest,
    Hours,
    Send,
    Skip,
    decide,
    parse_hours,
    parse_zone,
)
from bot.model import Chosen, Preference, Preferences, Scope


def chosen(**values: str) -> Preferences:
    """As a target chose."""
    return {Preference(name): Chosen(value, Scope.TARGET) for name, value in values.items()}


def at(text: str) -> datetime:
    """An instant, in UTC unless it says otherwise."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


NIGHT = "22:00-08:00"


@pytest.mark.parametrize(
    ("now", "is_night"),
    [
        ("2026-11-23T21:59:59", False),
        ("2026-11-23T22:00:00", True),
        ("2026-11-24T03:00:00", True),
        ("2026-11-24T07:59:59", True),
        ("2026-11-24T08:00:00", False),
    ],
)
def test_a_night_begins_and_ends_to_the_second(now: str, is_night: bool) -> None:
    assert decide(chosen(night=NIGHT), at(now)) == Send(silent=is_night, mention=not is_night)


def test_a_night_may_lie_within_one_day() -> None:
    prefs = chosen(night="01:30-06:00")
    assert decide(prefs, at("2026-11-23T01:29:59")) == Send()
    assert decide(prefs, at("2026-11-23T02:00:00")) == Send(silent=True, mention=False)
    assert decide(prefs, at("2026-11-23T06:00:00")) == Send()


def test_the_hours_are_those_of_the_zone() -> None:
    prefs = chosen(night=NIGHT, time_zone="Asia/Tokyo")  # nine hours ahead
    assert decide(prefs, at("2026-11-23T12:59:59")) == Send()
    assert decide(prefs, at("2026-11-23T13:00:00")) == Send(silent=True, mention=False)
    assert decide(prefs, at("2026-11-23T23:00:00")) == Send()


def test_a_mention_at_night_can_be_wished_for() -> None:
    prefs = chosen(night=NIGHT, night_mention="yes")
    assert decide(prefs, at("2026-11-23T23:00:00")) == Send(silent=True, mention=True)


def test_a_night_can_be_skipped() -> None:
    prefs = chosen(night=NIGHT, night_mode="skip")
    assert decide(prefs, at("2026-11-23T23:00:00")) == Skip()
    assert decide(prefs, at("2026-11-23T12:00:00")) == Send()


@pytest.mark.parametrize("now", ["2026-11-23T22:30:00", "2026-11-24T02:00:00"])
def test_a_digest_is_due_when_the_night_ends(now: str) -> None:
    prefs = chosen(night=NIGHT, night_mode="digest")
    assert decide(prefs, at(now)) == Digest(at("2026-11-24T08:00:00"), "2026-11-24")


def test_the_hour_that_is_missing_in_spring_moves_no_morning_of_others() -> None:
    prefs = chosen(night=NIGHT, night_mode="digest", time_zone="Europe/Berlin")
    until = Digest(at("2026-03-29T08:00:00+02:00").astimezone(UTC), "2026-03-29")
    assert decide(prefs, at("2026-03-28T23:00:00+01:00")) == until


def test_a_morning_within_the_missing_hour_comes_after_it() -> None:
    prefs = chosen(night="22:00-02:30", night_mode="digest", time_zone="Europe/Berlin")
    held = decide(prefs, at("2026-03-29T01:59:00+01:00"))
    assert held == Digest(at("2026-03-29T03:30:00+02:00").astimezone(UTC), "2026-03-29")
    assert decide(prefs, at("2026-03-29T03:00:00+02:00")) == Send()


def test_a_morning_within_the_hour_that_comes_twice_is_the_later_one() -> None:
    prefs = chosen(night="22:00-02:30", night_mode="digest", time_zone="Europe/Berlin")
    until = Digest(at("2026-10-25T02:30:00+01:00").astimezone(UTC), "2026-10-25")
    assert decide(prefs, at("2026-10-25T02:15:00+02:00")) == until
    assert decide(prefs, at("2026-10-25T02:15:00+01:00")) == until
    assert decide(prefs, at("2026-10-25T02:30:00+01:00")) == Send()


@pytest.mark.parametrize(
    "odd", [{"night": "soon"}, {"night": "25:00-08:00"}, {"night": NIGHT, "time_zone": "Mars/Base"}]
)
def test_what_cannot_be_read_loses_no_alert(odd: dict[str, str]) -> None:
    assert decide(chosen(night_mode="skip", **odd), at("2026-11-23T23:00:00")) == Send()


def test_the_same_hour_twice_is_no_night() -> None:
    assert (
        decide(chosen(night="08:00-08:00", night_mode="skip"), at("2026-11-23T08:00:00")) == Send()
    )


@pytest.mark.parametrize(
    "text", ["", "22-08", "22:00", "22:00-08:60", "22:00–08:00", "22:00-08:00 x"]
)
def test_what_is_no_night_is_refused(text: str) -> None:
    assert parse_hours(text) is None


@pytest.mark.parametrize(
    "name", ["", "../etc/passwd", "/etc/passwd", "Nowhere", "\0", "x" * 5000, "Europe"]
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    assert parse_zone(name) is None


def test_hours_may_be_written_short() -> None:
    hours = parse_hours(" 9:05-17:30 ")
    assert hours is not None
    assert hours == Hours(hours.begin, hours.end)
    assert (hours.begin.hour, hours.begin.minute, hours.end.hour) == (9, 5, 17)


_clock_times = st.times().map(lambda t: f"{t.hour:02}:{t.minute:02}")


@given(
    begin=_clock_times,
    end=_clock_times,
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    now=st.integers(0, 366 * 24 * 3600).map(lambda s: at("2026-01-01") + timedelta(seconds=s)),
)
def test_a_digest_never_lies_in_the_past_and_never_comes_at_night(
    begin: str, end: str, zone: str, now: datetime
) -> None:
    prefs = chosen(night=f"{begin}-{end}", time_zone=zone, night_mode="digest")
    held = decide(prefs, now)
    if isinstance(held, Digest):
        assert held.until > now
        assert (held.until - now).total_seconds() <= 26 * 3600
        assert decide(prefs, held.until) == Send()
