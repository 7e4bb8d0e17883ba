"""Who wants the last seconds of which coins, for whoever decides whose are kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, cast, exists, func, select

from bot.model import Preference, SubjectKind
from bot.store.rows.base import Rows, in_parts
from bot.store.rows.preferences import nearest
from bot.store.tables import clip_jobs, subscriptions, targets

_MOST_ASKED = 500
"""Of so many requests it is known for which coins they were."""


@dataclass(frozen=True, slots=True)
class Following:
    """Those who follow a coin, all together: which values of `replay` they chose, and whether one
    of their places asked for clips of late, of whatever coin."""

    choices: frozenset[str]
    makes_clips: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked for a clip, and what is chosen there for `replay`."""

    mint: str
    at: datetime
    choice: str


class RingCandidates(Rows):
    """Reads, and changes nothing."""

    async def following(
        self, mints: Collection[str], clips_since: datetime
    ) -> dict[str, Following]:
        """By mint, as far as an enabled target follows it."""
        found: dict[str, Following] = {}
        for part in in_parts(mints):
            for row in await self._all(_following(part, clips_since)):
                before = found.get(row.mint, Following(frozenset(), False))
                found[row.mint] = Following(
                    before.choices | {row.choice}, before.makes_clips or bool(row.makes_clips)
                )
        return found

    async def asked_since(self, since: datetime) -> tuple[Asked, ...]:
        """What was asked for, the oldest first; of very much the newest."""
        last = clip_jobs.alias().c
        newest = select(func.max(last.id)).scalar_subquery()
        row = clip_jobs.c
        choice = nearest(Preference.REPLAY).label("choice")
        statement = (
            select(row.mint, row.asked_at, choice)
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
            Asked(one.mint, one.asked_at, one.choice) for one in await self._all(statement)
        )


def _following(mints: Collection[str], clips_since: datetime) -> Select[Any]:
    job = clip_jobs.alias().c
    of_late = exists().where(job.place_id == targets.c.place_id, job.asked_at >= clips_since)
    choice = nearest(Preference.REPLAY).label("choice")
    return (
        select(
            subscriptions.c.subject.label("mint"),
            choice,
            func.max(cast(of_late, Integer)).label("makes_clips"),
        )
        .join_from(subscriptions, targets)
        .where(
            subscriptions.c.subject_kind == SubjectKind.MINT,
            subscriptions.c.subject.in_(mints),
            targets.c.disabled.is_(None),
        )
        .group_by(subscriptions.c.subject, choice)
    )
