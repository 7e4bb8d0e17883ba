"""How what is owed is worked on: claimed, then marked with what became of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    Select,
    Update,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from bot.model import Delivery, DeliveryKind, DeliveryState, Priority
from bot.store.rows.base import Rows
from bot.store.rows.deliveries.queries import delivery_of
from bot.store.tables import deliveries, is_busy, is_open, targets

_rows = deliveries.c
_OF_SENDER = bindparam("of_sender", type_=_rows.sender.type)
_BY_NOW = bindparam("by_now", type_=_rows.due_at.type)
_LEAST = bindparam("least", type_=_rows.priority.type)
_LONGEST_NIGHT = timedelta(hours=25)
"""The day on which clocks are put back has so many."""

_AGAIN = case(
    (_rows.message_id.is_(None), literal(DeliveryState.DUE, _rows.state.type)),
    else_=literal(DeliveryState.SENT, _rows.state.type),
)
"""Where a claimed row goes back to: a send is due again, an edit has more wanted than shown."""


class Claims(Rows):
    """Claims, and the marks that whoever claimed sets.

    Every mark names the worker and the epoch of the claim, and is False when the row is no longer
    theirs: then nothing was changed, and nothing is to be done.
    """

    async def claim(
        self, sender: str, worker_id: str, limit: int, now: datetime, *, clips: bool = True
    ) -> tuple[Delivery, ...]:
        """Take at most `limit` rows that are due by now, the most urgent first, then the longest
        due. Of a target only one is claimed at a time; a disabled one has none claimed. `clips`:
        what has their priority, too.

        What has a `message_id` is an edit, else a first send.
        """
        values = {"of_sender": sender, "by_worker": worker_id, "most": limit, "by_now": now}
        values["least"] = Priority.CLIP if clips else Priority.CLIP + 1
        claimed = [delivery_of(row) for row in await self._all(_CLAIM, values)]
        return tuple(sorted(claimed, key=lambda d: (d.priority, d.due_at, d.id)))

    async def give_back(self, claimed: Collection[Delivery]) -> None:
        """Of what the same transaction has claimed: nothing is to be done with it yet."""
        if claimed:
            ids = [d.id for d in claimed]
            await self._mark(update(deliveries).where(_rows.id.in_(ids)), None, state=_AGAIN)

    async def mark_sending(self, d: Delivery, now: datetime, mention: str | None = None) -> bool:
        """Commit this before the first byte of a first send: what stands so after a crash is in
        doubt, and all else is not. `mention` is the role that the message mentions."""
        claimed = _mine(d).where(_rows.state == DeliveryState.CLAIMED)
        return await self._mark(
            claimed, now, state=DeliveryState.SENDING, worker_id=d.worker_id, mention=mention
        )

    async def mark_shown(self, d: Delivery, message_id: str, now: datetime) -> bool:
        """It was sent, or edited, as it was wanted when it was claimed. Where more is wanted since,
        it is due again at once, as the change that it now is."""
        rest = case((_rows.priority < int(Priority.END), int(Priority.END)), else_=_rows.priority)
        return await self._mark(
            _mine(d),
            now,
            state=DeliveryState.SENT,
            shown=d.wanted,
            message_id=message_id,
            sent_at=func.coalesce(_rows.sent_at, literal(now, _rows.sent_at.type)),
            shown_at=now,
            priority=rest,
            attempts=0,
            error=None,
        )

    async def put_off(
        self,
        d: Delivery,
        due_at: datetime,
        error: str | None,
        *,
        count: bool = True,
        body: str | None = None,
    ) -> bool:
        """It surely did not arrive: again at `due_at`. Each one counts as an attempt, unless the
        wait says nothing against the message (`count=False`). `body` is kept with it, if any."""
        attempts = _rows.attempts + int(count)
        values = {"state": _AGAIN, "due_at": due_at, "attempts": attempts, "error": error}
        return await self._mark(_mine(d), None, **values, **({"body": body} if body else {}))

    async def bring_forward(self, d: Delivery, now: datetime, body: str) -> bool:
        """What was put off need not wait any more. False: somebody is at it."""
        statement = update(deliveries).where(_rows.id == d.id, is_open(deliveries))
        return await self._change(statement.values(due_at=now, body=body)) > 0

    async def mark_uncertain(self, d: Delivery, error: str, now: datetime) -> bool:
        """It may have arrived, and nobody can tell: it is never repeated."""
        return await self._mark(_mine(d), now, state=DeliveryState.UNCERTAIN, error=error)

    async def mark_dead(self, d: Delivery, error: str, now: datetime) -> bool:
        """It will not be shown; `error` says why."""
        return await self._mark(_mine(d), now, state=DeliveryState.DEAD, error=error)

    async def leave_to(self, digest_key: str, d: Delivery, error: str, now: datetime) -> bool:
        """The same for an alert that a digest will tell of."""
        dead = {"state": DeliveryState.DEAD, "error": error, "body": digest_key}
        return await self._mark(_mine(d), now, **dead)

    async def forget_message(self, d: Delivery, error: str | None, now: datetime) -> bool:
        """Its message is no more: we have deleted it, or a moderator has, which is an `error`. It
        was sent, and is not changed again."""
        return await self._mark(
            _mine(d),
            now,
            state=DeliveryState.SENT,
            shown=_rows.wanted,
            message_id=None,
            error=error,
        )

    async def recover(self, sender: str, worker_id: str, now: datetime) -> tuple[Delivery, ...]:
        """At start, of the sender that is here: what others (gone, since the database is ours) had
        claimed is open again, and so are their edits, which may be repeated. Their first sends
        under way are now `worker_id`'s, still `sending`: settle each, then mark it."""
        theirs = and_(is_busy(deliveries), _rows.worker_id != worker_id, _rows.sender == sender)
        sure = or_(_rows.state == DeliveryState.CLAIMED, _rows.message_id.is_not(None))
        await self._mark(update(deliveries).where(theirs, sure), now, state=_AGAIN)
        statement = (
            update(deliveries)
            .where(theirs)
            .values(worker_id=worker_id, epoch=_rows.epoch + 1)
            .returning(deliveries)
        )
        doubtful = [delivery_of(row) for row in await self._all(statement)]
        return tuple(sorted(doubtful, key=lambda d: d.id))

    async def next_due(self, sender: str, now: datetime) -> datetime | None:
        """The first instant after `now` at which one more falls due; None: nothing waits for its
        time. What is due by now is `claim`'s."""
        values = {"of_sender": sender, "by_now": now}
        due: datetime | None = await self._value(_NEXT_DUE, values)
        return due

    async def release(self, sender: str, now: datetime, longest: timedelta) -> int:
        """What waits for longer than anything is meant to was put off by a clock that was ahead:
        it is due. A digest waits for its morning, which is a day ahead at most. What is owed since
        a time to come is owed since now."""
        is_digest = _rows.kind == DeliveryKind.DIGEST
        too_long = case((is_digest, _bound(now + _LONGEST_NIGHT)), else_=_bound(now + longest))
        waiting = update(deliveries).where(_rows.sender == sender, is_open(deliveries))
        await self._change(waiting.where(_rows.created_at > now).values(created_at=now))
        return await self._change(waiting.where(_rows.due_at > too_long).values(due_at=now))

    async def hurry(self, sender: str, errors: Collection[str], now: datetime) -> int:
        """What was put off for one of these is due: that another node could not reach the platform
        says nothing of this one. How many."""
        waiting = update(deliveries).where(
            _rows.sender == sender,
            is_open(deliveries),
            _rows.error.in_(errors),
            _rows.due_at > now,
        )
        return await self._change(waiting.values(due_at=now))

    async def hold_target(self, target_id: int, until: datetime) -> None:
        """The platform wants that target left alone: all that is open for it waits so long."""
        await self._change(
            update(deliveries)
            .where(_rows.target_id == target_id, is_open(deliveries), _rows.due_at < until)
            .values(due_at=until)
        )

    async def _mark(self, which: Update, now: datetime | None, **values: Any) -> bool:
        """Nobody holds it any more, unless `values` say so."""
        if now is not None:
            values["changed_at"] = now
        return await self._change(which.values(**{"worker_id": None, **values})) > 0


