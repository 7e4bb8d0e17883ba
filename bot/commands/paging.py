"""Long lists, a page at a time, and the buttons that turn it in the same message. Pure.

A button has the command's own words behind it, so that it outlives restarts, and whoever forges one
gets what the command would say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot import texts
from bot.commands import formatting
from bot.model import Button, Verb

_MARK = re.compile(r"~p(?P<page>[0-9]{1,3})")
Row = tuple[Button, ...]


def number_of_pages(count: int, size: int) -> int:
    """At least one, which may be empty."""
    return max(1, -(-count // size))


def mark(page: int) -> str:
    """A word of a command that means that page, counted from 0."""
    return f"~p{page}"


def without_mark(words: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """The other words, and the page that is meant: the first, if none is."""
    marks = [found for word in words if (found := _MARK.fullmatch(word))]
    rest = tuple(word for word in words if _MARK.fullmatch(word) is None)
    return rest, int(marks[-1]["page"]) if marks else 0


def turning(
    page: int,
    pages: int,
    words: str,
    before: str = texts.common.PREVIOUS_PAGE,
    after: str = texts.common.NEXT_PAGE,
) -> tuple[Row, ...]:
    """The row that leads to the pages beside it; none where there is one page. `words` are the
    command's name, and what else it is to be asked."""
    ways = ((before, page - 1), (after, page + 1))
    row = tuple(
        formatting.press(label, Verb.PAGE, f"{words} {mark(number)}")
        for label, number in ways
        if 0 <= number < pages
    )
    return (row,) if row else ()
