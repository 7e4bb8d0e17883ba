"""What `clip --watch` hears of its stdin (a terminal, a pipe, or nothing), and its line that
changes."""

from __future__ import annotations

import os
import pty
import signal
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.presses import Presses
from bot.cli.watch_command import StatusLine
from bot.texts import clip_results
from tests.fakes.clock import settle, until


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """As they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGUSR1, signal.SIGTTIN)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Saves:
    """Counts them."""

    count = 0

    def __call__(self) -> None:
        self.count += 1


async def heard(saves: Saves, count: int) -> None:
    await until(lambda: saves.count >= count)


async def test_a_terminal_goes_on_after_a_ctrl_d(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no end there: the next Enter comes all the same."""
    ours, theirs = pty.openpty()
    saves = Saves()
    with os.fdopen(theirs) as terminal, os.fdopen(ours, "wb", buffering=0) as keyboard:
        monkeypatch.setattr(sys, "stdin", terminal)
        with Presses(saves) as presses:
            keyboard.write(b"\n")
            await heard(saves, 1)
            keyboard.write(b"\x04")
            keyboard.write(b"\n")

            def hears_on() -> bool:
                presses.look()
                return saves.count == 2

            await until(hears_on)
            assert presses.hears_enter


async def test_a_pipe_that_has_ended_is_heard_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    saves = Saves()
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with Presses(saves) as presses:
            os.write(writing, b"\n\n")
            await heard(saves, 2)
            assert presses.hears_enter
            os.close(writing)
            await until(lambda: not presses.hears_enter)


async def test_where_nothing_can_be_typed_no_enter_is_promised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    saves = Saves()
    with Path(os.devnull).open() as nothing:  # noqa: ASYNC230
        monkeypatch.setattr(sys, "stdin", nothing)
        with Presses(saves) as presses:
            assert not presses.hears_enter
            os.kill(os.getpid(), signal.SIGUSR1)
            await settle()
            await heard(saves, 1)
    said = clip_results.watching(None, 30.0, by_enter=False)
    assert said == "Watching. SIGUSR1 saves the last 30 s, Ctrl-C ends."


def test_the_line_that_changes_takes_one_row_of_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 40))
    with os.fdopen(ours, "rb", buffering=0) as screen, os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        line = clip_results.watching(12.0, 30.0, by_enter=True)
        StatusLine().show(line, once="")
        _, _, shown = screen.read(4096).decode().partition("\x1b[2K")
        monkeypatch.undo()
    assert len(line) > 40
    assert (len(shown), shown[:-1]) == (39, line[:38])
