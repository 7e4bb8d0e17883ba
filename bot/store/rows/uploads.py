"""What was already uploaded, so that it is not again, and which pictures are still needed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select, union

from bot.store.backends import insert
from bot.store.rows.base import Rows
from bot.store.tables import coins, is_open_stream, streams, uploads


class Pictures(Rows):
    """What a platform calls a file of ours: each token has names of its own."""

    async def uploaded(self, sender: str, key: str) -> str | None:
        """The platform's id of our file `key`, if that token uploaded it."""
        remote_id = await self._value(select(uploads.c.remote_id).where(_of(sender, key)))
        return None if remote_id is None else str(remote_id)

    async def in_use(self, since: datetime) -> frozenset[str]:
        """The keys of pictures that may still be shown: of coins, and of streams that are open or
        were seen since then."""
        recent = or_(is_open_stream, streams.c.last_seen_at >= since)
        keys = union(
            select(coins.c.picture_key).where(coins.c.picture_key.is_not(None)),
            select(streams.c.picture_key).where(streams.c.picture_key.is_not(None), recent),
            select(streams.c.moving_key).where(streams.c.moving_key.is_not(None), recent),
        )
        return frozenset(await self._values(keys))

    async def put_uploaded(self, sender: str, key: str, remote_id: str, now: datetime) -> None:
        """It was uploaded, perhaps again."""
        new = insert(uploads).values(sender=sender, key=key, remote_id=remote_id, uploaded_at=now)
        await self._change(
            new.on_conflict_do_update(
                index_elements=uploads.primary_key.columns,
                set_={
                    "remote_id": new.excluded.remote_id,
                    "uploaded_at": new.excluded.uploaded_at,
                },
            )
        )

    async def forget_uploaded(self, sender: str, key: str) -> None:
        """The platform does not know that id any more."""
        await self._change(delete(uploads).where(_of(sender, key)))


def _of(sender: str, key: str) -> ColumnElement[bool]:
    return and_(uploads.c.sender == sender, uploads.c.key == key)
