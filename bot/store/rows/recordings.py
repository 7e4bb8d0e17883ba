"""Recordings: the media directories of streams, noted as they are seen.

Once the site has begun another directory, nothing names the one before; so each is kept from the
moment it is first seen for as long as its stream's row.

The site's list of live coins lags behind a look at one of them, and goes on naming a directory that
a look saw replaced. The stamps say which is newer: an older one beside one that was seen a moment
ago changes nothing. It is believed when it has been the only one for a while.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Insert, Row, Select, delete, func, or_, select, update

from bot.model import Recording
from bot.store.backends import insert
from bot.store.rows.base import Rows, in_parts
from bot.store.tables import recordings, streams

_LONGEST_MASTER = 2048
_LONGEST_STAMP = 100
_STAMPED = re.compile(r"(?:(?P<id>[0-9]{1,18})_|.*_)?(?P<stamp>[0-9]{8}_[0-9]{6})")
_STAMP = re.compile(r"[0-9]{8}_[0-9]{6}")

_MOST_OF_A_COIN = 100
"""A site that names another directory at each poll costs no more."""

_MOST_OF_A_STREAM = 100
"""At a rotation each quarter of an hour that is a day."""

_LAG = timedelta(minutes=5)
"""For so long the site may go on naming a directory whose successor was seen."""
_FRESH = timedelta(seconds=30)
"""What was seen so lately is not written again. With a poll of 10 s that spares the disk two writes
of three, and nobody needs to know it better: what is not retired is believed to go on."""

_rows = recordings.c


class SeenMaster(NamedTuple):
    """A look at a stream saw this master playlist."""

    stream_id: int
    site_id: int
    master: str


class _Directory(NamedTuple):
    """What `SeenMaster` names, as its row is found."""

    stream_id: int
    site_id: int
    stamp: str
    master: str

    def is_that_of(self, row: Recording) -> bool:
        return (row.stream_id, row.site_id, row.stamp) == self[:3]


class Recordings(Rows):
    """Recordings. Of a stream's only the newest is not retired."""

    async def see(self, stream_id: int, site_id: int, master: str, now: datetime) -> None:
        """Note where the broadcast `site_id` of a stream is recorded, and what that replaces.

        A `master` is not noted that is no web URL, longer than 2048 characters or in no directory,
        or whose directory has the id of another broadcast: the site may still show the last one.
        """
        await self.see_many([SeenMaster(stream_id, site_id, master)], now)

    async def see_many(self, seen: Iterable[SeenMaster], now: datetime) -> None:
        """The same of many streams, each named once."""
        named = [one for one in map(_directory, seen) if one is not None]
        known = await self._lately({one.stream_id for one in named}, now)
        newest, behind, replaced = [], [], []
        for one in named:
            beside = known.get(one.stream_id, [])
            if _is_behind(one, beside, now):
                behind.append(_row(one, now, retired_at=now))
            elif not any(one.is_that_of(row) and _is_fresh(row, now) for row in beside):
                newest.append(_row(one, now))
                replaced += [row.id for row in beside if _is_replaced(row, one)]
        for part in in_parts(replaced):
            await self._change(update(recordings).where(_rows.id.in_(part)).values(retired_at=now))
        if newest:
            await self._change(_SEEN, newest)
        if behind:
            await self._change(_SEEN_LATE, behind)
        grown = {
            one.stream_id
            for one in named
            if one.stream_id in known and not any(map(one.is_that_of, known[one.stream_id]))
        }
        for part in in_parts(grown):
            await self._keep_the_newest(part)

    async def of_mint(self, mint: str) -> tuple[Recording, ...]:
        """Those of all streams of the coin, the oldest first, the newest hundred; each stream's
        newest is its last."""
        newest = (
            select(_rows.id)
            .join(streams)
            .where(streams.c.mint == mint)
            .order_by(_rows.last_seen_at.desc(), _rows.id.desc())
            .limit(_MOST_OF_A_COIN)
        )
        return await self._several(select(recordings).where(_rows.id.in_(newest)))

    async def of_stream(self, stream_id: int) -> tuple[Recording, ...]:
        """The oldest first, the newest last."""
        return await self._several(select(recordings).where(_rows.stream_id == stream_id))

    async def note_delay(self, recording_id: int, seconds: float | None) -> None:
        """What is on air was measured to be listed so much later; None: that holds no longer."""
        delay_ms = round(seconds * 1000) if seconds is not None else None
        await self._change(
            update(recordings).where(_rows.id == recording_id).values(delay_ms=delay_ms)
        )

    async def _keep_the_newest(self, stream_ids: Collection[int]) -> None:
        """Of each the others go, those first that were seen longest ago: by then the site has them
        no more, and clips are looked for in the newest alone."""
        newest_first = (_rows.retired_at.is_not(None), _rows.last_seen_at.desc(), _rows.id.desc())
        place = func.row_number().over(partition_by=_rows.stream_id, order_by=newest_first)
        ranked = select(_rows.id, place.label("place")).where(_rows.stream_id.in_(stream_ids))
        each = ranked.subquery()
        beyond = select(each.c.id).where(each.c.place > _MOST_OF_A_STREAM)
        await self._change(delete(recordings).where(_rows.id.in_(beyond)))

    async def _lately(
        self, stream_ids: Collection[int], now: datetime
    ) -> dict[int, list[Recording]]:
        """By stream: what is not retired, and what was seen within the lag. However many
        directories a stream had, these are a few."""
        found: dict[int, list[Recording]] = {}
        is_late = or_(_rows.retired_at.is_(None), _rows.last_seen_at > now - _LAG)
        for part in in_parts(stream_ids):
            statement = select(recordings).where(_rows.stream_id.in_(part), is_late)
            for row in await self._all(statement):
                found.setdefault(row.stream_id, []).append(_recording(row))
        return found

    async def _several(self, statement: Select[Any]) -> tuple[Recording, ...]:
        ordered = statement.order_by(_rows.stream_id, _rows.retired_at.is_(None), _rows.id)
        return tuple(_recording(row) for row in await self._all(ordered))


