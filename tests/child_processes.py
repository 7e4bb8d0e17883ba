"""The processes that another one has started, and the threads of this one."""

from __future__ import annotations

import contextlib
import os
import resource
import threading
from collections.abc import Iterator

import psutil


def children_that_run(module: str, parent: int | None = None) -> list[psutil.Process]:
    """Of `parent`, or of this process, those with that in their command. One that is just ending
    has none any more."""
    found = []
    for child in psutil.Process(parent).children():
        with contextlib.suppress(psutil.NoSuchProcess):  # a zombie is one, too
            if module in " ".join(child.cmdline()):
                found.append(child)
    return found


def threads_since(before: set[threading.Thread]) -> list[threading.Thread]:
    """Those that a test began since, and must end.

    asyncio keeps the threads of its default executor until the loop is closed. A dummy stands for
    a native thread that called Python, as those of the LiveKit SDK do to log a join that goes on
    after its test: Python neither began it nor can end it.
    """
    return [
        thread
        for thread in threading.enumerate()
        if thread not in before
        and "asyncio_" not in thread.name
        and not isinstance(thread, threading._DummyThread)
    ]


@contextlib.contextmanager
def few_files(spare: int) -> Iterator[None]:
    """No more than so many can be opened."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + spare, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
