"""Updates of Telegram that were taken and are not handled yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from bot.store.backends import insert
from bot.store.rows.base import Rows, in_parts
from bot.store.tables import taken_updates

_rows = taken_updates.c


@dataclass(frozen=True, slots=True)
class TakenUpdate:
    """One of them: `body` is its JSON. `tries`: so often it was begun again."""

    id: int
    body: str
    tries: int = 0


class TakenUpdates(Rows):
    """Of each bot, by its number."""

    async def put(self, bot_id: str, taken: Collection[TakenUpdate]) -> None:
        """Keep them; those that are kept already stay as they are."""
        for one in taken:
            new = insert(taken_updates).values(
                bot_id=bot_id, update_id=one.id, tries=one.tries, body=one.body
            )
            await self._change(
                new.on_conflict_do_nothing(index_elements=[_rows.bot_id, _rows.update_id])
            )

    async def remove(self, bot_id: str, ids: Collection[int]) -> None:
        """They are handled."""
        for part in in_parts(ids):
            await self._change(
                delete(taken_updates).where(_rows.bot_id == bot_id, _rows.update_id.in_(part))
            )

    async def try_again(self, bot_id: str, ids: Collection[int]) -> None:
        """They are begun once more."""
        for part in in_parts(ids):
            one_more = update(taken_updates).values(tries=_rows.tries + 1)
            await self._change(one_more.where(_rows.bot_id == bot_id, _rows.update_id.in_(part)))

    async def all(self, bot_id: str) -> tuple[TakenUpdate, ...]:
        """In the order in which they came."""
        statement = select(taken_updates).where(_rows.bot_id == bot_id).order_by(_rows.update_id)
        return tuple(
            TakenUpdate(row.update_id, row.body, row.tries) for row in await self._all(statement)
        )
