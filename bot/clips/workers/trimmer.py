"""A part of a finished clip, cut out in a process of its own: no encoder, and no network."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import asdict
from pathlib import Path

from bot.clips.capture import TRIMMER, TrimClip, Trimmed, part_of
from bot.clips.results import failed
from bot.errors import ChildError
from bot.kit.processes.one_task import ask_one
from bot.kit.processes.resource_limits import Limits
from bot.model import ClipFailure

_log = logging.getLogger(__name__)

_LONGEST_SECONDS = 20.0
_LIMITS = Limits(memory=256 << 20, cpu=60)
"""It reads files that we wrote ourselves, a packet at a time, and decodes one picture of them."""


async def trim_clip(want: TrimClip) -> Trimmed:
    """Failures are in its result; then nothing of the file is left."""
    try:
        event = await ask_one(
            TRIMMER,
            "trim",
            asdict(want),
            limits=_LIMITS,
            seconds=_LONGEST_SECONDS,
            tidy=lambda pid: _clear(part_of(Path(want.target), pid)),
        )
    except ChildError as error:
        return _nothing(ClipFailure.WORKER_DIED, str(error))
    if event is None:
        return _nothing(ClipFailure.WORKER_DIED)
    if event["event"] == "trimmed":
        return Trimmed.of(event)
    return _nothing(ClipFailure(event["failure"]), event["detail"])


def _nothing(failure: ClipFailure, detail: str = "") -> Trimmed:
    _log.warning("nothing could be cut out of a clip: %s %s", failure.value, detail)
    return Trimmed(0.0, failed(failure, detail))


def _clear(part: Path) -> None:
    """What a process that was ended has left. One that was not has renamed it."""
    with contextlib.suppress(OSError):
        part.unlink(missing_ok=True)
