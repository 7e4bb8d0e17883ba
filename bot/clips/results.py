"""What came of a clip, as its job's row keeps it and as it crosses a pipe. Pure."""

from __future__ import annotations

import errno
import json
from dataclasses import asdict, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.kit.error_text import is_disk_full
from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipNote,
    ClipResult,
    ClipStatus,
    JobFault,
    NoteKind,
    PlacedBy,
    Reason,
    RecordingFacts,
)

_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR})

OF_DISK = frozenset({ClipFailure.DISK_FULL, ClipFailure.NOT_WRITABLE})
"""What the disk says of a clip's file: cut of anything else, it fares no better."""

PUMPFUN = "pumpfun:"
"""Before a `Reason`: pump.fun could not be asked. `bot.texts.clips` reads it."""


def dump_result(result: ClipResult) -> str:
    """JSON for `ClipJob.result`. Where the file lies is left out: a row names files by key."""
    return json.dumps(result_event(replace(result, path=None)))


def load_result(text: str) -> ClipResult:
    """What `dump_result` wrote, with `path` None. Raises KeyError, TypeError or ValueError."""
    return clip_result(json.loads(text))


def result_event(result: ClipResult) -> dict[str, Any]:
    """A result as an event's data."""
    data = asdict(result)
    data["path"] = str(result.path) if result.path is not None else None
    data["started_at"] = result.started_at.isoformat() if result.started_at else None
    return data


def clip_result(data: dict[str, Any]) -> ClipResult:
    """The result that an event's data says. Raises KeyError, TypeError or ValueError."""
    known = {f.name: data[f.name] for f in fields(ClipResult) if f.name in data}
    known["status"] = ClipStatus(data["status"])
    known["path"] = Path(data["path"]) if data["path"] else None
    known["started_at"] = datetime.fromisoformat(data["started_at"]) if data["started_at"] else None
    known["notes"] = tuple(ClipNote(NoteKind(n["kind"]), n["amount"]) for n in data["notes"])
    known["end"] = CaptureEnd(data["end"]) if data["end"] else None
    known["failure"] = ClipFailure(data["failure"]) if data["failure"] else None
    facts = data.get("recording")
    known["recording"] = _facts(facts) if facts else None
    return ClipResult(**known)


def _facts(data: dict[str, Any]) -> RecordingFacts:
    placed_by = data.get("placed_by")
    return RecordingFacts(
        **{**data, "placed_by": PlacedBy(**placed_by) if placed_by is not None else None}
    )


def failed(failure: ClipFailure, detail: str = "") -> ClipResult:
    """There is no clip, and why."""
    return ClipResult(ClipStatus.FAILED, failure=failure, detail=detail)


def not_kept(error: OSError) -> ClipResult:
    """There is no clip, since what it is made of could not be kept."""
    return failed(write_failure(error), error.strerror or type(error).__name__)


def write_failure(error: Exception) -> ClipFailure:
    """What it means for a clip that a file could not be written. `error` is the system's, or
    FFmpeg's."""
    if is_disk_full(error):
        return ClipFailure.DISK_FULL
    is_refused = getattr(error, "errno", None) in _REFUSED
    return ClipFailure.NOT_WRITABLE if is_refused else ClipFailure.WRITE_FAILED


def missing(result: ClipResult) -> tuple[ClipNote, ...]:
    """What the viewer of a copied clip misses."""
    no_picture = () if result.has_video else (ClipNote(NoteKind.NO_PICTURE),)
    no_sound = () if result.has_audio else (ClipNote(NoteKind.NO_SOUND),)
    return (*no_picture, *no_sound)


def error_code(cause: ClipFailure | JobFault | Reason) -> str:
    """The code for `ClipJob.error`; it never changes its meaning. `bot.texts.clips` explains it."""
    return f"{PUMPFUN}{cause.value}" if isinstance(cause, Reason) else cause.value
