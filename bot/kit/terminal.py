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


def shows_colour(stream: Stream, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether colours and bold letters are welcome: on a terminal that knows them, unless NO_COLOR
    (https://no-color.org) is set to anything."""
    plain = environment.get("NO_COLOR") or environment.get("TERM") == "dumb"
    return not plain and stream.isatty()


def styled(text: str, code: str) -> str:
    """`text` in a colour, or bold."""
    return f"\x1b[{code}m{text}\x1b[0m"
