"""A clip that is too large for its platform is made smaller, for the one job that asked for it.

Who shares the file keeps the file as it is. The row changes before the old file goes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.clips.editing import ShrinkClip, Shrunk
from bot.clips.editing.second_encode import Encode, encode_smaller
from bot.clips.results import dump_result, load_result
from bot.errors import ChildError, StoreError
from bot.kit.bounded_dict import BoundedDict
from bot.kit.files import poster_of
from bot.model import ClipFailure, ClipJob, ClipNote, ClipResult, JobState, NoteKind

if TYPE_CHECKING:
    from bot.clips.retention import ClipRetention
    from bot.kit.files import Files
    from bot.store import Store, Unit

_log = logging.getLogger(__name__)

_REMEMBERED = 32


class ClipShrinker:
    """One at a time: an encoder has work for all cores."""

    def __init__(
        self,
        *,
        store: Store,
        files: Files,
        clip_retention: ClipRetention,
        encode: Encode = encode_smaller,
    ) -> None:
        self._store = store
        self._files = files
        self._clip_retention = clip_retention
        self._encode = encode
        self._lock = asyncio.Lock()
        self._made: BoundedDict[str, tuple[str, Shrunk]] = BoundedDict(_REMEMBERED)

    async def shrink(self, job_id: int, max_bytes: int) -> bool:
        """Whether the job has a file of at most `max_bytes` now."""
        try:
            async with self._lock:
                return await self._shrink(job_id, max_bytes)
        except (OSError, StoreError, ChildError) as error:
            _log.warning("clip %d could not be made smaller: %s", job_id, error)
            return False

    async def _shrink(self, job_id: int, max_bytes: int) -> bool:
        async with self._store.read() as unit:
            job = await unit.jobs.get(job_id)
        if job is None or job.state is not JobState.DONE or job.file_key is None:
            return False
        result = load_result(job.result or "")
        if result.bytes <= max_bytes:
            return True
        if await self._reuse(job, job.file_key, result, max_bytes):
            return True
        return await self._make(job, job.file_key, result, max_bytes)

    async def _reuse(self, job: ClipJob, old: str, result: ClipResult, max_bytes: int) -> bool:
        """Somebody who shared the file had it made smaller, and still has that file."""
        new, made = self._made.get(old) or ("", None)
        if made is None or made.bytes > max_bytes:
            return False
        async with self._store.write() as unit:
            is_kept = await unit.jobs.sharing(new) > 0
            if not is_kept or not await _replace(unit, job, old, new, result, made):
                return False
            is_last = not await unit.jobs.sharing(old)
        await self._remove(old if is_last else None)
        return True

    async def _make(self, job: ClipJob, old: str, result: ClipResult, max_bytes: int) -> bool:
        if not await self._clip_retention.make_room(result.bytes + 2 * max_bytes):
            return False
        source = await self._files.fetch(old)
        new = self._files.new_key(old.rpartition("-")[0], "mp4")
        want = ShrinkClip(
            source=str(source),
            target=str(self._files.path(new)),
            max_bytes=max_bytes,
            poster=str(self._files.path(poster_of(new))),
        )
        made = await self._encode(want)
        if isinstance(made, ClipFailure):
            _log.warning("clip %d could not be made smaller: %s", job.id, made.value)
            return False
        await self._files.share(new)
        async with self._store.write() as unit:
            is_replaced = await _replace(unit, job, old, new, result, made)
            is_last = not await unit.jobs.sharing(old)
        if not is_replaced:
            await self._remove(new)
            return False
        _log.info("clip %d: %d bytes were made %d", job.id, result.bytes, made.bytes)
        self._made.put(old, (new, made))
        await self._remove(old if is_last else None)
        return True

    async def _remove(self, key: str | None) -> None:
        """A file that no row names; where it cannot be removed, the next sweep tries again."""
        if key is not None:
            with contextlib.suppress(OSError):
                await self._files.delete(key)


async def _replace(
    unit: Unit, job: ClipJob, old: str, new: str, result: ClipResult, made: Shrunk
) -> bool:
    notes = result.notes
    if not any(note.kind is NoteKind.SECOND_ENCODE for note in notes):
        notes = (*notes, ClipNote(NoteKind.SECOND_ENCODE))
    smaller = replace(
        result,
        bytes=made.bytes,
        width=made.width,
        height=made.height,
        notes=notes,
        poster=made.poster,
    )
    return await unit.jobs.replace_file(job.id, old, new, dump_result(smaller))
