"""What makes `mintcast clip --watch` save: a line on stdin, or a SIGUSR1."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Self


class Presses:
    """Calls `save` at each of them, inside of `with`; before it and after it a SIGUSR1 does nothing
    (`bot.cli` ignores it from the beginning), for what it does to a process by default is end it.
    """

    def __init__(self, save: Callable[[], None]) -> None:
        self._save = save
        self._loop = asyncio.get_running_loop()
        self._stdin: int | None = None
        self._listens = False
        self._is_due = False

    def __enter__(self) -> Self:
        # The loop's own handler would give way to the default one when it is removed.
        signal.signal(signal.SIGUSR1, self._signalled)
        # In the background of a shell a read would stop us: it fails instead, and signals remain.
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
        with contextlib.suppress(AttributeError, OSError, ValueError):  # there is no stdin
            self._stdin = sys.stdin.fileno()
        self.look()
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        self._pause()

    @property
    def hears_enter(self) -> bool:
        """Whether somebody can type: if not, only a signal saves."""
        return self._stdin is not None

    def look(self) -> None:
        """Listen to stdin again, if its last read failed: by now we may be in the foreground."""
        if self._stdin is None or self._listens:
            return
        try:
            self._loop.add_reader(self._stdin, self._read, self._stdin)
            self._listens = True
        except OSError:  # a file: nothing can be waited for there
            self._stdin = None

    def _signalled(self, *_: object) -> None:
        """Many at once are one: saving takes longer than sending them."""
        if not self._is_due:
            self._is_due = True
            self._loop.call_soon_threadsafe(self._hear)

    def _hear(self) -> None:
        self._is_due = False
        self._save()

    def _read(self, stdin: int) -> None:
        try:
            text = os.read(stdin, 4096)
        except OSError:
            self._pause()
            return
        if not text:
            self._pause()
            if not os.isatty(stdin):  # where a Ctrl-D is no end: the next look goes on
                self._stdin = None
        for _ in range(text.count(b"\n")):
            self._save()

    def _pause(self) -> None:
        if self._stdin is not None and self._listens:
            self._loop.remove_reader(self._stdin)
        self._listens = False
