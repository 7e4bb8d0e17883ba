"""The files of clips that are done: how long they are kept, and who shares them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, select, union, update

from bot.model import ClipJob, JobState
from bot.store.rows.jobs.job_rows import JobRows
from bot.store.tables import clip_jobs, padded_clips

_rows = clip_jobs.c
_HAS_FILE = _rows.file_key.is_not(None)
_KEEPS = and_(_rows.state == JobState.DONE, _HAS_FILE)
_UNDOABLE = and_(_rows.state == JobState.DELETED, _HAS_FILE)


class JobFiles(JobRows):
    """Clip jobs, as whoever keeps and removes their files sees them."""

    async def expired(self, now: datetime) -> tuple[ClipJob, ...]:
        """Done ones whose file's time is over."""
        return await self._several(_KEEPS, _rows.expires_at <= now)

    async def kept(self) -> tuple[ClipJob, ...]:
        """Done ones that have a file, the oldest first."""
        return await self._several(_KEEPS, by=_rows.finished_at)

    async def expire(self, jobs: Collection[ClipJob]) -> frozenset[str]:
        """Their files are to go, where they still have these: those of them that no other job
        shares."""
        ids, keys = [job.id for job in jobs], {job.file_key for job in jobs if job.file_key}
        of_these = update(clip_jobs).where(_rows.id.in_(ids), _KEEPS, _rows.file_key.in_(keys))
        await self._change(of_these.values(state=JobState.EXPIRED, file_key=None))
        shared = select(_rows.file_key).where(_rows.file_key.in_(keys))
        return frozenset(keys.difference(await self._values(shared)))

    async def delete(self, job_id: int) -> bool:
        """Somebody wants its clip gone; the file stays for a while, so that it can be had back.
        False: there is none, or none any more."""
        statement = update(clip_jobs).where(_rows.id == job_id, _KEEPS)
        return await self._change(statement.values(state=JobState.DELETED)) > 0

    async def delete_expired(self, job_id: int) -> bool:
        """The same of one whose file has had its time, and of which only a message is left. It
        can't be had back."""
        has_expired = and_(_rows.id == job_id, _rows.state == JobState.EXPIRED)
        statement = update(clip_jobs).where(has_expired)
        return await self._change(statement.values(state=JobState.DELETED)) > 0

    async def restore(self, job_id: int) -> bool:
        """It is wanted again. False: its file is gone."""
        statement = update(clip_jobs).where(_rows.id == job_id, _UNDOABLE)
        return await self._change(statement.values(state=JobState.DONE)) > 0

    async def drop_deleted(self, job_id: int) -> bool:
        """The file of a deleted one is to go as well. False: it had gone, or it was restored."""
        statement = update(clip_jobs).where(_rows.id == job_id, _UNDOABLE)
        return await self._change(statement.values(file_key=None)) > 0

    async def file_keys(self) -> frozenset[str]:
        """Of all clips that are there, those too that are deleted and can be had back; and of what
        lies beside them, or is going to."""
        keys = union(select(_rows.file_key).where(_HAS_FILE), select(padded_clips.c.key))
        return frozenset(await self._values(keys))

    async def replace_file(
        self, job_id: int, old_key: str, new_key: str, result: str | None
    ) -> bool:
        """It has another file now; who shares the old one keeps that. False: it was dropped, or
        replaced, meanwhile."""
        statement = update(clip_jobs).where(_rows.id == job_id, _KEEPS, _rows.file_key == old_key)
        return await self._change(statement.values(file_key=new_key, result=result)) > 0

    async def sharing(self, file_key: str) -> int:
        """How many jobs have that file."""
        return await self._count(_rows.file_key == file_key)
