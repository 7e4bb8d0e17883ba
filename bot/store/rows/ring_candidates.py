"""Who wants the last seconds of which coins, for whoever decides whose are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, cast, exists, func, select

from bot.model import Preference, SubjectKind
from bot.store.rows.base import Rows, in_parts
from bot.store.rows.preferences import nearest
from bot.store.tables import clip_jobs, subscriptions, targets

_MOST_ASKED = 500
"""Of so many requests it is known for which coins they were."""

_MOST_FOLLOWERS = 20
"""Of a coin so many places are known that are alike in all that counts. It gets its ring in the
turn of the place that has fewest others, and among twenty there is one that has few."""


@dataclass(frozen=True, slots=True)
class Follower:
    """A place that follows a coin: which value of `replay` it chose, one of several, and whether
    it asked for clips of late, of whatever coin."""

    place_id: int
    choice: str
    makes_clips: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked for a clip: where, and what is chosen there for `replay`."""

    mint: str
    place_id: int
    at: datetime
    choice: str


class RingCandidates(Rows):
    """Reads, and changes nothing."""

    async def following(
        self, mints: Collection[str], clips_since: datetime
    ) -> dict[str, list[Follower]]:
        """By mint, as far as an enabled target follows it."""
        found = defaultdict[str, list[Follower]](list)
        for part in in_parts(mints):
            for row in await self._all(_following(part, clips_since)):
                of_places = sorted({int(one) for one in row.places.split(",")})
                found[row.mint] += [
                    Follower(place_id, row.choice, row.makes_clips)
                    for place_id in of_places[:_MOST_FOLLOWERS]
                ]
        return dict(found)

    async def asked_since(self, since: datetime) -> tuple[Asked, ...]:
        """What was asked for, the oldest first; of very much the newest."""
        last = clip_jobs.alias().c
        newest = select(func.max(last.id)).scalar_subquery()
        row = clip_jobs.c
        choice = nearest(Preference.REPLAY).label("choice")
        statement = (
            select(row.mint, row.place_id, row.asked_at, choice)
            .join_from(clip_jobs, targets, targets.c.id == row.target_id)
            .join(
                subscriptions,
                (subscriptions.c.target_id == row.target_id)
                & (subscriptions.c.subject_kind == SubjectKind.MINT)
                & (subscriptions.c.subject == row.mint),
                isouter=True,
            )
            .where(row.id > newest - _MOST_ASKED, row.asked_at >= since)
            .order_by(row.id)
        )
        return tuple(
            Asked(one.mint, one.place_id, one.asked_at, one.choice)
            for one in await self._all(statement)
        )


def _following(mints: Collection[str], clips_since: datetime) -> Select[Any]:
    job = clip_jobs.alias().c
    of_late = exists().where(job.place_id == targets.c.place_id, job.asked_at >= clips_since)
    every = (
        select(
            subscriptions.c.subject.label("mint"),
            targets.c.place_id,
            nearest(Preference.REPLAY).label("choice"),
            of_late.label("makes_clips"),
        )
        .join_from(subscriptions, targets)
        .where(
            subscriptions.c.subject_kind == SubjectKind.MINT,
            subscriptions.c.subject.in_(mints),
            targets.c.disabled.is_(None),
        )
        .subquery()
        .c
    )
    # One row for all that are alike: of thousands it takes a quarter of the time of a row for each.
    places = func.aggregate_strings(cast(every.place_id, String), ",").label("places")
    alike = every.mint, every.choice, every.makes_clips
    return select(*alike, places).group_by(*alike)
