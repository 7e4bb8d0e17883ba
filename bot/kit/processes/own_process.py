"""Our own process: the signals that end it, its garbage collector, how many files it may open, its
memory."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import resource
import signal
from collections.abc import Callable, Iterable

KILLED = (signal.SIGTERM, signal.SIGHUP)
"""By others, or by a terminal that was closed."""
ENDING = (signal.SIGINT, *KILLED)

_MOST_DESCRIPTORS = 1 << 16


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


def hold_collector() -> None:
    """Collect nothing until `settle` or `release_collector`.

    Imports make hundreds of thousands of objects and drop next to none: looking through them again
    and again takes a fifth of the processor time of a start.
    """
    gc.disable()


def settle() -> None:
    """Set aside all that a start has built, for good, and let the collector work from now on.

    A full collection walks every container object and holds the event loop meanwhile: 45 to 110 ms
    with the modules of this service loaded. After this it walks only what came later. Call it once,
    when everything stands. (gc.freeze: https://docs.python.org/3/library/gc.html#gc.freeze)
    """
    gc.collect()
    gc.freeze()
    gc.enable()


def release_collector() -> None:
    """As `settle`, without looking through it even once: for a command that soon ends."""
    gc.freeze()
    gc.enable()


def raise_descriptor_limit() -> int:
    """As many files and connections as this process may ask for, within reason; how many that is
    now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # macOS has a bound of its own beside it
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return descriptor_limit()


def return_memory() -> None:
    """Give back to the system what was freed: after a burst the C library else keeps it for as long
    as anything that is in use lies behind it. Nothing happens where it has no such call."""
    if (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)


def descriptor_limit() -> int:
    """How many files and connections this process may have open now."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft
