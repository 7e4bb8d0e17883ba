"""A line that is written over takes one row."""

from __future__ import annotations

import os
import pty
import termios

import pytest

from bot.kit.terminal import fitted


@pytest.mark.parametrize(
    ("columns", "shown"),
    [(30, "30 s are at hand"), (17, "30 s are at hand"), (16, "30 s are at ha…"), (3, "3…")],
)
def test_what_is_wider_than_the_terminal_is_cut(columns: int, shown: str) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours), os.fdopen(theirs, "w") as terminal:
        termios.tcsetwinsize(theirs, (24, columns))
        assert fitted("30 s are at hand", terminal) == shown


def test_a_terminal_that_does_not_say_how_wide_it_is_gets_the_whole() -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours), os.fdopen(theirs, "w") as terminal:
        assert fitted("30 s are at hand", terminal) == "30 s are at hand"
