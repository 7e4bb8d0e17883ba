"""A child's end of the pipes: JSON lines in by stdin, JSON lines out by a descriptor of their own.

Who writes what: a reader thread blocks on stdin and hands each command to the event loop; any
thread may `emit`. fd 1 and 2 stay for what native libraries print; the parent logs them.

A child never outlives its parent: the end of stdin means stop, and a child whose loop no longer
listens is ended by the reader thread itself after `LAST_GRACE` seconds. On Linux the kernel ends
it at once when the parent dies before the pipes are read.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from typing import Any

LAST_GRACE = 6.0
"""Seconds that a child has to end by itself once its stdin is closed."""

Message = dict[str, Any]

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the thread that started it ends (Linux only)."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the request was made
        os._exit(1)


class JsonPipe:
    """Commands from the parent, events to it."""

    def __init__(self, events_fd: int) -> None:
        self._events_fd = events_fd
        self._lock = threading.Lock()
        self._commands: asyncio.Queue[Message | None] = asyncio.Queue()
        self._loop: asyncio.AbstractEventLoop | None = None

    def emit(self, event: str, **data: Any) -> None:
        """Send one event. A parent that is gone is not an error: the end of stdin says so too."""
        self.emit_with(b"", event, **data)

    def emit_with(self, payload: bytes, event: str, **data: Any) -> None:
        """Send one event, and bytes that belong to it."""
        line = json.dumps({"event": event, **data}, separators=(",", ":")).encode() + b"\n"
        rest = memoryview(line + payload)
        with self._lock, contextlib.suppress(BrokenPipeError):
            while rest:
                rest = rest[os.write(self._events_fd, rest) :]

    async def commands(self) -> AsyncIterator[Message]:
        """Each command in turn; ends when the parent closes the pipe or dies."""
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, name="json-pipe-reader", daemon=True).start()
        while (command := await self._commands.get()) is not None:
            yield command

    def _read(self) -> None:
        for line in sys.stdin.buffer:
            with contextlib.suppress(ValueError):
                self._hand_over(json.loads(line))
        self._hand_over(None)
        threading.Event().wait(LAST_GRACE)
        os._exit(1)

    def _hand_over(self, command: Message | None) -> None:
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop is closed: the process is ending
            self._loop.call_soon_threadsafe(self._commands.put_nowait, command)


def open_json_pipe() -> JsonPipe:
    """The pipe of this process, which a `Child` started. Ctrl-C is the parent's."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return JsonPipe(int(sys.argv[sys.argv.index("--events-fd") + 1]))