def _bound(instant: datetime) -> BindParameter[datetime]:
    return literal(instant, _rows.due_at.type)


def _mine(d: Delivery) -> Update:
    """The row, as long as the claim that gave `d` holds."""
    return update(deliveries).where(
        _rows.id == d.id,
        _rows.worker_id == d.worker_id,
        _rows.epoch == d.epoch,
        is_busy(deliveries),
    )


def _claimable() -> Select[int]:
    """The ids of what can be claimed, in order: of each target its first, and none of a target
    that somebody is at.

    Each part has an index of its own that holds open (or busy) rows only, so that neither a long
    history nor ten thousand rows of a go-live make a claim slow.
    """
    row, first, busy = deliveries.alias(), deliveries.alias(), deliveries.alias()
    first_of_target = (
        select(first.c.id)
        .where(
            first.c.target_id == row.c.target_id,
            is_open(first),
            first.c.priority >= _LEAST,
            first.c.due_at <= _BY_NOW,
        )
        .order_by(first.c.priority, first.c.due_at, first.c.id)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(row.c.id)
        .join(targets, targets.c.id == row.c.target_id)
        .where(
            row.c.sender == _OF_SENDER,
            is_open(row),
            row.c.priority >= _LEAST,
            row.c.due_at <= _BY_NOW,
            targets.c.disabled.is_(None),
            ~exists().where(busy.c.target_id == row.c.target_id, is_busy(busy)),
            row.c.id == first_of_target,
        )
        .order_by(row.c.priority, row.c.due_at, row.c.id)
        .limit(bindparam("most"))
    )


_STILL_OPEN = case((is_open(deliveries), 1), else_=0) == 1
"""Whoever waited for a row looks again. Told so, it leads to no index: a planner would take the one
of states, and read all that was ever sent."""

_CLAIM = (
    update(deliveries)
    .where(_rows.id.in_(_claimable()), _STILL_OPEN)
    .values(
        state=DeliveryState.CLAIMED,
        worker_id=bindparam("by_worker"),
        epoch=_rows.epoch + 1,
        changed_at=_BY_NOW,
    )
    .returning(deliveries)
)
_NEXT_DUE = (
    select(_rows.due_at)
    .join(targets)
    .where(
        _rows.sender == _OF_SENDER,
        is_open(deliveries),
        _rows.due_at > _BY_NOW,
        targets.c.disabled.is_(None),
    )
    .order_by(_rows.due_at)
    .limit(1)
)
"""Both are made once: to put one together takes SQLAlchemy longer than the database to run it."""
