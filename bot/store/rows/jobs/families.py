"""A clip and what it was cut anew into: one message shows the newest of them that was ever done.

The first job of a family is the parent of all others, and has the delivery. A re-cut takes no turn
of `fair_queue`: it records nothing.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Subquery, and_, case, exists, func, or_, select, union, update

from bot.model import ClipJob, DeliveryState, JobState
from bot.store.rows.cluster.captures import is_elsewhere
from bot.store.rows.jobs.free_recuts import SIBLING, are_free_used_up
from bot.store.rows.jobs.job_rows import JobRows, group_of, job_of
from bot.store.tables import clip_jobs, deliveries

_rows = clip_jobs.c
_IS_RECUT = _rows.parent_id.is_not(None)
_OPEN = _rows.state.in_((JobState.QUEUED, JobState.RUNNING))
_LEADS = _rows.leader_id.is_(None)
_WAS_DONE = (JobState.DONE, JobState.EXPIRED, JobState.DELETED)

_HAS_FILE = and_(_rows.state == JobState.DONE, _rows.file_key.is_not(None))

_newers, _siblings = clip_jobs.alias(), clip_jobs.alias()
_newer, _sibling = _newers.c, _siblings.c


class JobFamilies(JobRows):
    """Clip jobs, as whoever cuts them anew, and whoever shows them, sees them."""

    async def shown(self, job_id: int) -> ClipJob | None:
        """What the message of that job's family shows, or is about to; the first job where none was
        ever done."""
        family = await self._several(_family_of(job_id))
        newest_first = (job for job in reversed(family) if job.state in _WAS_DONE)
        return next(newest_first, family[0] if family else None)

    async def recut_under_way(self, parent_id: int) -> ClipJob | None:
        """The one that is not over."""
        found = await self._several(_rows.parent_id == parent_id, _OPEN)
        return found[0] if found else None

    async def is_recut_free(self, parent_id: int) -> bool:
        """Whether the next one does not count as asking for a clip."""
        used_up = are_free_used_up(SIBLING.parent_id == parent_id)
        return not await self._value(select(used_up))

    async def queued_recuts(self, worker_id: str, *, by_term: bool = True) -> tuple[ClipJob, ...]:
        """Those that nobody has claimed, the oldest first; not those whose ring another node has:
        it cuts them. Not `by_term`, also where its term is over."""
        is_here = ~is_elsewhere(_rows, worker_id, by_term=by_term)
        return await self._several(_IS_RECUT, _LEADS, _rows.state == JobState.QUEUED, is_here)

    async def claim_recut(
        self, worker_id: str, now: datetime, job_id: int | None = None, *, by_term: bool = True
    ) -> ClipJob | None:
        """Take that one, or the one that waits for longest; None: it does not, or none does."""
        queued = await self.queued_recuts(worker_id, by_term=by_term)
        waiting = [one.id for one in queued if job_id in (one.id, None)]
        if not waiting:
            return None
        chosen = waiting[0]
        begun = {"state": JobState.RUNNING, "started_at": now, "changed_at": now}
        await self._change(
            update(clip_jobs).where(group_of(chosen), _OPEN).values(**begun, epoch=_rows.epoch + 1)
        )
        await self._write([chosen], worker_id=worker_id)
        return (await self._several(_rows.id == chosen))[0]

    async def refuse(self, job_id: int, error: str) -> None:
        """No message can show it: it is as if it had never been made, and its file is nobody's.
        What was deleted meanwhile stays so."""
        is_done = and_(_rows.id == job_id, _rows.state == JobState.DONE)
        refused = {"state": JobState.FAILED, "error": error, "file_key": None}
        await self._change(update(clip_jobs).where(is_done).values(**refused))

    async def replaced(self) -> tuple[ClipJob, ...]:
        """Those that have a file which nothing shows any more: a newer one of the family stands
        there."""
        statement = select(clip_jobs).where(_rows.id.in_(select(_replaced())), _HAS_FILE)
        return tuple(job_of(row) for row in await self._all(statement.order_by(_rows.id)))


def _replaced() -> Subquery:
    """What is older, in the families of those that are cut anew and shown: they are few, and the
    rest of each is found by an index."""
    is_shown = exists().where(
        deliveries.c.job_id == _newer.parent_id,
        or_(
            and_(
                deliveries.c.state == DeliveryState.SENT,
                deliveries.c.wanted == deliveries.c.shown,
            ),
            deliveries.c.state.in_((DeliveryState.DEAD, DeliveryState.UNCERTAIN)),
        ),
    )
    # Written so that it begins with the index of parents: nearly all rows have been done.
    was_done = case((_newer.state.in_(_WAS_DONE), 1), else_=0) == 1
    is_newer = and_(_newer.parent_id > 0, was_done, is_shown)
    firsts = select(_newer.parent_id.label("id")).where(is_newer)
    others = (
        select(_sibling.id)
        .join_from(_newers, _siblings, _sibling.parent_id == _newer.parent_id)
        .where(is_newer, _sibling.id < _newer.id)
    )
    return union(firsts, others).subquery()


def _family_of(job_id: int) -> ColumnElement[bool]:
    root = (
        select(func.coalesce(_sibling.parent_id, _sibling.id))
        .where(_sibling.id == job_id)
        .scalar_subquery()
    )
    return or_(_rows.id == root, _rows.parent_id == root)
