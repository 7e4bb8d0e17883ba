"""Which clip jobs get one clip: those of the same window of a stream.

A window of the past is the same however far its clip is. The next seconds are the same while
nothing of them is recorded, whenever they were asked for: they begin for all of them at once. Two
"30s" that were asked for 20 s apart are two windows of the past. A highlight of the site's own is
posted once, however often its button is pressed in a moment.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, and_, or_, type_coerce

from bot.model import ClipOrder, JobState, Phase, Window
from bot.store.tables import clip_jobs

_rows = clip_jobs.c
_BEGUN = (Phase.RECORDING.value, Phase.RECONNECTING.value, Phase.WRITING.value)
_ABOUT = timedelta(seconds=0.25)
"""Two ends that are no further apart are the same: two people who see the same are that far."""


def is_same_window(order: ClipOrder) -> ColumnElement[bool]:
    """Of a job that is not over: what it is to show is what `order` asks for."""
    return _is_next(order.window) if order.is_ahead else _is_past(order.window)


def _is_past(window: Window) -> ColumnElement[bool]:
    return and_(
        _rows.is_ahead.is_(False),
        _rows.begins_at.between(window.begins_at - _ABOUT, window.begins_at + _ABOUT),
        _rows.ends_at.between(window.ends_at - _ABOUT, window.ends_at + _ABOUT),
    )


def _is_next(window: Window) -> ColumnElement[bool]:
    begins_at, ends_at = (type_coerce(end, BigInteger) for end in (_rows.begins_at, _rows.ends_at))
    return and_(
        _rows.is_ahead,
        ends_at - begins_at == round(1000 * window.seconds),  # milliseconds, as `Instant` has it
        _rows.done_seconds == 0,
        or_(_rows.phase.is_(None), _rows.phase.not_in(_BEGUN)),
    )


def is_same_post(target_id: int, highlight_id: str, since: datetime) -> ColumnElement[bool]:
    """It brings that highlight there, or was asked for it after `since` and has brought it."""
    under_way = _rows.state.in_((JobState.QUEUED, JobState.RUNNING))
    return and_(
        _rows.target_id == target_id,
        _rows.highlight_id == highlight_id,
        or_(
            and_(under_way, _rows.cancel_requested.is_(False)),
            and_(_rows.state == JobState.DONE, _rows.asked_at > since),
        ),
    )
