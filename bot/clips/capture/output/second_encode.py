"""A clip that is too large is encoded anew, in a process of its own: no frame is lost by it."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path

from bot.clips.capture.protocol import ShrinkClip, Shrunk, part_of
from bot.errors import ChildError
from bot.kit.processes.one_task import ask_one
from bot.kit.processes.resource_limits import Limits
from bot.model import ClipFailure

_MODULE = "bot.clips.capture.output.shrink_process"
_LONGEST_SECONDS = 300.0
_LIMITS = Limits(memory=1 << 30, cpu=2400)
"""Eight cores for as long as it may take. It reads files that we wrote ourselves."""

Encode = Callable[[ShrinkClip], Awaitable[Shrunk | ClipFailure]]
"""Writes the smaller file; or says why there is none, and nothing of it is left."""


async def encode_smaller(want: ShrinkClip) -> Shrunk | ClipFailure:
    """As `Encode` says. A file that was to be replaced is gone where it could not be."""
    in_place, target = want.source == want.target, Path(want.target)

    def tidy(pid: int) -> None:
        """What a process that was ended has left. One that was not has renamed it."""
        part = target if in_place else part_of(target, pid)
        for left in (part.with_suffix(".smaller"), None if in_place else part):
            if left is not None:
                with contextlib.suppress(OSError):
                    left.unlink(missing_ok=True)

    try:
        event = await ask_one(
            _MODULE,
            "shrink",
            asdict(want),
            limits=_LIMITS,
            seconds=_LONGEST_SECONDS,
            tidy=tidy,
        )
    except ChildError:
        return ClipFailure.WRITE_FAILED
    if event is None:
        return ClipFailure.WRITE_FAILED
    return Shrunk.of(event) if event["event"] == "shrunk" else ClipFailure(event["failure"])
