"""What time it is by a server that we ask, whatever the clock of this machine says: its answers
carry a date (RFC 9110, 6.6.1), which is right to a second or two."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.kit.timing.clock import Clock

_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class FarClock:
    """It goes on by `elapsed`, in seconds, from the last date that was heard."""

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._elapsed = elapsed
        self._heard: tuple[datetime, float] | None = None

    @property
    def now(self) -> datetime | None:
        """In UTC; None while no date was heard."""
        if self._heard is None:
            return None
        date, heard_at = self._heard
        return date + timedelta(seconds=self._elapsed() - heard_at)

    def now_or(self, clock: Clock) -> datetime:
        """The same, or by `clock` while no date was heard."""
        return self.now or clock.now()

    def hear(self, date: str) -> None:
        """The `Date` of an answer that came just now; one that cannot be read says nothing."""
        if (heard := http_date(date)) is not None:
            self._heard = heard, self._elapsed()


def http_date(value: str) -> datetime | None:
    """An instant as headers give it, between 2000 and 2100."""
    try:
        date = parsedate_to_datetime(value)
        date = (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return date if _EARLIEST <= date <= _LATEST else None
