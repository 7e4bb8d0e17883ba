"""Lines of text, without any platform's markup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TimeStyle(StrEnum):
    """How much of an instant is shown: to the minute and how far off it is, to the second, or how
    far off it is alone."""

    MINUTE = "minute"
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


Line = tuple[Span, ...]
