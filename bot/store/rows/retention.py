"""What is old and needed by nobody: found by a read, removed by its key.

A table is looked through in pages, in the order of its key. Finding costs no writer anything;
removing asks the same conditions once more, since what was found may be needed by then.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Delete,
    Select,
    String,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    not_,
    null,
    or_,
    select,
    tuple_,
)

from bot.model import (
    NO_COIN,
    DeliveryState,
    JobState,
    Preference,
    Scope,
    StreamState,
    SubjectKind,
)
from bot.store.columns import Instant
from bot.store.rows.base import Rows
from bot.store.rows.page_messages import PageRows
from bot.store.tables import (
    clip_jobs,
    coins,
    deliveries,
    is_busy,
    is_open,
    is_open_stream,
    lease_history,
    metadata,
    page_events,
    page_messages,
    places,
    preferences,
    recordings,
    site_ids,
    streams,
    subscriptions,
    targets,
    undos,
    uploads,
)

Key = tuple[Any, ...]

_BEFORE = bindparam("before", type_=Instant())


@dataclass(frozen=True, slots=True)
class Page:
    """`keys` may go; the next page is `after` that key. None: the rest of the table is younger."""

    keys: tuple[Key, ...]
    after: Key | None


@dataclass(frozen=True, slots=True)
class _Rule:
    """Which rows go. `made` is when a row was, where keys are in the order of that. `parts` refer
    to one of these rows from another table, and go with it."""

    goes: ColumnElement[bool]
    made: ColumnElement[Any] | None = None
    parts: tuple[Column[Any], ...] = ()


def _old(*instants: ColumnElement[Any]) -> ColumnElement[bool]:
    """All of these are before the instant that the statement is told; what never was is, too."""
    return and_(*(or_(at.is_(None), at < _BEFORE) for at in instants))


def _deliveries() -> _Rule:
    """Neither owed nor in doubt, and its message is changed no more: the stream is over, the clip
    cannot be deleted. What is owed to a disabled target, or by a platform without a token, waits
    for it."""
    row = deliveries.c
    is_over = row.state.in_((DeliveryState.SENT, DeliveryState.UNCERTAIN, DeliveryState.DEAD))
    goes_on = exists().where(streams.c.id == row.stream_id, is_open_stream)
    is_there = exists().where(clip_jobs.c.id == row.job_id, clip_jobs.c.file_key.is_not(None))
    needed = or_(is_open(deliveries), goes_on, is_there, _is_left_to_a_digest(), _is_told_once())
    unneeded = and_(is_over, ~needed)
    return _Rule(and_(_old(row.created_at, row.changed_at), unneeded), row.created_at)


def _is_left_to_a_digest() -> ColumnElement[bool]:
    """That is still owed, and tells of it."""
    row, digest = deliveries.c, deliveries.alias()
    return exists().where(
        digest.c.target_id == row.target_id,
        digest.c.key == row.body,
        or_(is_open(digest), is_busy(digest)),
    )


def _is_told_once() -> ColumnElement[bool]:
    """That a mint names no coin, for as long as it is followed there."""
    row, follows = deliveries.c, subscriptions.c
    is_followed = exists().where(
        follows.target_id == row.target_id,
        follows.subject_kind == SubjectKind.MINT,
        follows.subject == func.substr(row.key, len(NO_COIN) + 1),
    )
    return and_(row.key.startswith(NO_COIN), or_(is_followed, _may_return()))


def _may_return() -> ColumnElement[bool]:
    """Something was removed a moment ago: until that is over, it counts as if all were there."""
    return exists().where(undos.c.undone_at.is_(None))


def _clip_jobs() -> _Rule:
    """Finished, without a file, and told to whoever asked."""
    row, follower, child = clip_jobs.c, clip_jobs.alias().c, clip_jobs.alias().c
    is_over = row.state.not_in((JobState.QUEUED, JobState.RUNNING))
    needed = or_(
        exists().where(deliveries.c.job_id == row.id),
        exists().where(follower.leader_id == row.id),
        exists().where(child.parent_id == row.id),
        exists().where(undos.c.job_id == row.id),
    )
    has_no_file = and_(row.file_key.is_(None), row.padded_clip_key.is_(None))
    unneeded = and_(is_over, has_no_file, ~needed)
    return _Rule(and_(_old(row.asked_at, row.changed_at), unneeded), row.asked_at)


def _streams() -> _Rule:
    """Over, told of by no delivery, and in no clip. An earlier one that had the same id of the site
    is counted in the nonces of a later one (`Streams.origins`), and stays as long."""
    row, own = streams.c, site_ids.alias().c
    later, theirs = streams.alias().c, site_ids.alias().c
    is_counted = exists().where(
        own.stream_id == row.id,
        later.mint == row.mint,
        later.id > row.id,
        theirs.stream_id == later.id,
        theirs.site_id == own.site_id,
    )
    needed = or_(
        exists().where(deliveries.c.stream_id == row.id),
        exists().where(clip_jobs.c.stream_id == row.id),
        is_counted,
    )
    is_old = _old(row.first_seen_at, row.last_seen_at, row.ended_at)
    is_over = row.state == StreamState.ENDED
    parts = (site_ids.c.stream_id, recordings.c.stream_id)
    return _Rule(and_(is_old, is_over, ~needed), row.first_seen_at, parts)


def _coins() -> _Rule:
    """Nobody follows it, and nothing that is kept is about it. It has no age: it is heard again."""
    mint = coins.c.mint
    follows = and_(
        subscriptions.c.subject_kind == SubjectKind.MINT, subscriptions.c.subject == mint
    )
    needed = or_(
        exists().where(follows),
        exists().where(streams.c.mint == mint),
        exists().where(clip_jobs.c.mint == mint),
        _may_return(),
    )
    return _Rule(~needed)


def _targets() -> _Rule:
    """Nothing is stored about it, and it may be posted to: why one may not is worth knowing."""
    row, chosen = targets.c, preferences.c
    for_notices = and_(
        chosen.scope == Scope.PLACE,
        chosen.owner_id == row.place_id,
        chosen.name == Preference.NOTICES,
        chosen.value == cast(row.id, String),
    )
    needed = or_(
        exists().where(subscriptions.c.target_id == row.id),
        exists().where(deliveries.c.target_id == row.id),
        exists().where(clip_jobs.c.target_id == row.id),
        exists().where(chosen.scope == Scope.TARGET, chosen.owner_id == row.id),
        exists().where(for_notices),
        exists().where(undos.c.target_id == row.id),
        _may_return(),
    )
    return _Rule(and_(_old(row.switched_at), row.disabled.is_(None), ~needed))


def _places() -> _Rule:
    """Without a target it has no age; what was chosen for it is kept, and so is it."""
    row, chosen = places.c, preferences.c
    needed = or_(
        exists().where(targets.c.place_id == row.id),
        exists().where(clip_jobs.c.place_id == row.id),
        exists().where(chosen.scope == Scope.PLACE, chosen.owner_id == row.id),
    )
    return _Rule(~needed)


def _preferences() -> _Rule:
    """Its owner is gone."""
    row = preferences.c
    owners = ((Scope.PLACE, places), (Scope.TARGET, targets), (Scope.SUBSCRIPTION, subscriptions))
    needed = (
        and_(row.scope == scope, exists().where(owner.c.id == row.owner_id))
        for scope, owner in owners
    )
    return _Rule(not_(or_(*needed)))


def _page_messages() -> _Rule:
    """No delivery may want to change it any more."""
    named = (
        select(deliveries.c.message_id)
        .join_from(deliveries, targets)
        .join(places)
        .where(places.c.platform == "local", deliveries.c.message_id.is_not(None))
    )
    row = page_messages.c
    return _Rule(and_(_old(row.at), cast(row.id, String).not_in(named)), row.at)


def _page_events() -> _Rule:
    """From the first on, so that what is left has no gap: clocks go back, too."""
    row, young = page_events.c, page_events.alias().c
    first = select(func.min(young.id)).where(young.at >= _BEFORE).scalar_subquery()
    return _Rule(row.id < func.coalesce(first, row.id + 1), row.at)


_RULES: Mapping[str, _Rule] = {
    deliveries.name: _deliveries(),
    clip_jobs.name: _clip_jobs(),
    streams.name: _streams(),
    coins.name: _coins(),
    lease_history.name: _Rule(_old(lease_history.c.won_at), lease_history.c.won_at),
    uploads.name: _Rule(_old(uploads.c.uploaded_at)),
    page_messages.name: _page_messages(),
    page_events.name: _page_events(),
    targets.name: _targets(),
    places.name: _places(),
    preferences.name: _preferences(),
}
RETAINED = tuple(_RULES)
"""In this order: what refers to others goes before them."""


class Retention(Rows):
    """Looks for rows that nobody needs, and removes them."""

    async def look(
        self, table: str, after: Key | None, before: datetime, now: datetime, most: int = 200
    ) -> Page:
        """What may go of the `most` rows behind `after`; from the first on where that is None."""
        made = _made(table)
        behind = {} if after is None else dict(zip(made.names, after, strict=True))
        statement = made.first if after is None else made.behind
        rows = await self._all(statement, {"before": before, "most": most, **behind})
        keys = tuple(tuple(row[: len(made.names)]) for row in rows if row.goes)
        if len(rows) < most or _are_young([row.made for row in rows], before, now):
            return Page(keys, None)
        return Page(keys, tuple(rows[-1][: len(made.names)]))

    async def remove(self, table: str, keys: Sequence[Key], before: datetime) -> int:
        """Remove those of `keys` that may still go, with their parts; how many."""
        made = _made(table)
        values: list[Any] = [key if len(key) > 1 else key[0] for key in keys]
        for part in made.parts:
            found = await self._all(made.sure, {"keys": values, "before": before})
            values = [row[0] for row in found]
            await self._change(part, {"keys": values})
        removed = await self._change(made.remove, {"keys": values, "before": before})
        if removed and table == page_events.name:
            await PageRows(self._connection).note_trimmed(max(values))
        return removed


@dataclass(frozen=True, slots=True)
class _Statements:
    """Of one table. `names` are those of the parameters for the key that a page is behind."""

    names: tuple[str, ...]
    first: Select[Any]
    behind: Select[Any]
    sure: Select[Any]
    parts: tuple[Delete, ...]
    remove: Delete


@functools.cache
def _made(table: str) -> _Statements:
    """Put together once: while the writer is held there is no time for it."""
    rows, rule = metadata.tables[table], _RULES[table]
    key = tuple(rows.primary_key.columns)
    names = tuple(f"after_{column.name}" for column in key)
    made = null() if rule.made is None else rule.made
    first = select(*key, made.label("made"), rule.goes.label("goes")).order_by(*key)
    first = first.limit(bindparam("most"))
    after = (bindparam(name, type_=column.type) for name, column in zip(names, key, strict=True))
    chosen = tuple_(*key) if len(key) > 1 else key[0]
    sure = and_(chosen.in_(bindparam("keys", expanding=True)), rule.goes)
    parts = (
        delete(one.table).where(one.in_(bindparam("keys", expanding=True))) for one in rule.parts
    )
    return _Statements(
        names=names,
        first=first,
        behind=first.where(tuple_(*key) > tuple_(*after)),
        sure=select(*key).where(sure),
        parts=tuple(parts),
        remove=delete(rows).where(sure),
    )


def _are_young(made: Sequence[datetime | None], before: datetime, now: datetime) -> bool:
    """None is old, and what comes after them is younger still. An instant that lies in the future
    tells nothing: the clock was wrong."""
    known = [at for at in made if at is not None and at <= now]
    return bool(known) and min(known) >= before
