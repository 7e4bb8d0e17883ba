"""The signals that ask a program to end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable

KILLED = (signal.SIGTERM, signal.SIGHUP)
"""By others, or by a terminal that was closed."""
ENDING = (signal.SIGINT, *KILLED)


def on_ending(
    first: Callable[[], object],
    again: Callable[[], object] | None = None,
    signals: Iterable[signal.Signals] = ENDING,
) -> None:
    """Call `first` at the first of them and `again` at each later one, until others are set.

    A SIGHUP is never a later one: a terminal that is closed sends two, the kernel's and the
    shell's. Nor is it heard where it was ignored from the start (`nohup`).
    """
    loop, asked = asyncio.get_running_loop(), asyncio.Event()

    def signalled(number: signal.Signals) -> None:
        if not asked.is_set():
            asked.set()
            first()
        elif again is not None and number is not signal.SIGHUP:
            again()

    for number in signals:
        if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
            continue
        loop.add_signal_handler(number, signalled, number)
