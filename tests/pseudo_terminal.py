"""Child processes that believe somebody looks, and may type."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.patience import PATIENCE


@dataclass(frozen=True, slots=True)
class Shown:
    """How it ended, and what stood on its terminal, stdout and stderr in one, as it was written."""

    code: int
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


def on_terminal(
    *command: str, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> Shown:
    """Run it to its end. The terminal is an xterm, unless `environment` says otherwise."""
    plain = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        command,
        cwd=folder,
        env={**plain, "TERM": "xterm", "COLUMNS": "100", **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        text = _read(ours)
    finally:
        os.close(ours)
    return Shown(child.wait(timeout=PATIENCE), text.decode().replace("\r\n", "\n"))


def _read(descriptor: int) -> bytes:
    """Until nobody has the other end any more."""
    data = b""
    while True:
        try:
            chunk = os.read(descriptor, 65536)
        except OSError:  # EIO, which is how Linux says it
            return data
        if not chunk:
            return data
        data += chunk


_SHELL = """
import fcntl, os, signal, subprocess, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
job = subprocess.Popen(sys.argv[2:], process_group=0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
if os.read(int(sys.argv[1]), 1):
    os.tcsetpgrp(0, job.pid)
    os.kill(job.pid, signal.SIGCONT)
sys.exit(job.wait())
"""


class Job:
    """A command in the background of a terminal, until it is brought to the front."""

    def __init__(self, shell: asyncio.subprocess.Process, terminal: int, orders: int) -> None:
        self._shell = shell
        self._terminal = terminal
        self._orders = orders
        self._text = b""
        self._news = asyncio.Event()

    def type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def foreground(self) -> None:
        """As `fg` does it."""
        os.write(self._orders, b"!")

    async def shows(self, words: str) -> None:
        """Wait until they stand there, after what was waited for before."""
        async with asyncio.timeout(PATIENCE):
            while (at := self._text.find(words.encode())) < 0:
                self._news.clear()
                await self._news.wait()
        self._text = self._text[at + len(words.encode()) :]

    async def ended(self) -> int:
        async with asyncio.timeout(PATIENCE):
            return await self._shell.wait()

    def hear(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            self._text += os.read(self._terminal, 65536)
        self._news.set()


@contextlib.asynccontextmanager
async def in_background(
    *command: str, folder: Path, environment: Mapping[str, str]
) -> AsyncIterator[Job]:
    """Run it as a shell with job control runs what ends with `&`."""
    ours, theirs = pty.openpty()
    taken, orders = os.pipe()
    shell = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _SHELL, str(taken), *command),
        cwd=folder,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        pass_fds=(taken,),
        start_new_session=True,
    )
    os.close(theirs)
    os.close(taken)
    job, loop = Job(shell, ours, orders), asyncio.get_running_loop()
    loop.add_reader(ours, job.hear)
    try:
        yield job
    finally:
        loop.remove_reader(ours)
        os.close(orders)
        os.close(ours)  # it hangs up
        await job.ended()
