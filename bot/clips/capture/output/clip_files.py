"""A cut of the ring becomes a file of its own, with its poster; or nothing of it is left."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.clips.capture.media.ring import Cut
from bot.clips.capture.output.writer import Templates, write_part
from bot.clips.capture.protocol import MakeClip
from bot.clips.editing.clip_file import WriteFailure, part_of, publish
from bot.clips.editing.poster import poster_beside
from bot.clips.editing.protocol import ShrinkClip
from bot.clips.editing.second_encode import encode_smaller
from bot.clips.encoding.canvas import Size
from bot.kit.tasks import to_its_end
from bot.model import ClipFailure, ClipNote, NoteKind


@dataclass
class ClipFile:
    """What a clip is on the disk. `picture` is its size, where it has one; `path`, its name, once
    it has been given that."""

    picture: Size | None
    path: Path | None = None
    bytes: int = 0
    poster: str | None = None
    notes: list[ClipNote] = field(default_factory=list)


class ClipFiles:
    """Writes in a thread, one file at a time: the threads of a process share its time, and frames
    come meanwhile."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def write(
        self, want: MakeClip, cut: Cut, templates: Templates, picture: Size | None
    ) -> ClipFile:
        """Write a clip. Raises WriteFailure. However it fails, nothing of it is left."""
        file = ClipFile(picture)
        try:
            await self._in_turn(_fill, file, want, cut, templates)
            if file.bytes > want.max_bytes:
                await _make_smaller(file, want)
            await self._in_turn(_name, file, want)
        except BaseException:
            _remove(file, want)
            raise
        return file

    async def _in_turn(self, work: Callable[..., None], *arguments: Any) -> None:
        """A thread cannot be cancelled: its end is waited for."""
        async with self._lock:
            await to_its_end(asyncio.to_thread(work, *arguments))


def _fill(file: ClipFile, want: MakeClip, cut: Cut, templates: Templates) -> None:
    file.bytes = write_part(cut, templates, Path(want.path), want.id)


async def _make_smaller(file: ClipFile, want: MakeClip) -> None:
    part = part_of(Path(want.path), clip=want.id)
    made = await encode_smaller(ShrinkClip(str(part), str(part), want.max_bytes))
    if isinstance(made, ClipFailure):
        part.unlink(missing_ok=True)
        raise WriteFailure(made, "")
    file.bytes = made.bytes
    file.picture = Size(made.width, made.height) if made.width and made.height else None
    file.notes.append(ClipNote(NoteKind.SECOND_ENCODE))


def _name(file: ClipFile, want: MakeClip) -> None:
    wanted = Path(want.path)
    file.path = publish(wanted, want.id)
    if file.path != wanted:
        file.notes.append(ClipNote(NoteKind.RENAMED))
    file.poster = poster_beside(file.path, want.poster)


def _remove(file: ClipFile, want: MakeClip) -> None:
    part, poster = part_of(Path(want.path), clip=want.id), want.poster if file.poster else None
    for path in (part, file.path, poster):
        if path is not None:
            with contextlib.suppress(OSError):
                Path(path).unlink(missing_ok=True)
