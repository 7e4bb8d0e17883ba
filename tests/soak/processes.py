"""What soak tests do to a capture process."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path

import psutil


async def stand_still(pid: int, seconds: float) -> None:
    """Stop a process, all of its threads, and let it go on."""
    process = psutil.Process(pid)
    process.send_signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        process.send_signal(signal.SIGCONT)


def open_files() -> int:
    """How many descriptors this process holds."""
    return psutil.Process().num_fds()


def kill(pid: int) -> None:
    """End a process as a crash would, if it is still there."""
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).kill()


def names_in(folder: Path) -> list[str]:
    """The files of a folder, hidden ones too."""
    return sorted(entry.name for entry in folder.iterdir())
