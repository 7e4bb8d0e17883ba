"""Lines of text, without any platform's markup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self

_FAR_OFF = timedelta(days=1000)
"""Telegram refuses a message with an instant further ahead: its limit is 1,098 days."""


class TimeStyle(StrEnum):
    """How much of an instant is shown: to the minute and how far off it is, to the minute alone,
    its day too, to the second, or how far off it is alone."""

    MINUTE = "minute"
    CLOCK = "clock"
    DAY = "day"
    SECOND = "second"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text; a platform escapes it for its own markup. `at` is a time to be shown
    in the reader's own zone where the platform can, in that `style`; `role` and `channel`, by the
    platform's ids, are named as it names them, and nobody is called. `command` is one of ours, by
    its name, to tap where the platform can; Discord puts its id behind it: `clip:7`. `text` is what
    stands there otherwise."""

    text: str
    bold: bool = False
    code: bool = False
    url: str | None = None
    at: datetime | None = None
    role: str | None = None
    channel: str | None = None
    command: str | None = None
    style: TimeStyle = TimeStyle.MINUTE

    @classmethod
    def instant(cls, text: str, at: datetime, now: datetime) -> Self:
        """`at` as a platform may tell it, with its day where that is not today's."""
        is_today = at.astimezone(UTC).date() == now.astimezone(UTC).date()
        style = TimeStyle.MINUTE if is_today else TimeStyle.DAY
        return cls(text, at=at if at - now < _FAR_OFF else None, style=style)


Line = tuple[Span, ...]
