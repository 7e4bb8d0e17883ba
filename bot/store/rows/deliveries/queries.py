"""What is asked of deliveries: their rows, a coin's history, what should be brought up to date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    func,
    or_,
    select,
)

from bot.model import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    HistoryRow,
    Preference,
    ShownAlert,
    StreamState,
    SubjectKind,
)
from bot.store.rows.base import Rows
from bot.store.rows.places import select_targets, target_of
from bot.store.rows.preferences import nearest
from bot.store.tables import (
    clip_jobs,
    deliveries,
    is_open_stream,
    streams,
    subscriptions,
    targets,
)

_rows = deliveries.c
_FIELDS = tuple(field.name for field in fields(Delivery))
_OWED = (DeliveryState.DUE, DeliveryState.CLAIMED, DeliveryState.SENDING)

_LIVE = select(streams.c.id).where(is_open_stream, streams.c.state == StreamState.LIVE)
_WITHOUT_MOVING = select(streams.c.id).where(is_open_stream, streams.c.moving_key.is_(None))

# By what it is not: the index of states would lead to all that was ever sent, and the few streams
# that are live lead to fewer.
_is_sent = _rows.state.not_in([state for state in DeliveryState if state is not DeliveryState.SENT])


_subscribed = and_(
    subscriptions.c.target_id == _rows.target_id,
    subscriptions.c.subject_kind == SubjectKind.MINT,
    subscriptions.c.subject == streams.c.mint,
)


class DeliveryQueries(Rows):
    """Reads deliveries, changes none."""

    async def get(self, delivery_id: int) -> Delivery | None:
        """As it is now."""
        found = await self._several(_rows.id == delivery_id)
        return found[0] if found else None

    async def find(self, target_id: int, key: str) -> Delivery | None:
        """The one of that key, such as `clip:<job>`."""
        found = await self._several(_rows.target_id == target_id, _rows.key == key)
        return found[0] if found else None

    async def alert_of(self, target_id: int, stream_id: int) -> Delivery | None:
        """That target's alert of the stream."""
        found = await self._several(
            _rows.target_id == target_id,
            _rows.stream_id == stream_id,
            _rows.kind == DeliveryKind.ALERT,
        )
        return found[0] if found else None

    async def is_shown(self, stream_id: int) -> bool:
        """Whether an alert of that stream stands somewhere."""
        statement = (
            select(_rows.id)
            .where(
                _rows.stream_id == stream_id,
                _rows.kind == DeliveryKind.ALERT,
                _rows.message_id.is_not(None),
                _rows.state.not_in((DeliveryState.DEAD, DeliveryState.UNCERTAIN)),
            )
            .limit(1)
        )
        return await self._first(statement) is not None

    async def unshown_clips(self) -> frozenset[int]:
        """The clip jobs whose clip some target has yet to be shown; one that is disabled does not
        count, since nobody knows whether it ever can be."""
        statement = (
            select(_rows.job_id)
            .join(targets)
            .where(_rows.state.in_(_OWED), _rows.job_id.is_not(None), targets.c.disabled.is_(None))
        )
        return frozenset(await self._values(statement))

    async def history(
        self, place_id: int, mint: str | None, limit: int = 20, hidden: Collection[int] = ()
    ) -> tuple[HistoryRow, ...]:
        """The newest deliveries to those targets of the place that are not `hidden`, of one coin or
        of all; the newest first."""
        of_mint = or_(streams.c.mint == mint, clip_jobs.c.mint == mint)
        statement = (
            _select_history()
            .where(targets.c.place_id == place_id, targets.c.id.not_in(hidden))
            .where(*(() if mint is None else (of_mint,)))
            .order_by(_rows.id.desc())
            .limit(limit)
        )
        return tuple(_history_row(row) for row in await self._all(statement))

    async def latest(self, limit: int = 20) -> tuple[HistoryRow, ...]:
        """The newest deliveries of all places, for the operator's page; the newest first."""
        newest = select(_rows.id).order_by(_rows.id.desc()).limit(limit)
        statement = _select_history().where(_rows.id.in_(newest)).order_by(_rows.id.desc())
        return tuple(_history_row(row) for row in await self._all(statement))

    async def for_updates(
        self,
        senders: Collection[str],
        now: datetime,
        older_than: timedelta,
        *,
        after: int = 0,
        most: int = 500,
    ) -> tuple[ShownAlert, ...]:
        """Alerts whose title or viewers are no longer what was shown, where the `updates` of the
        nearest scope says yes: of streams that are live, shown longer ago than `older_than`, or by
        a clock that was ahead. So many of these senders', from behind that id on."""
        is_old = and_(streams.c.changed_at > _rows.shown_at, _rows.shown_at <= now - older_than)
        by_id = _rows.id + 0  # or the index of ids would lead through all that was ever sent
        statement = (
            select(_rows.id, _rows.stream_id, _rows.sender, _rows.sent_at, _rows.shown_at)
            .join(streams)
            .join(targets)
            .join(subscriptions, _subscribed, isouter=True)
            .where(
                by_id > after,
                _rows.sender.in_(senders),
                _rows.stream_id.in_(_LIVE),
                or_(is_old, _rows.shown_at > now),
                _rows.kind == DeliveryKind.ALERT,
                _is_sent,
                _rows.wanted == _rows.shown,
                _rows.message_id.is_not(None),
                targets.c.disabled.is_(None),
                nearest(Preference.UPDATES) == "yes",
            )
            .order_by(by_id)
            .limit(most)
        )
        return tuple(ShownAlert(**row._asdict()) for row in await self._all(statement))

    async def without_moving(self, sender: str) -> dict[int, frozenset[int]]:
        """By open stream without a moving picture, the alerts of that sender's that are shown, or
        in doubt, where the nearest scope chose one."""
        statement = (
            select(_rows.stream_id, _rows.id)
            .join(streams)
            .join(targets)
            .join(subscriptions, _subscribed, isouter=True)
            .where(
                _rows.stream_id.in_(_WITHOUT_MOVING),
                _rows.sender == sender,
                _rows.kind == DeliveryKind.ALERT,
                or_(_rows.message_id.is_not(None), _rows.state == DeliveryState.SENDING),
                targets.c.disabled.is_(None),
                nearest(Preference.PICTURE) == "moving",
            )
        )
        found: dict[int, set[int]] = defaultdict(set)
        for row in await self._all(statement):
            found[row.stream_id].add(row.id)
        return {stream_id: frozenset(ids) for stream_id, ids in found.items()}

    async def held_back(self, digest: Delivery, why: str) -> tuple[int, ...]:
        """The streams whose alerts have died for that reason, and are left to that digest."""
        # Written before the digest was named, it may be one of an earlier night by its age alone.
        unnamed = and_(_rows.body.is_(None), _rows.changed_at >= digest.created_at)
        statement = (
            select(_rows.stream_id)
            .where(
                _rows.target_id == digest.target_id,
                _rows.kind == DeliveryKind.ALERT,
                _rows.state == DeliveryState.DEAD,
                _rows.error == why,
                or_(_rows.body == digest.key, unnamed),
            )
            .order_by(_rows.id)
        )
        return tuple(await self._values(statement))

    async def counts(self) -> dict[str, int]:
        """How many there are in each state; a state without any is there with 0."""
        statement = select(_rows.state, func.count().label("many")).group_by(_rows.state)
        found = {state.value: 0 for state in DeliveryState}
        return found | {row.state.value: row.many for row in await self._all(statement)}

    async def last_mention(self, target_id: int, mint: str, since: datetime) -> datetime | None:
        """When the target was last shown, after `since`, an alert of that mint that mentioned a
        role. Whether an uncertain one did, nobody knows: it does not count."""
        found = await self._all(_mentions(target_id, mint, since))
        return max(found, key=lambda row: row.id).sent_at if found else None

    async def _several(self, *which: ColumnElement[bool]) -> tuple[Delivery, ...]:
        statement = select(deliveries).where(*which).order_by(_rows.id)
        return tuple(delivery_of(row) for row in await self._all(statement))


