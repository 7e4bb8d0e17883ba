"""What a terminal can show."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Protocol

BOLD, DIM, RED, GREEN, YELLOW = "1", "2", "31", "32", "33"
"""SGR codes, for `styled`."""


class Stream(Protocol):
    """Something that is written to."""

    def isatty(self) -> bool: ...


def can_redraw(stream: Stream, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a line that was written can be written over."""
    return stream.isatty() and environment.get("TERM") != "dumb"


def shows_colour(stream: Stream, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether colours and bold letters are welcome: on a terminal that knows them, unless NO_COLOR
    (https://no-color.org) is set to anything."""
    return can_redraw(stream, environment) and not environment.get("NO_COLOR")


def styled(text: str, code: str) -> str:
    """`text` in a colour, or bold."""
    return f"\x1b[{code}m{text}\x1b[0m"
