"""A clip that a stranger has made becomes one of ours, in a process that ends with it."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import asdict
from pathlib import Path

from bot.clips.capture import TRIMMER, TakeOver, Trimmed, part_of
from bot.clips.results import failed
from bot.errors import ChildError
from bot.kit.processes.one_task import ask_one
from bot.kit.processes.resource_limits import Limits
from bot.model import ClipFailure

_log = logging.getLogger(__name__)

_LONGEST_SECONDS = 30.0
_LIMITS = Limits(memory=256 << 20, cpu=30)
"""It holds one packet at a time, and decodes one picture; but for the tables of the file, which are
a stranger's."""


async def take_over(want: TakeOver) -> Trimmed:
    """Failures are in its result; then nothing of the new file is left."""
    try:
        event = await ask_one(
            TRIMMER,
            "take-over",
            asdict(want),
            limits=_LIMITS,
            seconds=_LONGEST_SECONDS,
            tidy=lambda pid: _clear(part_of(Path(want.target), pid)),
        )
        if event is None:
            return _nothing(ClipFailure.WORKER_DIED)
        if event["event"] == "trimmed":
            return Trimmed.of(event)
        return _nothing(ClipFailure(event["failure"]), event["detail"])
    except (ChildError, KeyError, TypeError, ValueError) as error:
        return _nothing(ClipFailure.WORKER_DIED, str(error))


def _nothing(failure: ClipFailure, detail: str = "") -> Trimmed:
    _log.warning("a clip of the site's cannot be used: %s %s", failure.value, detail)
    return Trimmed(0.0, failed(failure, detail))


def _clear(part: Path) -> None:
    """What a process that was ended has left. One that was not has renamed it."""
    with contextlib.suppress(OSError):
        part.unlink(missing_ok=True)
