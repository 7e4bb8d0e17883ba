"""What an answer may be given to for a while only: Discord's `<id>/<token>` of an interaction.

Whoever has it can write in the bot's name for 15 minutes. After that it is of no use to anybody,
and leaves the rows; Telegram's and the page's numbers of messages stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, select, update

from bot.store.rows.base import Rows
from bot.store.tables import clip_jobs, deliveries

_MADE: dict[str, tuple[Table, ColumnElement[Any]]] = {
    clip_jobs.name: (clip_jobs, clip_jobs.c.asked_at),
    deliveries.name: (deliveries, deliveries.c.created_at),
}
ANSWERED = tuple(_MADE)
"""The tables that hold such names."""


@dataclass(frozen=True, slots=True)
class TokenPage:
    """`ids` are rows to forget the name in; all up to `after` were looked at. `is_done`: what comes
    behind that is younger, or nothing."""

    ids: tuple[int, ...]
    after: int
    is_done: bool


class ReplyTokens(Rows):
    """Looks, in the order in which rows were made, for names that are dead; and forgets them."""

    async def look(
        self, table: str, after: int, before: datetime, now: datetime, most: int
    ) -> TokenPage:
        """Of the rows behind `after`, those that are older than `before`. One that lies in the
        future was made by a clock that was wrong, and counts as old."""
        rows, made = _MADE[table]
        statement = select(rows.c.id, made.label("made"), _is_name(rows).label("is_name"))
        found = await self._all(statement.where(rows.c.id > after).order_by(rows.c.id).limit(most))
        old: list[Any] = []
        for row in found:
            if before <= row.made <= now:
                break
            old.append(row)
        ids = tuple(row.id for row in old if row.is_name)
        is_done = len(old) < len(found) or len(found) < most
        return TokenPage(ids, old[-1].id if old else after, is_done)

    async def forget(self, table: str, ids: Sequence[int]) -> int:
        """In how many rows."""
        rows, _ = _MADE[table]
        chosen = rows.c.id.in_(bindparam("ids", expanding=True))
        statement = update(rows).where(chosen, _is_name(rows)).values(reply_to=None)
        return await self._change(statement, {"ids": list(ids)})


def _is_name(rows: Table) -> ColumnElement[bool]:
    return rows.c.reply_to.contains("/")
