"""The local page: messages as they read now, and its events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, delete, func, select, update

from bot.model import PageEvent, PageMessage
from bot.store.backends import insert
from bot.store.rows.base import Rows
from bot.store.rows.key_values import KeyValues
from bot.store.tables import page_events, page_messages

_MOST_DIGITS = 18
"""More do not fit into a column of 64 bits."""
_TRIMMED = "page events trimmed"


class PageRows(Rows):
    """Messages and events. Each change of a message is an event in the same transaction, with an
    id that only grows, so that whoever listens can go on where it stopped."""

    async def add(
        self, kind: str, reply_to: str | None, body: str, now: datetime, nonce: str | None = None
    ) -> tuple[str, bool]:
        """A new message: its id, and whether it is new. The same `nonce` gives the same message,
        and changes nothing."""
        new = insert(page_messages).values(
            nonce=nonce, kind=kind, reply_to=reply_to, body=body, at=now
        )
        row = await self._first(new.on_conflict_do_nothing().returning(page_messages))
        if row is None:
            same = select(page_messages.c.id).where(page_messages.c.nonce == nonce)
            return str(await self._value(same)), False
        await self._tell(row, "new", body, now)
        return str(row.id), True

    async def edit(self, message_id: str, body: str, now: datetime) -> bool:
        """It reads so now; the same as before is no event. False: no such message."""
        row = await self._row(message_id)
        if row is None:
            return False
        if row.body != body:
            await self._change(
                update(page_messages).where(page_messages.c.id == row.id).values(body=body)
            )
            await self._tell(row, "edit", body, now)
        return True

    async def delete(self, message_id: str, now: datetime) -> bool:
        """It is gone. False: no such message."""
        row = await self._row(message_id)
        if row is None:
            return False
        await self._change(delete(page_messages).where(page_messages.c.id == row.id))
        await self._tell(row, "delete", "", now)
        return True

    async def history(self, limit: int) -> tuple[PageMessage, ...]:
        """The newest `limit`, the oldest of them first."""
        statement = select(page_messages).order_by(page_messages.c.id.desc()).limit(limit)
        return tuple(_message(row) for row in reversed(await self._all(statement)))

    async def get(self, message_id: str) -> PageMessage | None:
        """As it reads now."""
        row = await self._row(message_id)
        return None if row is None else _message(row)

    async def find(self, nonce: str) -> str | None:
        """The id of the message that was added with that nonce, if it is still there."""
        statement = select(page_messages.c.id).where(page_messages.c.nonce == nonce)
        found = await self._value(statement)
        return None if found is None else str(found)

    async def events_after(self, event_id: int, limit: int) -> tuple[PageEvent, ...]:
        """What happened after that event, in order, at most `limit`."""
        statement = (
            select(page_events)
            .where(page_events.c.id > event_id)
            .order_by(page_events.c.id)
            .limit(limit)
        )
        return tuple(_event(row) for row in await self._all(statement))

    async def last_event(self) -> int:
        """The id of the newest event, kept or trimmed; 0: none yet."""
        newest = await self._value(select(func.max(page_events.c.id)))
        return max(int(newest or 0), await self.last_trimmed_event())

    async def last_trimmed_event(self) -> int:
        """All events up to that id are gone, and none behind it; 0: none is. It is noted, for an id
        that is missing tells nothing: a transaction that was undone leaves one."""
        noted = await self._noted_as_trimmed()
        if noted is None:
            oldest = await self._value(select(func.min(page_events.c.id)))
            return max(0, int(oldest or 0) - 1)
        return noted

    async def trim(self, messages: int, events: int) -> None:
        """Keep so many of each, the newest."""
        await self._keep_newest(page_messages, messages)
        trimmed = await self._keep_newest(page_events, events)
        await self.note_trimmed(trimmed or await self.last_trimmed_event())

    async def note_trimmed(self, event_id: int) -> None:
        """All events up to that one are gone."""
        noted = await self._noted_as_trimmed()
        if noted is None or noted < event_id:
            await KeyValues(self._connection).put(_TRIMMED, str(event_id))

    async def _noted_as_trimmed(self) -> int | None:
        """None: nothing was ever trimmed by a Mintcast that notes it."""
        noted = await KeyValues(self._connection).get(_TRIMMED)
        return None if noted is None else int(noted)

    async def _row(self, message_id: str) -> Row[Any] | None:
        """An id that is none, which anybody may send, names no message."""
        if not (message_id.isascii() and message_id.isdecimal()):
            return None
        if len(message_id) > _MOST_DIGITS:
            return None
        return await self._first(select(page_messages).where(page_messages.c.id == int(message_id)))

    async def _tell(self, row: Row[Any], change: str, body: str, now: datetime) -> None:
        await self._change(
            page_events.insert().values(
                message_id=row.id,
                change=change,
                kind=row.kind,
                reply_to=row.reply_to,
                body=body,
                at=now,
            )
        )

    async def _keep_newest(self, table: Table, count: int) -> int:
        """The id of the newest that went; 0: none did."""
        goes = select(table.c.id).order_by(table.c.id.desc()).offset(count).limit(1)
        newest = int(await self._value(goes) or 0)
        if newest:
            await self._change(delete(table).where(table.c.id <= newest))
        return newest


def _message(row: Row[Any]) -> PageMessage:
    return PageMessage(str(row.id), row.kind, row.reply_to, row.body, row.at)


def _event(row: Row[Any]) -> PageEvent:
    return PageEvent(
        id=row.id,
        message_id=str(row.message_id),
        change=row.change,
        kind=row.kind,
        reply_to=row.reply_to,
        body=row.body,
        at=row.at,
    )
