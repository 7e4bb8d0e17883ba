"""What pump.fun itself keeps of a stream that is over: its clip of the whole stream, which the
ended alert leads to.

The site makes it some time after the end, nobody knows how long. So it is looked for a few times,
with growing pauses, for six hours; nobody waits for it, and every other question goes first. When
the next look is due is kept in the stream's row, so that a restart loses and repeats nothing.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.errors import MintcastError, PumpfunError
from bot.kit.log import Mistakes
from bot.kit.notifier import DELIVERIES, Notifier
from bot.kit.timing.ages import UNKNOWN, Moment
from bot.kit.timing.clock import Clock
from bot.model import LATER, Asker, Broadcast, Priority, SiteClip, SiteClipKind, Stream
from bot.store import Store

_log = logging.getLogger(__name__)

_MINUTE = timedelta(minutes=1)
LOOKS = (
    timedelta(seconds=20),
    timedelta(seconds=45),
    *(count * _MINUTE for count in (2, 4, 7, 15, 40, 90, 180, 360)),
)
"""After the end. Nobody is sure of an end before a grace is over, so the first are for short ones:
by default six are left."""

_MOST_AT_ONCE = 3
_MOST_CLIPS = 20
_SLACK = 10 * _MINUTE
"""The site's clock is not ours, and its recording begins and ends when it does."""

_ALL = 0.8
"""So much of a stream is all of it: the rest of a directory is not looked for."""


def next_look(ended_at: datetime, now: Moment) -> datetime | None:
    """When to look for it again; None: not any more, or nobody knows when it ended."""
    age = now.age(ended_at)
    if age == UNKNOWN:
        return None
    return next((now.at + wait - age.least for wait in LOOKS if wait > age.least), None)


def of_stream(
    clips: Iterable[SiteClip], site_ids: Collection[int], broadcast: Broadcast
) -> tuple[SiteClip, ...]:
    """Those of the stream, whose end is by the site's clock. An id may come again, so that time
    counts too."""
    return tuple(
        clip
        for clip in clips
        if clip.stream_id in site_ids
        and clip.begins_at <= broadcast.last_seen_at + _SLACK
        and clip.begins_at + timedelta(seconds=clip.seconds) >= broadcast.began_at - _SLACK
    )


def longest(clips: Iterable[SiteClip]) -> SiteClip | None:
    """A stream may lie in several directories, of which each has a clip: the one that shows most,
    of equal ones the first."""
    return max(clips, key=lambda clip: (clip.seconds, -clip.begins_at.timestamp()), default=None)


def is_all(clips: Iterable[SiteClip], broadcast: Broadcast) -> bool:
    """Whether they show about all of the stream, whose end is by the site's clock, so that no
    longer one is to be expected."""
    lasted = (broadcast.last_seen_at - broadcast.began_at).total_seconds()
    return sum(clip.seconds for clip in clips) >= _ALL * lasted


class Site(Protocol):
    """What has clips of a coin's whole streams, and a clock by which they are dated (None: nobody
    knows what it shows). Raises PumpfunError."""

    @property
    def site_time(self) -> datetime | None: ...
    async def clips(
        self, mint: str, kind: SiteClipKind, limit: int, *, asker: Asker
    ) -> tuple[SiteClip, ...]: ...


class WholeStreamFinder:
    """A timer calls `look`. `may_ask`: pump.fun is not to be left alone just now."""

    def __init__(
        self,
        *,
        store: Store,
        pumpfun: Site,
        clock: Clock,
        notifier: Notifier,
        may_ask: Callable[[], bool],
    ) -> None:
        self._store = store
        self._pumpfun = pumpfun
        self._clock = clock
        self._notifier = notifier
        self._may_ask = may_ask
        self._mistakes = Mistakes(_log)
        self._not_before = -math.inf
        self._times_set: int | None = None

    async def look(self) -> None:
        """For the streams whose turn it is, one after another. Raises StoreError."""
        await self._follow_the_clock()
        async with self._store.read() as unit:
            due = await unit.streams.whole_streams_due(self._clock.now(), _MOST_AT_ONCE)
        for stream in due:
            if not self._may_ask() or self._clock.monotonic() < self._not_before:
                return
            await self._look_or_put_off(stream)

    async def _follow_the_clock(self) -> None:
        """What an earlier life put off is believed within reason; what this one did, until the
        clock is set: it may have been set back."""
        times = self._clock.times_set()
        if times == self._times_set:
            return
        longest = LOOKS[-1] if self._times_set is None else timedelta(0)
        async with self._store.write() as unit:
            await unit.streams.hurry_whole_streams(self._clock.now(), longest)
        self._times_set = times

    async def _look_or_put_off(self, stream: Stream) -> None:
        """What we are not ready for in one coin's answer costs no other stream its clip: who waits
        for longest is asked for first, each time. Raises what is foreseen: the database fails all
        of them."""
        try:
            await self._look_for(stream)
        except MintcastError:
            raise
        except Exception as error:  # noqa: BLE001 - whoever made the coin chooses what arrives
            self._mistakes.note(f"a look for the clip of {stream.mint}'s stream", error)
            async with self._store.write() as unit:
                await unit.streams.plan_whole_stream(stream.id, self._again(stream))

    async def _look_for(self, stream: Stream) -> None:
        async with self._store.read() as unit:
            site_ids = await unit.streams.site_ids_of(stream.id)
            is_shown = await unit.deliveries.is_shown(stream.id)
        listed = await self._clips_of(stream) if is_shown else ()
        broadcast = self._by_the_site(stream.broadcast)
        clips = of_stream(listed, site_ids, broadcast)
        goes_on = is_shown and not (clips and is_all(clips, broadcast))
        again, now = self._again(stream) if goes_on else None, self._clock.now()
        found = longest(clips)
        with self._notifier.afterwards() as hints:
            async with self._store.write() as unit:
                await unit.streams.plan_whole_stream(stream.id, again)
                if found is not None and found.id != stream.whole_stream:
                    await unit.streams.keep_whole_stream(stream.id, found.id)
                    await unit.deliveries.raise_wanted(stream.id, now, Priority.UPDATE)
                    hints.add(DELIVERIES)

    def _again(self, stream: Stream) -> datetime | None:
        ended_at = stream.broadcast.ended_at or stream.broadcast.last_seen_at
        return next_look(ended_at, self._clock.moment())

    def _by_the_site(self, broadcast: Broadcast) -> Broadcast:
        """Its end by the clock that dates its start and its clips."""
        now = self._clock.moment(self._pumpfun.site_time)
        return replace(broadcast, last_seen_at=now.far(broadcast.last_seen_at))

    async def _clips_of(self, stream: Stream) -> tuple[SiteClip, ...]:
        """What the site has of the coin; none where it does not say: that is no news, and looked
        for again. Where it states a wait, nothing is asked meanwhile."""
        try:
            return await self._pumpfun.clips(
                stream.mint, SiteClipKind.COMPLETE, _MOST_CLIPS, asker=LATER
            )
        except PumpfunError as error:
            _log.debug("nothing is known of the clip of a whole stream: %s", error)
            self._not_before = self._clock.monotonic() + error.stated_wait
            return ()
