"""The processes that another one has started."""

from __future__ import annotations

import contextlib

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
