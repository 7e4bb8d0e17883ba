"""Rows of clip jobs as `ClipJob`s, and the few steps that all that is done to them takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select, update

from bot.model import ClipJob, ClipOrder, Person, Window
from bot.store.rows.base import Rows
from bot.store.tables import clip_jobs

_rows = clip_jobs.c
_one = clip_jobs.alias().c
_MILLISECOND = timedelta(milliseconds=1)
_OWN = tuple(f.name for f in fields(ClipJob) if f.name != "order")
_ORDERED = tuple(f.name for f in fields(ClipOrder) if f.name not in ("person", "window"))


class JobRows(Rows):
    """What families of clip jobs' rows share."""

    async def _write(self, ids: Sequence[int], **values: Any) -> None:
        if ids:
            await self._change(update(clip_jobs).where(_rows.id.in_(ids)).values(**values))

    async def _count(self, *which: ColumnElement[bool]) -> int:
        return int(await self._value(select(func.count()).select_from(clip_jobs).where(*which)))

    async def _several(
        self, *which: ColumnElement[bool], by: ColumnElement[Any] = _rows.id
    ) -> tuple[ClipJob, ...]:
        statement = select(clip_jobs).where(*which).order_by(by, _rows.id)
        return tuple(job_of(row) for row in await self._all(statement))


def ends_of(window: Window) -> dict[str, datetime]:
    """Of a row: columns have whole milliseconds, and a window is never empty."""
    return {
        "begins_at": window.begins_at,
        "ends_at": max(window.ends_at, window.begins_at + _MILLISECOND),
    }


def window_of(row: Row[Any]) -> Window:
    """What a row has. One that is empty was never meant: it is told as next to nothing, so that it
    fails by itself, and nothing that reads others with it does."""
    return Window(row.begins_at, max(row.ends_at, row.begins_at + _MILLISECOND))


def columns_of(order: ClipOrder) -> dict[str, Any]:
    """What a row keeps of it."""
    return {
        **{name: getattr(order, name) for name in _ORDERED},
        **ends_of(order.window),
        "person_id": order.person.id,
        "person_name": order.person.name,
    }


def group_of(job_id: int) -> ColumnElement[bool]:
    """Itself, or its leader, and all who follow that one."""
    leader = (
        select(func.coalesce(_one.leader_id, _one.id)).where(_one.id == job_id).scalar_subquery()
    )
    return or_(_rows.id == leader, _rows.leader_id == leader)


def job_of(row: Row[Any]) -> ClipJob:
    """The row as a job."""
    order = ClipOrder(
        person=Person(row.person_id, row.person_name),
        window=window_of(row),
        **{name: row._mapping[_rows[name]] for name in _ORDERED},
    )
    return ClipJob(order=order, **{name: row._mapping[_rows[name]] for name in _OWN})
