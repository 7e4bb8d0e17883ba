"""Broadcasts: our own rows, and the ids that the site gave them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    update,
)

from bot.model import Broadcast, DeliveryKind, KeptMoving, StoredVideo, Stream, SubjectKind
from bot.store.backends import insert
from bot.store.rows.base import Rows
from bot.store.tables import deliveries, is_open_stream, site_ids, streams, subscriptions, targets

_FIELDS = tuple(field.name for field in fields(Broadcast))
_REFRESHED = (
    "last_seen_at",
    "viewers",
    "peak_viewers",
    "title",
    "thumbnail",
    "thumbnail_updated_at",
)


class Streams(Rows):
    """Streams. A mint has at most one that is open, not ended; the database refuses a second."""

    async def open(self) -> dict[str, Stream]:
        """Every open one, by mint."""
        return {stream.mint: stream for stream in await self._several(is_open_stream)}

    async def open_of(self, mint: str) -> Stream | None:
        """The open one of that mint."""
        found = await self._several(is_open_stream, streams.c.mint == mint)
        return found[0] if found else None

    async def get(self, stream_id: int) -> Stream | None:
        """Open or ended."""
        found = await self._several(streams.c.id == stream_id)
        return found[0] if found else None

    async def insert(self, mint: str, broadcast: Broadcast) -> int:
        """A new one, with its site id; gives the row's id."""
        new = streams.insert().values(
            mint=mint, changed_at=broadcast.last_seen_at, **asdict(broadcast)
        )
        stream_id = int(await self._value(new.returning(streams.c.id)))
        await self._add_site_id(stream_id, broadcast)
        return stream_id

    async def update(self, stream_id: int, broadcast: Broadcast) -> None:
        """All that is known of it now, and its newest site id. `ENDED` closes it for ever: an
        ended one is not changed again."""
        values = asdict(broadcast)
        # Inside the `case` nothing says of which type a bare value is.
        seen_at = literal(broadcast.last_seen_at, streams.c.last_seen_at.type)
        changed = await self._change(
            update(streams)
            .where(streams.c.id == stream_id, is_open_stream)
            .values(**values, changed_at=_changed_at(values | {"last_seen_at": seen_at}))
        )
        if changed:
            await self._add_site_id(stream_id, broadcast)

    async def refresh(self, rows: Sequence[tuple[int, Broadcast]]) -> None:
        """What changes with every look, of many at once: when it was last seen, viewers, their
        peak, title and thumbnail. What else the values hold is not written."""
        if not rows:
            return
        values = {name: bindparam(f"new_{name}", type_=streams.c[name].type) for name in _REFRESHED}
        statement = (
            update(streams)
            .where(streams.c.id == bindparam("row_id"), is_open_stream)
            .values(**values, changed_at=_changed_at(values))
        )
        await self._change(
            statement,
            [
                {"row_id": id_, **{f"new_{name}": getattr(of, name) for name in _REFRESHED}}
                for id_, of in rows
            ],
        )

    async def set_picture(self, stream_id: int, key: str, shows_at: datetime | None = None) -> None:
        """Its picture is kept among our files as `key`, and shows that instant."""
        kept = {"picture_key": key, "picture_at": shows_at}
        await self._change(update(streams).where(streams.c.id == stream_id).values(**kept))

    async def plan_whole_stream(self, stream_id: int, due_at: datetime | None) -> None:
        """When the site's own clip of it is looked for; None: not any more."""
        one = update(streams).where(streams.c.id == stream_id)
        await self._change(one.values(whole_stream_due_at=due_at))

    async def set_moving(self, stream_id: int, moving: KeptMoving) -> None:
        """Its moving picture, which lies among our files."""
        video = moving.video
        about = {
            "seconds": video.seconds,
            "bytes": video.bytes,
            "width": video.width,
            "height": video.height,
            "shows_at": moving.shows_at.isoformat(),
        }
        kept = {"moving_key": video.key, "moving_about": json.dumps(about)}
        await self._change(update(streams).where(streams.c.id == stream_id).values(**kept))

    async def moving(self, stream_id: int) -> KeptMoving | None:
        """Its moving picture, whether that is still there or not."""
        row = await self._first(
            select(streams.c.moving_key, streams.c.moving_about).where(
                streams.c.id == stream_id, streams.c.moving_key.is_not(None)
            )
        )
        if row is None:
            return None
        about = json.loads(row.moving_about)
        shows_at = datetime.fromisoformat(about.pop("shows_at"))
        return KeptMoving(StoredVideo(row.moving_key, **about), shows_at)

    async def keep_whole_stream(self, stream_id: int, clip_id: str) -> None:
        """That is the site's own clip of it."""
        one = update(streams).where(streams.c.id == stream_id)
        await self._change(one.values(whole_stream=clip_id))

    async def whole_streams_due(self, now: datetime, limit: int) -> tuple[Stream, ...]:
        """Those whose clip is to be looked for now, who waits for longest first."""
        due = (
            select(streams)
            .where(streams.c.whole_stream_due_at.is_not(None), streams.c.whole_stream_due_at <= now)
            .order_by(streams.c.whole_stream_due_at, streams.c.id)
            .limit(limit)
        )
        return tuple(stream_of(row) for row in await self._all(due))

    async def hurry_whole_streams(self, now: datetime, longest: timedelta) -> int:
        """What waits for longer than `longest` was put off by a clock that was ahead: it is to be
        looked for now. How many."""
        waiting = update(streams).where(streams.c.whole_stream_due_at > now + longest)
        return await self._change(waiting.values(whole_stream_due_at=now))

    async def site_ids_of(self, stream_id: int) -> frozenset[int]:
        """All that the site has called it."""
        of_it = select(site_ids.c.site_id).where(site_ids.c.stream_id == stream_id)
        return frozenset(await self._values(of_it))

    async def live_of_place(
        self, place_id: int, hidden: Collection[int] = ()
    ) -> tuple[Stream, ...]:
        """What was announced, is open, and some target of the place that is not `hidden` is
        subscribed to; the oldest first."""
        wanted = (
            select(subscriptions.c.subject)
            .join(targets)
            .where(
                targets.c.place_id == place_id,
                targets.c.id.not_in(hidden),
                subscriptions.c.subject_kind == SubjectKind.MINT,
            )
        )
        announced = streams.c.announced_at.is_not(None)
        return await self._several(is_open_stream, announced, streams.c.mint.in_(wanted))

    async def of_message(self, target_id: int, message_id: str) -> Stream | None:
        """The stream whose alert that message of the target is."""
        alert = select(deliveries.c.stream_id).where(
            deliveries.c.target_id == target_id,
            deliveries.c.message_id == message_id,
            deliveries.c.kind == DeliveryKind.ALERT,
        )
        found = await self._several(streams.c.id.in_(alert))
        return found[0] if found else None

    async def last_of(self, mint: str) -> Stream | None:
        """The newest of that mint, open or ended."""
        row = await self._first(
            select(streams).where(streams.c.mint == mint).order_by(streams.c.id.desc()).limit(1)
        )
        return None if row is None else stream_of(row)

    async def ended_since(self, mints: Collection[str], at: datetime) -> frozenset[str]:
        """Those of `mints` whose stream was last seen after that, and is over."""
        over = (~is_open_stream, streams.c.last_seen_at >= at, streams.c.mint.in_(mints))
        return frozenset(await self._values(select(streams.c.mint).where(*over)))

    async def origins(self, stream_ids: Collection[int]) -> dict[int, str]:
        """What names each broadcast alike in every copy of the bot, and never changes: the first
        id that the site gave it; where earlier streams of the coin had that id as well, also how
        many did."""
        rows = await self._all(_ORIGINS.where(streams.c.id.in_(stream_ids)))
        return {row.id: f"{row.first}.{row.again}" if row.again else str(row.first) for row in rows}

    async def _several(self, *which: ColumnElement[bool]) -> tuple[Stream, ...]:
        statement = select(streams).where(*which).order_by(streams.c.id)
        return tuple(stream_of(row) for row in await self._all(statement))

    async def _add_site_id(self, stream_id: int, broadcast: Broadcast) -> None:
        new = insert(site_ids).values(
            stream_id=stream_id, site_id=broadcast.site_id, seen_at=broadcast.last_seen_at
        )
        await self._change(new.on_conflict_do_nothing())


