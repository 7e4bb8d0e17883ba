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
    def fileno(self) -> int: ...


def can_redraw(stream: Stream, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a line that was written can be written over."""
    return stream.isatty() and environment.get("TERM") != "dumb"


def fitted(line: str, stream: Stream) -> str:
    """`line`, cut so that it takes one row of that terminal: of two, only the last can be written
    over. A terminal that does not say how wide it is gets the whole."""
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except OSError:
        columns = 0
    return line if len(line) < columns or columns < 2 else f"{line[: columns - 2]}…"


def shows_colour(stream: Stream, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether colours and bold letters are welcome: on a terminal that knows them, unless NO_COLOR
    (https://no-color.org) is set to anything."""
    return can_redraw(stream, environment) and not environment.get("NO_COLOR")


def styled(text: str, code: str) -> str:
    """`text` in a colour, or bold."""
    return f"\x1b[{code}m{text}\x1b[0m"
