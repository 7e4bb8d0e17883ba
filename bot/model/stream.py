"""A broadcast as we keep it: our own row, which outlives the ids that the site gives it, and where
the site records it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.model.chat import StoredVideo

_LATE_AFTER = timedelta(minutes=15)


class StreamState(StrEnum):
    """offline is the want of a stream; `ENDED` is for ever."""

    STARTING = "starting"
    LIVE = "live"
    GRACE = "grace"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Broadcast:
    """What is known of a stream; the state machine takes it and gives it. Instants are UTC.

    `first_seen_at`: when we first saw it on air. `last_seen_at`: when we last did.
    `announced_at`: when it became owed to its subscribers, if it has. `paused_at`: since when it
    is in grace. `site_id` is the newest; all texts are an attacker's.
    """

    state: StreamState
    first_seen_at: datetime
    last_seen_at: datetime
    site_id: int
    started_at: datetime | None = None
    announced_at: datetime | None = None
    paused_at: datetime | None = None
    ended_at: datetime | None = None
    title: str = ""
    viewers: int | None = None
    peak_viewers: int | None = None
    thumbnail: str | None = None
    thumbnail_updated_at: datetime | None = None

    @property
    def began_at(self) -> datetime:
        """The site's start where it gave one, else when we first saw it."""
        return self.started_at or self.first_seen_at


@dataclass(frozen=True, slots=True)
class Stream:
    """A row of ours: a broadcast of a coin, with the picture of it that we keep, if any, and the
    instant that this shows (`picture_at`; None: nobody knows).
    `whole_stream` is the id of pump.fun's own clip of it, once that is known."""

    id: int
    mint: str
    broadcast: Broadcast
    picture_key: str | None = None
    whole_stream: str | None = None
    picture_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """One media directory of a stream's recording on the site, as far as it was seen.

    `master` is the URL of its master playlist, at most 2048 characters, an attacker's. `stamp` is
    the `YYYYMMDD_HHMMSS` in the directory's name, which says when the site opened it and is no
    time zero of anything; where there is none, the name itself. `retired_at`: since when another
    has its place, None for the newest. `delay_seconds` is how late its stamps are,
    against when what they stamp was on air; None until that is known.
    """

    id: int
    stream_id: int
    site_id: int
    stamp: str
    master: str
    first_seen_at: datetime
    last_seen_at: datetime
    retired_at: datetime | None = None
    delay_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class KeptMoving:
    """A moving picture of a stream among our files, and the instant at which it begins."""

    video: StoredVideo
    shows_at: datetime


def is_late(age: timedelta) -> bool:
    """Whether it is too late to make a noise about what is so old: a stream that began then, or an
    alert that is owed since then, comes without a sound and without a mention."""
    return age > _LATE_AFTER
