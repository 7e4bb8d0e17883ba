"""A cut of the ring becomes a file of its own, with its poster; or nothing of it is left."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path

from bot.clips.capture.media.canvas import Size
from bot.clips.capture.media.ring import Cut
from bot.clips.capture.output import shrink
from bot.clips.capture.output.poster import poster_beside
from bot.clips.capture.output.writer import Templates, publish, write_part
from bot.clips.capture.protocol import MakeClip, part_of
from bot.kit.tasks import to_its_end
from bot.model import ClipNote, NoteKind


@dataclass
class ClipFile:
    """What a clip is on the disk. `picture` is its size, where it has one; `path`, its name, once
    it has been given that."""

    picture: Size | None
    path: Path | None = None
    bytes: int = 0
    poster: str | None = None
    notes: list[ClipNote] = field(default_factory=list)


async def write_file(
    want: MakeClip, cut: Cut, templates: Templates, picture: Size | None
) -> ClipFile:
    """Write it. Raises WriteFailure. Being cancelled leaves nothing; a thread that is writing ends
    before."""
    file = ClipFile(picture)
    try:
        await to_its_end(asyncio.to_thread(_write, file, want, cut, templates))
    except asyncio.CancelledError:
        _remove(file, want)
        raise
    return file


def _write(file: ClipFile, want: MakeClip, cut: Cut, templates: Templates) -> None:
    wanted = Path(want.path)
    file.bytes = write_part(cut, templates, wanted)
    if file.bytes > want.max_bytes:
        file.notes.append(ClipNote(NoteKind.SECOND_ENCODE))
        smaller = shrink.shrink(part_of(wanted), want.max_bytes)
        file.bytes, file.picture = smaller.bytes, smaller.picture
    file.path = publish(wanted)
    if file.path != wanted:
        file.notes.append(ClipNote(NoteKind.RENAMED))
    file.poster = poster_beside(file.path, want.poster)


def _remove(file: ClipFile, want: MakeClip) -> None:
    for path in (part_of(Path(want.path)), file.path, want.poster if file.poster else None):
        if path is not None:
            with contextlib.suppress(OSError):
                Path(path).unlink(missing_ok=True)
