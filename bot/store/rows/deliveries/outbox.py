"""How a delivery comes to be owed. All of it belongs into the transaction that is its reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, literal, or_, select, update

from bot.model import (
    UNFOLLOWED,
    ClipJob,
    DeliveryKind,
    DeliveryState,
    Priority,
    SubjectKind,
    Subscription,
)
from bot.store.backends import insert
from bot.store.rows.base import Rows, in_parts
from bot.store.tables import deliveries, is_open_stream, streams, subscriptions, targets

_rows = deliveries.c
_ENABLED = targets.c.disabled.is_(None)
_SUBSCRIBED = (
    select(targets.c.id)
    .join_from(targets, subscriptions)
    .where(subscriptions.c.subject_kind == SubjectKind.MINT, _ENABLED)
)

# Shown or on its way, with a message that can still be changed.
_CHANGEABLE = or_(
    _rows.state.in_((DeliveryState.DUE, DeliveryState.CLAIMED, DeliveryState.SENDING)),
    and_(_rows.state == DeliveryState.SENT, _rows.message_id.is_not(None)),
)
_DONE = and_(_rows.state == DeliveryState.SENT, _rows.wanted == _rows.shown)


class Outbox(Rows):
    """What makes deliveries, and raises what is wanted of them."""

    async def owe_alerts(self, stream_id: int, now: datetime, *, silent: bool) -> int:
        """Every enabled target that is subscribed to the stream's mint is owed its alert; who is
        already, is not twice. One statement, however many; says for how many it is news."""
        subscribed = _SUBSCRIBED.join(streams, streams.c.mint == subscriptions.c.subject)
        of_it = subscribed.where(streams.c.id == stream_id)
        return await self._owe(of_it, **_alert(stream_id, now, silent))

    async def owe_alert(
        self,
        target_id: int,
        stream_id: int,
        now: datetime,
        *,
        silent: bool,
        was_disabled: bool = False,
    ) -> bool:
        """The same for one target, which is enabled. False: it was owed the alert already. One
        that was withdrawn is owed anew; so is one that was due, where the target `was_disabled`
        until now: it has waited for that, and not too long for anything else."""
        one = select(targets.c.id).where(targets.c.id == target_id, _ENABLED)
        if await self._owe(one, **_alert(stream_id, now, silent)):
            return True
        again = and_(_rows.state == DeliveryState.DEAD, _rows.error == UNFOLLOWED)
        if was_disabled:
            again = or_(again, and_(_rows.state == DeliveryState.DUE, _rows.shown == 0))
        alert = and_(_rows.target_id == target_id, _rows.stream_id == stream_id)
        return await self._owe_again(and_(alert, again), now, silent=silent)

    async def owe_clip(
        self, job_id: int, target_id: int, now: datetime, *, reply_to: str | None
    ) -> bool:
        """The clip of that job, as an answer to `reply_to`. A disabled target has to wait for it.
        False: it was owed already."""
        clip = _new(f"clip:{job_id}", DeliveryKind.CLIP, Priority.CLIP, now)
        one = select(targets.c.id).where(targets.c.id == target_id)
        return await self._owe(one, **clip, job_id=job_id, reply_to=reply_to) > 0

    async def owe_body(
        self,
        target_id: int,
        key: str,
        kind: DeliveryKind,
        body: str,
        now: datetime,
        *,
        silent: bool = False,
        due_at: datetime | None = None,
    ) -> bool:
        """A notice or a digest, at once or from `due_at` on; `body` is JSON for whoever composes
        it. A disabled target has to wait for it. False: one of that key was owed already."""
        new = _new(key, kind, Priority.CHANGE, now)
        new |= {"silent": silent, "body": body, "due_at": due_at or now}
        one = select(targets.c.id).where(targets.c.id == target_id)
        return await self._owe(one, **new) > 0

    async def owe_notices(self, mint: str, key: str, body: str, now: datetime) -> int:
        """Every enabled target that is subscribed to that mint is owed such a notice; who was once,
        is not again. One statement, however many; says for how many it is news."""
        notice = _new(key, DeliveryKind.NOTICE, Priority.CHANGE, now)
        of_it = _SUBSCRIBED.where(subscriptions.c.subject == mint)
        return await self._owe(of_it, **notice, silent=False, body=body)

    async def raise_wanted(self, stream_id: int, now: datetime, priority: Priority) -> int:
        """The stream's alerts are to be shown as they read now, those that are sent, on their way
        or still due; says how many. A dead, uncertain or deleted one stays as it is.

        What is under way keeps its more urgent priority, and its time where it was put off.
        """
        alert = and_(_rows.stream_id == stream_id, _rows.kind == DeliveryKind.ALERT)
        return await self._raise(alert, now, priority)

    async def raise_of_coin(self, mint: str, now: datetime, priority: Priority) -> int:
        """The same for the open stream of that coin, if there is one."""
        return await self._raise(_of_open(streams.c.mint == mint), now, priority)

    async def raise_in_place(self, place_id: int, now: datetime, priority: Priority) -> int:
        """The same for all open streams, in every channel of that place."""
        here = select(targets.c.id).where(targets.c.place_id == place_id)
        return await self._raise(and_(_of_open(), _rows.target_id.in_(here)), now, priority)

    async def raise_many(
        self, delivery_ids: Collection[int], now: datetime, priority: Priority
    ) -> int:
        """The same for these deliveries, whatever their kind."""
        parts = in_parts(delivery_ids)
        return sum([await self._raise(_rows.id.in_(part), now, priority) for part in parts])

    async def raise_clip(
        self, job: ClipJob, now: datetime, priority: Priority = Priority.CHANGE
    ) -> bool:
        """The message of that clip, or of the one that it was cut anew from, is to be shown as it
        reads now. False: there is none that can be changed."""
        first_id = job.order.parent_id or job.id
        return await self._raise(_rows.job_id == first_id, now, priority) > 0

    async def found_clip(self, job_id: int, message_id: str, now: datetime) -> None:
        """Somebody has pressed a button of that message, which has that clip: what nobody knew of
        its sending is known now. Nothing for a message that is known to be another's."""
        in_doubt = and_(_rows.state == DeliveryState.UNCERTAIN, _rows.message_id.is_(None))
        other = deliveries.alias()
        is_known = exists().where(
            other.c.target_id == _rows.target_id, other.c.message_id == message_id
        )
        shown = {"state": DeliveryState.SENT, "message_id": message_id, "shown": _rows.wanted}
        found = update(deliveries).where(_rows.job_id == job_id, in_doubt, ~is_known)
        await self._change(found.values(**shown, error=None, changed_at=now))

    async def drop_unsent(self, stream_id: int, reason: str, now: datetime) -> int:
        """It ended before its first alert: what nobody began to send is dead, for that `reason`.
        Whoever has claimed it finds so at `mark_sending`."""
        return await self._drop(_rows.stream_id == stream_id, reason, now)

    async def withdraw(self, unsubscribed: Sequence[Subscription], now: datetime) -> None:
        """The same where that is followed no longer. `owe_alert` can owe it anew."""
        mints: dict[int, list[str]] = defaultdict(list)
        for one in unsubscribed:
            mints[one.target_id].append(one.mint)
        for target_id, followed in mints.items():
            for part in in_parts(followed):
                of_mint = _rows.stream_id.in_(select(streams.c.id).where(streams.c.mint.in_(part)))
                await self._drop(and_(_rows.target_id == target_id, of_mint), UNFOLLOWED, now)

    async def _drop(self, which: ColumnElement[bool], reason: str, now: datetime) -> int:
        statement = update(deliveries).where(
            which,
            _rows.kind == DeliveryKind.ALERT,
            _rows.state.in_((DeliveryState.DUE, DeliveryState.CLAIMED)),
            _rows.shown == 0,
        )
        dead = {"state": DeliveryState.DEAD, "error": reason, "worker_id": None}
        return await self._change(statement.values(**dead, changed_at=now))

    async def _owe_again(self, which: ColumnElement[bool], now: datetime, *, silent: bool) -> bool:
        due = {"state": DeliveryState.DUE, "error": None, "silent": silent, "attempts": 0}
        since = {"due_at": now, "created_at": now, "changed_at": now}
        return await self._change(update(deliveries).where(which).values(**due, **since)) > 0

    async def _owe(self, whom: Select[Any], **values: object) -> int:
        """One delivery with those values for each target of `whom`, but none of a key it has."""
        constants = (literal(value, _rows[name].type) for name, value in values.items())
        chosen = whom.with_only_columns(targets.c.id, targets.c.sender, *constants)
        new = insert(deliveries).from_select(["target_id", "sender", *values], chosen)
        return await self._change(new.on_conflict_do_nothing())

    async def _raise(self, which: ColumnElement[bool], now: datetime, priority: Priority) -> int:
        more_urgent = and_(~_DONE, _rows.priority < int(priority))
        return await self._change(
            update(deliveries)
            .where(which, _CHANGEABLE)
            .values(
                wanted=_rows.wanted + 1,
                priority=case((more_urgent, _rows.priority), else_=int(priority)),
                due_at=case((_DONE, literal(now, _rows.due_at.type)), else_=_rows.due_at),
            )
        )


def _of_open(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    """The alerts of streams that are not over."""
    found = select(streams.c.id).where(is_open_stream, *which)
    return and_(_rows.stream_id.in_(found), _rows.kind == DeliveryKind.ALERT)


def _alert(stream_id: int, now: datetime, silent: bool) -> dict[str, Any]:
    new = _new(f"alert:{stream_id}", DeliveryKind.ALERT, Priority.ALERT, now)
    return new | {"stream_id": stream_id, "silent": silent}


def _new(key: str, kind: DeliveryKind, priority: Priority, now: datetime) -> dict[str, Any]:
    return {
        "key": key,
        "kind": kind,
        "state": DeliveryState.DUE,
        "priority": int(priority),
        "due_at": now,
        "created_at": now,
        "changed_at": now,
    }