def _directory(seen: SeenMaster) -> _Directory | None:
    """None where it is not to be noted."""
    if len(seen.master) > _LONGEST_MASTER or not seen.master.isprintable():
        return None
    try:
        url = urlsplit(seen.master)
    except ValueError:
        return None
    *_, name, _ = ("", *url.path.split("/"))
    if url.scheme not in ("http", "https") or not url.netloc or not name:
        return None
    match = _STAMPED.fullmatch(name)
    if match is None:
        return _Directory(seen.stream_id, seen.site_id, name[:_LONGEST_STAMP], seen.master)
    if match["id"] is not None and int(match["id"]) != seen.site_id:
        return None
    return _Directory(seen.stream_id, seen.site_id, match["stamp"], seen.master)


def _is_behind(one: _Directory, beside: Iterable[Recording], now: datetime) -> bool:
    """Another that is newer was seen a moment ago."""
    if _STAMP.fullmatch(one.stamp) is None:
        return False
    return any(
        _STAMP.fullmatch(row.stamp) and row.stamp > one.stamp and abs(now - row.last_seen_at) < _LAG
        for row in beside
    )


def _is_fresh(row: Recording, now: datetime) -> bool:
    """Nothing of it would be written but an instant that is hardly another."""
    return row.retired_at is None and timedelta(0) <= now - row.last_seen_at < _FRESH


def _is_replaced(row: Recording, by: _Directory) -> bool:
    return row.retired_at is None and not by.is_that_of(row)


def _row(one: _Directory, now: datetime, retired_at: datetime | None = None) -> dict[str, Any]:
    return {
        **one._asdict(),
        "first_seen_at": now,
        "last_seen_at": now,
        "retired_at": retired_at,
    }


def _recording(row: Row[Any]) -> Recording:
    return Recording(
        id=row.id,
        stream_id=row.stream_id,
        site_id=row.site_id,
        stamp=row.stamp,
        master=row.master_url,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        retired_at=row.retired_at,
        delay_seconds=None if row.delay_ms is None else row.delay_ms / 1000,
    )


def _seen() -> Insert:
    new = insert(recordings)
    seen = {name: new.excluded[name] for name in ("last_seen_at", "master", "retired_at")}
    return new.on_conflict_do_update(index_elements=["stream_id", "site_id", "stamp"], set_=seen)


_SEEN = _seen()  # both made once, as the statements of claims are
_SEEN_LATE = insert(recordings).on_conflict_do_nothing()
