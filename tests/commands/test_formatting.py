"""How answers are put together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.commands.formatting import moment
from bot.model import Span, TimeStyle

NOW = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)


def test_a_moment_is_shown_in_the_readers_zone_where_that_is_possible() -> None:
    assert moment(NOW, NOW) == Span("12:05 UTC", at=NOW)
    before = NOW - timedelta(days=1)
    assert moment(before, NOW) == Span("2 Mar, 12:05 UTC", at=before, style=TimeStyle.DAY)


def test_a_moment_years_ahead_is_only_text_or_telegram_would_refuse_the_message() -> None:
    assert moment(NOW + timedelta(days=1500), NOW).at is None
