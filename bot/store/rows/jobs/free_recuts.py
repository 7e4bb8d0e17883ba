"""How often a clip is cut anew before that counts as asking for one. What failed by a fault of ours
doesn't use that up, some times: as a clip can be asked for once more."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, not_, or_, select

from bot.model import FREE_RECUTS, FREE_RETRIES, OUR_FAULTS, JobState
from bot.store.tables import clip_jobs

SIBLING = clip_jobs.alias().c
_error = func.coalesce(SIBLING.error, "")
_is_our_fault = and_(SIBLING.state == JobState.FAILED, _error.in_(OUR_FAULTS))


def are_free_used_up(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    """By those re-cuts, as rows of `SIBLING`: whatever comes after them counts."""
    every = select(func.count()).where(*which)
    others = every.where(not_(_is_our_fault)).scalar_subquery()
    return or_(others >= FREE_RECUTS, every.scalar_subquery() >= FREE_RECUTS + FREE_RETRIES)
