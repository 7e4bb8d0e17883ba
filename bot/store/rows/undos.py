"""What was removed a moment ago, with all that it takes to put it back."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, or_, select, update

from bot.model import (
    Preference,
    Removed,
    Scope,
    StoredChoice,
    Subscription,
    Undo,
    UndoKind,
)
from bot.store.rows.base import Rows
from bot.store.tables import targets, undos

_rows = undos.c
_NOTHING = Removed()

_MOST_CLOSED = 20
"""Of one target: whoever removes and undoes all day leaves no more for others to look through."""


class Undos(Rows):
    """Whoever removes something adds a row in the same transaction."""

    async def add(
        self,
        target_id: int,
        person_id: str,
        kind: UndoKind,
        now: datetime,
        *,
        removed: Removed = _NOTHING,
        job_id: int | None = None,
    ) -> int:
        """Its id. `target_id` is where it was done."""
        new = undos.insert().values(
            target_id=target_id,
            person_id=person_id,
            kind=kind,
            job_id=job_id,
            removed=_written(removed),
            made_at=now,
        )
        return int(await self._value(new.returning(_rows.id)))

    async def get(self, undo_id: int) -> Undo | None:
        """None: there never was one, or it is over for good."""
        found = await self._several(_rows.id == undo_id)
        return found[0] if found else None

    async def of_clip(self, job_id: int) -> Undo | None:
        """The one that would bring that clip back."""
        found = await self._several(_rows.job_id == job_id, _rows.undone_at.is_(None))
        return found[-1] if found else None

    async def all(self) -> tuple[Undo, ...]:
        """The oldest first."""
        return await self._several()

    async def may_be_over(self, now: datetime, said_for: timedelta) -> tuple[Undo, ...]:
        """Those that can be undone, and those that were, and have said so for that long; also what
        a clock has dated ahead."""
        is_old = or_(_rows.made_at <= now - said_for, _rows.made_at > now)
        return await self._several(or_(_rows.undone_at.is_(None), is_old))

    async def close(self, undo_id: int, now: datetime) -> None:
        """It was put back: the row only says so from now on, with a few more of its target."""
        done = {"removed": _written(_NOTHING), "undone_at": now}
        target_id = await self._value(
            update(undos).where(_rows.id == undo_id).values(**done).returning(_rows.target_id)
        )
        closed = select(_rows.id).where(_rows.target_id == target_id, _rows.undone_at.is_not(None))
        newest = closed.order_by(_rows.id.desc()).limit(_MOST_CLOSED)
        too_many = closed.where(_rows.id.not_in(newest))
        await self._change(delete(undos).where(_rows.id.in_(too_many)))

    async def keep(self, undo_id: int, rest: Removed) -> None:
        """Only that has still to be put back."""
        statement = update(undos).where(_rows.id == undo_id)
        await self._change(statement.values(removed=_written(rest)))

    async def remove(self, undo_ids: Collection[int]) -> None:
        """Their time is over."""
        await self._change(delete(undos).where(_rows.id.in_(undo_ids)))

    async def hand_over(self, scope: Scope, old: int, new: int) -> None:
        """A target, or a place, has become another: what was removed of the old one is the new
        one's."""
        for undo in await self.all():
            moved = _moved(undo.removed, scope, old, new)
            if moved != undo.removed:
                await self.keep(undo.id, moved)
        if scope is Scope.TARGET:
            await self._change(update(undos).where(_rows.target_id == old).values(target_id=new))

    async def _several(self, *which: ColumnElement[bool]) -> tuple[Undo, ...]:
        statement = select(undos, targets.c.place_id).join(targets).where(*which)
        return tuple(_undo(row) for row in await self._all(statement.order_by(_rows.id)))


def _undo(row: Row[Any]) -> Undo:
    return Undo(
        id=row.id,
        place_id=row.place_id,
        person_id=row.person_id,
        kind=row.kind,
        removed=_read(row.removed),
        made_at=row.made_at,
        job_id=row.job_id,
        undone_at=row.undone_at,
    )


def _written(removed: Removed) -> str:
    return json.dumps(asdict(removed), default=datetime.isoformat)


def _read(text: str) -> Removed:
    """What `_written` wrote."""
    kept = json.loads(text)
    return Removed(
        tuple(_subscription(one) for one in kept["subscriptions"]),
        tuple(_choice(one) for one in kept["choices"]),
    )


def _subscription(kept: dict[str, Any]) -> Subscription:
    checked_at = kept["checked_at"]
    instants = {
        "created_at": datetime.fromisoformat(kept["created_at"]),
        "checked_at": None if checked_at is None else datetime.fromisoformat(checked_at),
    }
    return Subscription(**(kept | instants))


def _choice(kept: dict[str, Any]) -> StoredChoice:
    scope, preference = Scope(kept["scope"]), Preference(kept["preference"])
    return StoredChoice(scope, kept["owner_id"], preference, kept["value"])


def _moved(removed: Removed, scope: Scope, old: int, new: int) -> Removed:
    """As `TargetMoves` moves what is still there."""
    return Removed(
        tuple(
            replace(one, target_id=new) if scope is Scope.TARGET and one.target_id == old else one
            for one in removed.subscriptions
        ),
        tuple(_moved_choice(one, scope, old, new) for one in removed.choices),
    )


def _moved_choice(choice: StoredChoice, scope: Scope, old: int, new: int) -> StoredChoice:
    if choice.scope is scope and choice.owner_id == old:
        choice = replace(choice, owner_id=new)
    is_notices = choice.preference is Preference.NOTICES and scope is Scope.TARGET
    return replace(choice, value=str(new)) if is_notices and choice.value == str(old) else choice
