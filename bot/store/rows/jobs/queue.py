"""Clip jobs. Who asks for the window of one that is under way (`same_window`) follows a leader.

A leader is what is queued, claimed and recorded; its followers go where it goes. Only
`cancel_requested` is each one's own. `epoch` grows from claim to claim over all rows, so that it
tells whose turn was when (`bot.store.rows.jobs.fair_queue`), besides guarding the claim.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true, update

from bot.model import (
    ANONYMOUS,
    FREE_RETRIES,
    OUR_FAULTS,
    ClipJob,
    ClipOrder,
    JobState,
    Person,
    SourceName,
    Window,
)
from bot.store.backends import insert
from bot.store.rows.cluster.captures import is_elsewhere
from bot.store.rows.cluster.leases import is_running
from bot.store.rows.jobs.fair_queue import Claimant, FairQueue, Waiting
from bot.store.rows.jobs.free_recuts import SIBLING, are_free_used_up
from bot.store.rows.jobs.job_rows import JobRows, columns_of, ends_of, group_of, job_of
from bot.store.rows.jobs.same_window import is_same_post, is_same_window
from bot.store.tables import clip_jobs, nodes

_rows = clip_jobs.c
_OPEN = _rows.state.in_((JobState.QUEUED, JobState.RUNNING))
_IS_CAPTURE = and_(_rows.leader_id.is_(None), _rows.parent_id.is_(None))
"""A capture of its own. What is cut anew (`families`) records nothing, and waits elsewhere."""

_AFRESH: dict[str, Any] = {
    "state": JobState.QUEUED,
    "worker_id": None,
    "phase": None,
    "done_seconds": 0.0,
    "started_at": None,
    "source": None,
}

_REMEMBERED = 1000
"""The turns of so many jobs count; who had one before that waits no longer for it."""

_last = clip_jobs.alias().c
_RECENT = _rows.id > select(func.max(_last.id)).scalar_subquery() - _REMEMBERED
_UNNAMED = _rows.person_id.startswith(ANONYMOUS, autoescape=True)
_sharer = clip_jobs.alias().c
_WAITS = and_(
    _rows.state == JobState.QUEUED,
    _IS_CAPTURE,
    exists().where(
        or_(_sharer.id == _rows.id, _sharer.leader_id == _rows.id),
        _sharer.cancel_requested.is_(False),
    ),
)
_comes_later = are_free_used_up(SIBLING.parent_id == _rows.parent_id, SIBLING.id < _rows.id)
_COUNTS = or_(_rows.parent_id.is_(None), _comes_later)
_FAILED_BY_US = case(
    (and_(_rows.state == JobState.FAILED, _rows.error.in_(OUR_FAULTS)), 1), else_=0
)


def _is_lost(worker_id: str, *, by_term: bool) -> ColumnElement[bool]:
    """Of a leader: whoever was at it is gone."""
    return and_(
        _rows.state == JobState.RUNNING,
        _rows.leader_id.is_(None),
        _is_gone(_rows.worker_id, worker_id, by_term=by_term),
    )


def _is_gone(holder: ColumnElement[str], worker_id: str, *, by_term: bool) -> ColumnElement[bool]:
    """It is neither us nor another node that is there: that has not left, and, `by_term`, whose
    term is not over."""
    there = select(nodes.c.worker_id)
    if by_term:
        there = there.where(is_running(nodes.c.until))
    return and_(holder != worker_id, holder.not_in(there))


def _is_for(worker_id: str | None, *, by_term: bool) -> ColumnElement[bool]:
    """It may claim it: no other node has the ring for it. None: whoever may."""
    if worker_id is None:
        return true()
    return ~is_elsewhere(_rows, worker_id, by_term=by_term)


class JobQueue(JobRows):
    """Clip jobs, as whoever asks and whoever records see them."""

    async def add(self, order: ClipOrder, now: datetime) -> tuple[ClipJob, bool]:
        """Queue it; gives the job, and whether it is new: a request counts once. It follows
        whoever waits for the same window already."""
        leader = await self._leader_for(order)
        new = insert(clip_jobs).values(
            **columns_of(order),
            state=leader.state if leader else JobState.QUEUED,
            phase=leader.phase if leader else None,
            leader_id=leader.id if leader else None,
            started_at=leader.started_at if leader else None,
            source=leader.source if leader else None,
            changed_at=now,
        )
        row = await self._first(new.on_conflict_do_nothing().returning(clip_jobs))
        if row is not None:
            return job_of(row), True
        return (await self._several(_rows.request_key == order.request_key))[0], False

    async def get(self, job_id: int) -> ClipJob | None:
        """As it is now."""
        found = await self._several(_rows.id == job_id)
        return found[0] if found else None

    async def highlight_lately(
        self, target_id: int, highlight_id: str, since: datetime
    ) -> ClipJob | None:
        """The newest by which that highlight of the site's own comes there, or has just come."""
        found = await self._several(is_same_post(target_id, highlight_id, since))
        return found[-1] if found else None

    async def sharers(self, job_id: int) -> tuple[ClipJob, ...]:
        """Every unfinished job that shares a capture with it, itself too; the leader first."""
        return await self._several(group_of(job_id), _OPEN)

    async def queued(
        self, worker_id: str | None = None, *, by_term: bool = True
    ) -> tuple[ClipJob, ...]:
        """The leaders that nobody has claimed, the oldest first; for `worker_id`, those that it may
        claim. Not `by_term`, a ring is another's also where its term is over."""
        is_for = _is_for(worker_id, by_term=by_term)
        return await self._several(_rows.state == JobState.QUEUED, _IS_CAPTURE, is_for)

    async def claim(
        self,
        worker_id: str,
        now: datetime,
        job_id: int | None = None,
        *,
        past: bool = True,
        ahead: bool = True,
        most_unnamed: int | None = None,
        by_term: bool = True,
    ) -> ClipJob | None:
        """Take the leader whose turn it is, or that one; None: it does not wait. Its followers run
        too. Of those who wait for what is `past`, or what is `ahead`, only where that is said. At
        most `most_unnamed` are recorded here at once for those who have no name. `by_term`: as with
        `queued`."""
        queue, waiting = await self._fair_queue(), await self._waiting(worker_id, by_term=by_term)
        if job_id is not None:
            waiting = [one for one in waiting if one.id == job_id]
        elif most_unnamed is not None and await self._recording_unnamed(worker_id) >= most_unnamed:
            waiting = [one for one in waiting if not (one.is_ahead and one.is_unnamed)]
        waiting = [one for one in waiting if (ahead if one.is_ahead else past)]
        if not waiting:
            return None
        chosen = queue.order(waiting)[0].id
        await self._change(update(clip_jobs).where(_rows.id == chosen).values(worker_id=worker_id))
        begun = {"state": JobState.RUNNING, "started_at": now, "changed_at": now}
        await self._change(
            update(clip_jobs).where(group_of(chosen), _OPEN).values(**begun, epoch=queue.last + 1)
        )
        return await self.get(chosen)

    async def note_source(
        self, job: ClipJob, source: SourceName, window: Window | None = None
    ) -> bool:
        """What it is cut of, for its followers too; `window`: which seconds the next ones are, now
        that there is something to record. What is wanted of the past stays as it is until its clip
        is made, however little of it there is: others may ask for the same, and so does a restart.
        False: another has claimed it since."""
        if not await self._holds(job):
            return False
        shows = ends_of(window) if window is not None else {}
        statement = update(clip_jobs).where(group_of(job.id), _OPEN)
        await self._change(statement.values(source=source, **shows))
        return True

    async def note_window(self, job: ClipJob, window: Window) -> None:
        """What its clip shows, now that there is one, for its followers too; `seconds` stay those
        that were wanted. Nothing where another has claimed it since."""
        if await self._holds(job):
            await self._change(
                update(clip_jobs).where(group_of(job.id), _OPEN).values(ends_of(window))
            )

    async def queue_for_the_next(
        self, job: ClipJob, window: Window, now: datetime
    ) -> tuple[ClipJob, ...]:
        """What it was to show is gone: it waits for that window, which is still to come, and so do
        all who share it; gives them. It has had no turn yet, which recording takes. None where
        another has claimed it since."""
        if not await self._holds(job):
            return ()
        sharing = [one.id for one in await self.sharers(job.id)]
        again = update(clip_jobs).where(_rows.id.in_(sharing))
        await self._change(
            again.values(**_AFRESH, **ends_of(window), is_ahead=True, epoch=0, changed_at=now)
        )
        return await self._several(_rows.id.in_(sharing))

    async def progress(self, job: ClipJob, phase: str, done_seconds: float) -> bool:
        """How far it is, for its followers too. False: another has claimed it since."""
        if not await self._holds(job):
            return False
        statement = update(clip_jobs).where(group_of(job.id), _OPEN)
        await self._change(statement.values(phase=phase, done_seconds=done_seconds))
        return True

    async def request_cancel(self, job_id: int) -> bool:
        """Whoever asked wants it no more; whoever records ends it. Others that share the capture
        go on. False: it is finished, or cancelled already."""
        statement = update(clip_jobs).where(
            _rows.id == job_id, _OPEN, _rows.cancel_requested.is_(False)
        )
        return await self._change(statement.values(cancel_requested=True)) > 0

    async def finish(
        self,
        job: ClipJob,
        state: JobState,
        *,
        result: str | None,
        error: str | None,
        file_key: str | None,
        expires_at: datetime | None,
        now: datetime,
    ) -> tuple[ClipJob, ...]:
        """What came of it, for all that share it; gives those that are finished by that, none
        when another has claimed it since. Owe their deliveries in the same transaction. A queued
        one can be finished too.

        Who wanted it no more is cancelled, whatever came of it. When it is cancelled, and somebody
        joined who still wants it, that one is queued anew.
        """
        if not await self._holds(job):
            return ()
        group = await self.sharers(job.id)
        unwanted = [one.id for one in group if one.cancel_requested]
        others = [one.id for one in group if not one.cancel_requested]
        over = {"worker_id": None, "finished_at": now, "changed_at": now}
        await self._write(unwanted, state=JobState.CANCELLED, **over)
        if state is JobState.CANCELLED:
            await self._queue_anew(others, now)
            return await self._several(_rows.id.in_(unwanted))
        await self._write(
            others,
            state=state,
            result=result,
            error=error,
            file_key=file_key,
            expires_at=expires_at,
            **over,
        )
        return await self._several(_rows.id.in_([*unwanted, *others]))

    async def ahead(self, job_id: int) -> int:
        """How many captures come before it, as things stand: who comes later may have a turn
        sooner. 0 as soon as it runs."""
        job = await self.get(job_id)
        if job is None or job.state is not JobState.QUEUED:
            return 0
        wanted = [one for one in await self._waiting() if one.claimants]
        order = [one.id for one in (await self._fair_queue()).order(wanted)]
        leader_id = job.leader_id or job.id
        return order.index(leader_id) if leader_id in order else 0

    async def waiting(self) -> int:
        """How many captures wait; those that nobody wants any more do not count."""
        return await self._count(_WAITS)

    async def captures(self) -> int:
        """How many captures are under way."""
        return await self._count(_rows.state == JobState.RUNNING, _IS_CAPTURE)

    async def who_waits(self) -> tuple[tuple[int, Person], ...]:
        """The place and the person of each capture that waits: of whoever asked first. What only
        cuts what is at hand takes nobody's time."""
        statement = select(_rows.place_id, _rows.person_id).where(_WAITS, _rows.is_ahead)
        return tuple((row.place_id, Person(row.person_id)) for row in await self._all(statement))

    async def recover(
        self, worker_id: str, now: datetime, *, by_term: bool = True
    ) -> tuple[ClipJob, ...]:
        """What others were recording that are gone is queued again, in its old place; gives those
        leaders. Nobody but the nodes of a cluster, whose term is not over, is there beside us; not
        `by_term`, all of them are there that have not left."""
        lost = await self._several(_is_lost(worker_id, by_term=by_term))
        return await self._queue_again(lost, now)

    async def give_back(
        self, worker_id: str, made: Collection[int], now: datetime
    ) -> tuple[ClipJob, ...]:
        """What it has claimed and does not know of is queued again, in its old place; gives those
        leaders. `made` are those that it does know of."""
        is_its_own = and_(_rows.state == JobState.RUNNING, _rows.worker_id == worker_id)
        unknown = await self._several(is_its_own, _rows.leader_id.is_(None), _rows.id.not_in(made))
        return await self._queue_again(unknown, now)

    async def has_lost(self, worker_id: str, *, by_term: bool = True) -> bool:
        """Whether there is something to recover."""
        return await self._count(_is_lost(worker_id, by_term=by_term)) > 0

    async def note_card(self, job_id: int, card_id: str | None, worker_id: str) -> None:
        """Which message shows how far it is, and that `worker_id` changes it; None: none does any
        more. Nothing where another has taken it over."""
        holder = _rows.card_worker_id
        ours = update(clip_jobs).where(
            _rows.id == job_id, or_(holder.is_(None), holder == worker_id)
        )
        noted = {"card_id": card_id, "card_worker_id": worker_id if card_id is not None else None}
        await self._change(ours.values(noted))

    async def lost_cards(
        self, worker_id: str, doubted: Collection[int] = (), *, by_term: bool = True
    ) -> tuple[ClipJob, ...]:
        """Those of which a message shows how far they are, and nobody that is there changes it.
        `doubted` are jobs whose cards we may have taken over, and don't follow."""
        holder = _rows.card_worker_id
        is_lost = or_(
            holder.is_(None),
            _is_gone(holder, worker_id, by_term=by_term),
            and_(holder == worker_id, _rows.id.in_(doubted)),
        )
        return await self._several(_rows.card_id.is_not(None), is_lost)

    async def take_card(self, job_id: int, worker_id: str) -> None:
        """It changes that message from now on. Look for what is lost in the same transaction."""
        await self._write([job_id], card_worker_id=worker_id)

    async def last_asked(
        self, *, place_id: int | None = None, person_id: str | None = None
    ) -> datetime | None:
        """When that place, or that person, last asked for a clip, whatever became of it, unless
        that was a fault of ours: so that it can be asked for once more, some times in a row. The
        first few times that one is cut anew are part of asking for it."""
        # The last by its id: by its time, one of a clock that was ahead would be the last for long.
        statement = (
            select(_rows.asked_at, _FAILED_BY_US.label("is_free"))
            .where(_COUNTS)
            .order_by(_rows.id.desc())
            .limit(FREE_RETRIES + 1)
        )
        if place_id is not None:
            statement = statement.where(_rows.place_id == place_id)
        if person_id is not None:
            statement = statement.where(_rows.person_id == person_id)
        newest = await self._all(statement)
        counting = [row.asked_at for row in newest if not row.is_free]
        if not counting and len(newest) > FREE_RETRIES:
            counting = [newest[0].asked_at]
        return counting[0] if counting else None

    async def _waiting(
        self, worker_id: str | None = None, *, by_term: bool = True
    ) -> list[Waiting]:
        """The leaders that nobody has claimed, each with all who still want it. Those that
        `worker_id` may claim: not those whose ring another node has."""
        columns = (_rows.id, _rows.leader_id, _rows.place_id, _rows.person_id, _rows.epoch)
        statement = select(*columns, _rows.cancel_requested, _rows.is_ahead).where(
            _rows.state == JobState.QUEUED, _rows.parent_id.is_(None)
        )
        statement = statement.where(_is_for(worker_id, by_term=by_term))
        claimants: dict[int, list[Claimant]] = defaultdict(list)
        leaders: dict[int, tuple[bool, bool]] = {}
        for row in await self._all(statement.order_by(_rows.id)):
            if row.leader_id is None:
                leaders[row.id] = (row.epoch > 0, row.is_ahead)
            if not row.cancel_requested:
                claimant = Claimant.of(row.place_id, row.person_id)
                claimants[row.leader_id or row.id].append(claimant)
        return [Waiting(id_, tuple(claimants[id_]), *known) for id_, known in leaders.items()]

    async def _fair_queue(self) -> FairQueue:
        """The turns that were had of late; what waits again, after it broke off, has had none."""
        had = case((_rows.state == JobState.QUEUED, 0), else_=_rows.epoch)
        statement = (
            select(
                _rows.place_id,
                _rows.person_id,
                func.max(had).label("had"),
                func.max(_rows.epoch).label("last"),
            )
            .where(_RECENT)
            .group_by(_rows.place_id, _rows.person_id)
        )
        rows = await self._all(statement)
        numbered = [(Claimant.of(row.place_id, row.person_id), row.had) for row in rows]
        return FairQueue(numbered, max((row.last for row in rows), default=0))

    async def _recording_unnamed(self, worker_id: str) -> int:
        is_here = and_(_rows.state == JobState.RUNNING, _rows.worker_id == worker_id)
        return await self._count(is_here, _IS_CAPTURE, _UNNAMED, _rows.is_ahead)

    async def _leader_for(self, order: ClipOrder) -> ClipJob | None:
        """Who is to get the same window already."""
        found = await self._several(
            _OPEN,
            _rows.leader_id.is_(None),
            _rows.parent_id.is_(None) == (order.parent_id is None),
            _rows.cancel_requested.is_(False),
            _rows.mint == order.mint,
            _rows.max_bytes == order.max_bytes,
            _rows.highlight_id.is_not_distinct_from(order.highlight_id),
            is_same_window(order),
        )
        return found[0] if found else None

    async def _queue_again(self, leaders: Sequence[ClipJob], now: datetime) -> tuple[ClipJob, ...]:
        for leader in leaders:
            again = update(clip_jobs).where(group_of(leader.id), _OPEN)
            await self._change(again.values(**_AFRESH, changed_at=now))
        return await self._several(_rows.id.in_([leader.id for leader in leaders]))

    async def _holds(self, job: ClipJob) -> bool:
        """Whether the claim that gave `job` still holds."""
        mine = and_(_rows.id == job.id, _rows.worker_id == job.worker_id, _rows.epoch == job.epoch)
        return await self._count(mine, _OPEN) > 0

    async def _queue_anew(self, ids: Sequence[int], now: datetime) -> None:
        """The first of them leads the others."""
        for id_ in ids:
            leader_id = None if id_ == ids[0] else ids[0]
            await self._write([id_], **_AFRESH, leader_id=leader_id, changed_at=now)
