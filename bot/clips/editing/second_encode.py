"""A clip that is too large is encoded anew, in a process of its own: no frame is lost by it.

One at a time of all whose files lie in one folder, whichever process wants it: an encoder has work
for all cores, and several of them at once leave none for what is being captured.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, replace
from pathlib import Path
from weakref import WeakValueDictionary

from bot.clips.editing.clip_file import part_of
from bot.clips.editing.protocol import ShrinkClip, Shrunk
from bot.errors import ChildError
from bot.kit.files import remove
from bot.kit.processes.one_task import ask_one
from bot.kit.processes.resource_limits import Limits
from bot.model import ClipFailure, ClipNote, ClipRequest, ClipResult, ClipStatus, NoteKind

_MODULE = "bot.clips.editing.shrink_process"
_ENCODE_SECONDS, _TURN_SECONDS, _LOOK_SECONDS = 300.0, 600.0, 0.25
LONGEST_SECONDS = _TURN_SECONDS + _ENCODE_SECONDS
"""So long one may take that has to wait for others; whoever waits for it waits for longer."""

_LIMITS = Limits(memory=1 << 30, cpu=2400)
"""Eight cores for as long as it may take. It reads files that we wrote ourselves."""

_LINES: WeakValueDictionary[Path, asyncio.Lock] = WeakValueDictionary()
"""Who waits in this process, by folder: one of them at a time looks whether other processes do."""

Encode = Callable[[ShrinkClip], Awaitable[Shrunk | ClipFailure]]
"""Writes the smaller file; or says why there is none, and nothing of it is left."""


async def encode_smaller(want: ShrinkClip) -> Shrunk | ClipFailure:
    """As `Encode` says. A file that was to be replaced is gone where it could not be."""
    in_place, target = want.source == want.target, Path(want.target)

    def tidy(pid: int) -> None:
        """What a process that was ended has left. One that was not has renamed it."""
        part = target if in_place else part_of(target, pid)
        remove(part.with_suffix(".smaller"), None if in_place else part)

    try:
        async with turn_in(target.parent):
            event = await ask_one(
                _MODULE,
                "shrink",
                asdict(want),
                limits=_LIMITS,
                seconds=_ENCODE_SECONDS,
                tidy=tidy,
            )
    except (ChildError, TimeoutError):
        return ClipFailure.WRITE_FAILED
    if event is None:
        return ClipFailure.WRITE_FAILED
    return Shrunk.of(event) if event["event"] == "shrunk" else ClipFailure(event["failure"])


async def fitting(encode: Encode, request: ClipRequest, result: ClipResult) -> ClipResult:
    """`result` of a clip that was copied, its file made smaller where it has more bytes than are
    wanted. Where that cannot be, nothing of it is left."""
    if result.bytes <= request.max_bytes:
        return result
    file = str(request.path)
    poster = str(request.poster) if request.poster is not None else None
    made = await encode(ShrinkClip(file, file, request.max_bytes, poster))
    if isinstance(made, ClipFailure):
        await asyncio.to_thread(remove, request.path, request.poster)
        return ClipResult(ClipStatus.FAILED, failure=made)
    return replace(
        result,
        bytes=made.bytes,
        width=made.width,
        height=made.height,
        poster=made.poster,
        notes=(*result.notes, ClipNote(NoteKind.SECOND_ENCODE)),
    )


@contextlib.asynccontextmanager
async def turn_in(folder: Path) -> AsyncIterator[None]:
    """Alone among all processes that encode into that folder; of this one, whoever came first has
    the next turn. Raises TimeoutError.

    It is a lock on the folder itself, which leaves no file, and ends with its process.
    """
    line = _LINES.setdefault(folder, asyncio.Lock())
    async with asyncio.timeout(_TURN_SECONDS) as patience, line:
        with contextlib.closing(_Lock(folder)) as lock:
            while not lock.take():  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_SECONDS)  # another process tells nobody
            patience.reschedule(None)
            yield


class _Lock:
    """Taken until it is closed."""

    def __init__(self, folder: Path) -> None:
        self._descriptor: int | None = None
        with contextlib.suppress(OSError):  # whoever writes there tells what is wrong with it
            self._descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)

    def take(self) -> bool:
        """False: another has it. A file system that knows no locks has none to wait for."""
        if self._descriptor is None:
            return True
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        """Let the next one have it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
