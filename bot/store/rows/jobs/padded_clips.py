"""Padded clips: longer files beside clips, from which others can be cut.

Whoever orders one names the jobs whose clips it lies beside, before there is a file: their message
says from the beginning that its clip can be changed. Each row goes before its file.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, or_, select, update

from bot.model import ClipJob, PaddedClip, Window
from bot.store.backends import insert
from bot.store.rows.jobs.job_rows import JobRows, ends_of, window_of
from bot.store.tables import clip_jobs, padded_clips

_rows = padded_clips.c
_one = clip_jobs.alias().c
_firsts, _members = clip_jobs.alias(), clip_jobs.alias()
_first, _member = _firsts.c, _members.c


class JobPaddedClips(JobRows):
    """Clip jobs, as whoever makes and keeps their padded clips sees them."""

    async def order_padded_clip(
        self, key: str, mint: str, job_ids: Collection[int], now: datetime
    ) -> None:
        """One is going to be made for these jobs, of that name."""
        await self._change(insert(padded_clips).values(key=key, mint=mint, ordered_at=now))
        await self._write([*job_ids], padded_clip_key=key)

    async def keep_padded_clip(self, key: str, window: Window) -> bool:
        """It is made. False: nobody wants it any more."""
        statement = update(padded_clips).where(_rows.key == key)
        return await self._change(statement.values(**ends_of(window))) > 0

    async def padded_clip(self, key: str | None) -> PaddedClip | None:
        """As it is now."""
        found = await self._padded_clips(_rows.key == key)
        return found[0] if found else None

    async def padded_clips(self) -> tuple[tuple[PaddedClip, datetime | None], ...]:
        """All, the oldest first, those too that are being made; each with when the last clip of its
        families expires. None: none of them is there any more, nor can be had back."""
        is_member = or_(_member.id == _first.id, _member.parent_id == _first.id)
        statement = (
            select(padded_clips, func.max(_member.expires_at).label("expires_at"))
            .outerjoin(_firsts, _first.padded_clip_key == _rows.key)
            .outerjoin(_members, and_(is_member, _member.file_key.is_not(None)))
            .group_by(_rows.key)
            .order_by(_rows.ordered_at, _rows.key)
        )
        return tuple((_padded_clip(row), row.expires_at) for row in await self._all(statement))

    async def padded_clips_of(self, mint: str) -> tuple[PaddedClip, ...]:
        """Those of a coin that are made."""
        return await self._padded_clips(_rows.mint == mint, _rows.begins_at.is_not(None))

    async def drop_padded_clip(self, key: str) -> tuple[ClipJob, ...]:
        """It is to go, or was never made: the jobs whose clips cannot be changed any more."""
        await self._change(delete(padded_clips).where(_rows.key == key))
        of_padded_clip = clip_jobs.c.padded_clip_key == key
        jobs = await self._several(of_padded_clip)
        await self._change(update(clip_jobs).where(of_padded_clip).values(padded_clip_key=None))
        return jobs

    async def leave_padded_clip(self, job_id: int) -> str | None:
        """The clip of that family is gone for good, or far from its padded clip: the key of that,
        where nobody else has it, whose row is gone, too."""
        first = select(func.coalesce(_one.parent_id, _one.id)).where(_one.id == job_id)
        of_first = clip_jobs.c.id == first.scalar_subquery()
        key: str | None = await self._value(select(clip_jobs.c.padded_clip_key).where(of_first))
        await self._change(update(clip_jobs).where(of_first).values(padded_clip_key=None))
        if key is None or await self._count(clip_jobs.c.padded_clip_key == key):
            return None
        await self.drop_padded_clip(key)
        return key

    async def _padded_clips(self, *which: ColumnElement[bool]) -> tuple[PaddedClip, ...]:
        statement = select(padded_clips).where(*which).order_by(_rows.ordered_at, _rows.key)
        return tuple(_padded_clip(row) for row in await self._all(statement))


def _padded_clip(row: Row[Any]) -> PaddedClip:
    is_made = row.begins_at is not None and row.ends_at is not None
    return PaddedClip(row.key, row.mint, row.ordered_at, window_of(row) if is_made else None)