def delivery_of(row: Row[Any]) -> Delivery:
    """A row of `deliveries`."""
    return Delivery(**{name: row._mapping[_rows[name]] for name in _FIELDS})


def _select_history() -> Select[Any]:
    return (
        select_targets()
        .add_columns(
            _rows.kind,
            _rows.state,
            _rows.created_at,
            _rows.sent_at,
            _rows.error,
            func.coalesce(streams.c.mint, clip_jobs.c.mint).label("mint"),
            func.coalesce(streams.c.started_at, streams.c.first_seen_at).label("began_at"),
        )
        .join(deliveries, _rows.target_id == targets.c.id)
        .join(streams, streams.c.id == _rows.stream_id, isouter=True)
        .join(clip_jobs, clip_jobs.c.id == _rows.job_id, isouter=True)
    )


def _history_row(row: Row[Any]) -> HistoryRow:
    return HistoryRow(
        target=target_of(row),
        kind=row.kind,
        state=row.state,
        mint=row.mint,
        created_at=row.created_at,
        sent_at=row.sent_at,
        error=row.error,
        began_at=row.began_at,
    )


def _mentions(target_id: int, mint: str, since: datetime) -> Select[Any]:
    """Its index holds mentions only, so that neither a long history nor ten thousand targets make
    it slow."""
    return (
        select(_rows.id, _rows.sent_at)
        .join_from(deliveries, streams)
        .where(
            _rows.target_id == target_id,
            _rows.mention.is_not(None),
            _rows.sent_at > since,
            streams.c.mint == mint,
        )
    )