def _changed_at(new: Mapping[str, Any]) -> ColumnElement[datetime]:
    """When title or viewers last changed: at this look, if they are others now."""
    others = or_(
        streams.c.title != new["title"], streams.c.viewers.is_distinct_from(new["viewers"])
    )
    return case((others, new["last_seen_at"]), else_=streams.c.changed_at)


def stream_of(row: Row[Any]) -> Stream:
    """A row of `streams`."""
    broadcast = Broadcast(**{name: row._mapping[name] for name in _FIELDS})
    whole_stream = row._mapping[streams.c.whole_stream]
    return Stream(row.id, row.mint, broadcast, row.picture_key, whole_stream, row.picture_at)


def _origins() -> Select[Any]:
    ids, earlier, theirs = site_ids.alias().c, streams.alias(), site_ids.alias()
    first = (
        select(ids.site_id)
        .where(ids.stream_id == streams.c.id)
        .order_by(ids.seen_at, ids.site_id)
        .limit(1)
        .correlate(streams)
        .scalar_subquery()
    )
    again = (
        select(func.count())
        .select_from(theirs.join(earlier, earlier.c.id == theirs.c.stream_id))
        .where(
            earlier.c.mint == streams.c.mint,
            earlier.c.id < streams.c.id,
            theirs.c.site_id == first,
        )
        .correlate(streams)
        .scalar_subquery()
    )
    return select(streams.c.id, first.label("first"), again.label("again"))


_ORIGINS = _origins()  # made once, as the statements of claims are
