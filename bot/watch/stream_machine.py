"""The life of a stream: offline → starting → live → grace → ended. Pure.

A look that could not find out changes nothing, however long it lasts. Only a look that says
offline starts or ends a grace. A return within grace is the same stream, whatever id or start the
site gives it.

**After a silence** (the service was down, or pump.fun did not answer) two things are in doubt:

* The coin is on air under another id. If that broadcast began after a grace from when we last saw
  the old one would have been over, it is another: the old one ends and the new one opens in the
  same step. Without a start from the site, now stands for it. The same id is the same stream.
* The coin is offline. Nobody saw when it stopped, and it may be in the middle of a short drop; so
  grace starts now, however long the silence was. The end comes one grace later than it might,
  and is never false; when it was last seen is told as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from bot.kit.timing.ages import UNKNOWN, Moment
from bot.model import (
    Broadcast,
    Live,
    Observation,
    Offline,
    Starting,
    StreamSnapshot,
    StreamState,
    Unknown,
)


class Event(StrEnum):
    """What a step means to others."""

    CONNECTED = "connected"
    """A stream is open, and shows nothing yet."""
    WENT_LIVE = "went-live"
    """It is to be announced."""
    PAUSED = "paused"
    RESUMED = "resumed"
    ENDED = "ended"
    """It was announced, and is over."""
    ABANDONED = "abandoned"
    """It is over before it was announced."""
    CHANGED = "changed"
    """Its title or its viewers are others."""
    PICTURE = "picture"
    """Its first thumbnail since it was announced; once a stream."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`start_grace`: how long a broadcast may show nothing before it is announced all the same.

    `end_grace`: how long it may be off air and still be the same.
    """

    start_grace: timedelta
    end_grace: timedelta


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from a look: `ended` is over for ever, `known` is what is open now."""

    ended: Broadcast | None
    known: Broadcast | None
    events: tuple[Event, ...] = ()


def step(known: Broadcast | None, seen: Observation, now: Moment, rules: Rules) -> Step:
    """What is open and what happened, given what was open (None: nothing) and one look."""
    match seen:
        case Unknown():
            return Step(None, known)
        case Offline():
            return _off_air(known, now, rules)
        case Live() | Starting():
            return _on_air(known, seen, now, rules)
        case _:
            assert_never(seen)


def replaces(known: Broadcast, seen: StreamSnapshot, now: Moment, rules: Rules) -> bool:
    """Whether `seen` is another broadcast than `known`, which nobody saw end."""
    if seen.site_id == known.site_id:
        return False
    silence = now.age(known.paused_at or known.last_seen_at)
    # A start in the future is a clock that is wrong, and no proof of a silence.
    on_air = now.told_age(seen.started_at, now.at)
    # `most`, since a machine that was asleep has seen nothing; its clock is right afterwards.
    return silence != UNKNOWN and silence.most - on_air > rules.end_grace


def _off_air(known: Broadcast | None, now: Moment, rules: Rules) -> Step:
    if known is None:
        return Step(None, None)
    if known.state is StreamState.STARTING:
        return _over(known, now.at)
    if known.paused_at is None:
        paused = replace(known, state=StreamState.GRACE, paused_at=now.at)
        return Step(None, paused, (Event.PAUSED,))
    age = now.age(known.paused_at)
    if age == UNKNOWN:  # an earlier life's clock was ahead
        return Step(None, replace(known, paused_at=now.at))
    return _over(known, now.at) if age.least >= rules.end_grace else Step(None, known)


def _over(known: Broadcast, now: datetime) -> Step:
    """The end is when it was last seen, not when we were sure of it."""
    end = min(known.last_seen_at, now)
    ended = replace(known, state=StreamState.ENDED, paused_at=None, last_seen_at=end, ended_at=end)
    return Step(ended, None, (Event.ABANDONED if known.announced_at is None else Event.ENDED,))


def _on_air(known: Broadcast | None, seen: Live | Starting, now: Moment, rules: Rules) -> Step:
    if known is None:
        return _opened(seen, now.at)
    if replaces(known, seen.stream, now, rules):
        over, next_ = _over(known, now.at), _opened(seen, now.at)
        return Step(over.ended, next_.known, over.events + next_.events)
    fresh = _with_what_it_shows(known, seen.stream, now.at)
    if known.state is not StreamState.STARTING:
        return _continued(known, fresh, now)
    if isinstance(seen, Live) or now.age(known.first_seen_at).most >= rules.start_grace:
        return Step(None, _announced(fresh, now.at), (Event.WENT_LIVE,))
    return Step(None, fresh, _changes(known, fresh, now))


def _opened(seen: Live | Starting, now: datetime) -> Step:
    stream = seen.stream
    broadcast = Broadcast(
        state=StreamState.STARTING,
        first_seen_at=now,
        last_seen_at=now,
        site_id=stream.site_id,
        started_at=stream.started_at,
        title=stream.title,
        viewers=stream.viewers,
        peak_viewers=stream.viewers,
        thumbnail=stream.thumbnail,
        thumbnail_updated_at=stream.thumbnail_updated_at,
    )
    if isinstance(seen, Live):
        return Step(None, _announced(broadcast, now), (Event.WENT_LIVE,))
    return Step(None, broadcast, (Event.CONNECTED,))


def _announced(broadcast: Broadcast, now: datetime) -> Broadcast:
    return replace(broadcast, state=StreamState.LIVE, announced_at=now)


def _continued(known: Broadcast, fresh: Broadcast, now: Moment) -> Step:
    events = (Event.RESUMED,) if known.state is StreamState.GRACE else ()
    live = replace(fresh, state=StreamState.LIVE, paused_at=None)
    return Step(None, live, events + _changes(known, fresh, now))


def _with_what_it_shows(known: Broadcast, seen: StreamSnapshot, now: datetime) -> Broadcast:
    """What a look lacks stays as it was; the stream began when its first broadcast did."""
    same = seen.site_id == known.site_id
    return replace(
        known,
        last_seen_at=now,
        site_id=seen.site_id,
        started_at=known.started_at or (seen.started_at if same else None),
        title=seen.title or known.title,
        viewers=known.viewers if seen.viewers is None else seen.viewers,
        peak_viewers=_most(known.peak_viewers, seen.viewers),
        thumbnail=seen.thumbnail or known.thumbnail,
        thumbnail_updated_at=seen.thumbnail_updated_at or known.thumbnail_updated_at,
    )


def _most(known: int | None, seen: int | None) -> int | None:
    return max(known or 0, seen) if seen is not None else known


def _changes(known: Broadcast, fresh: Broadcast, now: Moment) -> tuple[Event, ...]:
    events: list[Event] = []
    if (known.title, known.viewers) != (fresh.title, fresh.viewers):
        events.append(Event.CHANGED)
    if _first_picture(known, fresh, now):
        events.append(Event.PICTURE)
    return tuple(events)


def _first_picture(known: Broadcast, fresh: Broadcast, now: Moment) -> bool:
    """It has a thumbnail at last; or the one that it was announced with was renewed.

    Only the first renewal counts: at later ones, the time that is known is already after the
    announcement.
    """
    if known.announced_at is None or fresh.thumbnail is None:
        return False
    if known.thumbnail is None:
        return True
    before, after = known.thumbnail_updated_at, fresh.thumbnail_updated_at
    if before is None or after is None:
        return False
    return before <= now.far(known.announced_at) < after
