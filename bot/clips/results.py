"""What came of a clip job, as its row keeps it. Pure."""

from __future__ import annotations

import errno
import json
from dataclasses import replace

from bot.clips.capture import clip_result
from bot.clips.capture.protocol import result_event
from bot.model import ClipFailure, ClipNote, ClipResult, ClipStatus, JobFault, NoteKind, Reason

PUMPFUN = "pumpfun:"
"""Before a `Reason`: pump.fun could not be asked. `bot.texts.clips` reads it."""


def dump_result(result: ClipResult) -> str:
    """JSON for `ClipJob.result`. Where the file lies is left out: a row names files by key."""
    return json.dumps(result_event(replace(result, path=None)))


def load_result(text: str) -> ClipResult:
    """What `dump_result` wrote, with `path` None. Raises KeyError, TypeError or ValueError."""
    return clip_result(json.loads(text))


def failed(failure: ClipFailure, detail: str = "") -> ClipResult:
    """There is no clip, and why."""
    return ClipResult(ClipStatus.FAILED, failure=failure, detail=detail)


def not_kept(error: OSError) -> ClipResult:
    """There is no clip, since what it is made of could not be kept."""
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    failure = ClipFailure.DISK_FULL if is_full else ClipFailure.NOT_WRITABLE
    return failed(failure, error.strerror or type(error).__name__)


def missing(result: ClipResult) -> tuple[ClipNote, ...]:
    """What the viewer of a copied clip misses."""
    no_picture = () if result.has_video else (ClipNote(NoteKind.NO_PICTURE),)
    no_sound = () if result.has_audio else (ClipNote(NoteKind.NO_SOUND),)
    return (*no_picture, *no_sound)


def error_code(cause: ClipFailure | JobFault | Reason) -> str:
    """The code for `ClipJob.error`; it never changes its meaning. `bot.texts.clips` explains it."""
    return f"{PUMPFUN}{cause.value}" if isinstance(cause, Reason) else cause.value
