"""Keeps a ring of each stream that is to have one: looks at the rows, asks the policy, and holds.

It asks nobody but the database, a few short statements every five seconds and whenever a stream or
a clip job changes; while nothing is live and nobody asked for anything, two of them.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import texts
from bot.clips.rings.claims import LEAST_SECONDS, LOOK_SECONDS, RingClaims
from bot.clips.rings.failing_rings import FailingRings, reason_of
from bot.clips.rings.policy import (
    UNUSED_SECONDS,
    Candidate,
    HeldRing,
    RingChoice,
    Wish,
    choose,
)
from bot.clips.workers.shared_capture import Hold
from bot.errors import StoreError
from bot.kit.notifier import JOBS, STREAMS, heard
from bot.model import Stream, StreamState, Window

if TYPE_CHECKING:
    from bot.clips.workers.captures import Captures
    from bot.clips.workers.shared_capture import SharedCapture
    from bot.kit.health import Health
    from bot.kit.metrics import Metrics
    from bot.kit.notifier import Notifier
    from bot.kit.timing.clock import Clock
    from bot.store import Asked, Follower, Store

_log = logging.getLogger(__name__)

_FAILING_SECONDS = 60.0
"""A ring that could not be had for so long is a fault, and may be another node's; one that has just
broken off is not."""

_ASKED_LATELY = timedelta(seconds=UNUSED_SECONDS)
_OF_LATE = timedelta(days=7)
"""Who asked for clips in this time is expected to ask for more."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows say: announced streams that are not over, who follows their coins and those
    that have a ring, which clips were asked for, and whose rings are others' to hold."""

    streams: Sequence[Stream]
    following: Mapping[str, Sequence[Follower]]
    asked: Sequence[Asked]
    elsewhere: frozenset[str]

    def is_unwanted(self, mint: str) -> bool:
        """Whether all who follow it have switched it off."""
        return {one.choice for one in self.following.get(mint, ())} == {RingChoice.OFF}

    @property
    def on_air(self) -> dict[str, int]:
        """Coins that somebody follows and that are on air now, not paused, and ours to hold; with
        their streams."""
        return {
            one.mint: one.id
            for one in self.streams
            if one.broadcast.state is StreamState.LIVE
            and one.mint in self.following
            and one.mint not in self.elsewhere
        }


class RingKeeper:
    """`run` it for as long as the service lives; what it holds is left to `Captures` then.

    `places`: how many captures there may be, rings among them; where `is_strict`, so many rings
    whatever else is captured. `seconds` is what a ring has, for people. `on_unwanted` is told of
    a coin of which everybody has switched it off. `claims`: whose a ring is, where there are
    several nodes.
    """

    def __init__(
        self,
        *,
        store: Store,
        captures: Captures,
        clock: Clock,
        notifier: Notifier,
        health: Health,
        metrics: Metrics,
        places: int,
        is_strict: bool,
        seconds: float,
        on_unwanted: Callable[[str], None],
        claims: RingClaims,
    ) -> None:
        self._store = store
        self._captures = captures
        self._clock = clock
        self._notifier = notifier
        self._part = health.part("replay")
        self._places = places
        self._is_strict = is_strict
        self._seconds = seconds
        self._on_unwanted = on_unwanted
        self._claims = claims
        self._held: frozenset[str] = frozenset()
        self._failing = FailingRings(clock)
        metrics.rings.set_function(lambda: len(self._at_work()))
        metrics.ring_places.set(places)
        metrics.ring_seconds.set_function(self._seconds_at_hand)

    async def run(self) -> None:
        """Until cancelled. Raises StoreError; rings stay as they are then."""
        with self._notifier.listening(STREAMS, JOBS) as hint:
            while True:
                hint.clear()
                await heard(hint, self._clock, await self.look())

    async def leave(self) -> None:
        """Once `run` and all clips have ended: other nodes may have what it held, and make the
        clips that wait for that, at once."""
        try:
            await self._claims.leave()
        except StoreError as error:
            _log.warning("others have our rings only when their terms are over: %s", error)
            return
        for topic in (STREAMS, JOBS):
            self._notifier.notify(topic)

    async def look(self) -> float:
        """See to it that the right coins have a ring; when to look again, in seconds. Raises
        StoreError."""
        elsewhere, lost = await self._claims.look(self._at_hand())
        for mint in lost:
            self._captures.hold(mint, Hold.NOT)
        known = await self._read(elsewhere)
        self._failing.look(self._captures.all, known.on_air, known.asked)
        wanted = choose(
            self._candidates(known), self._rings(known), self._places, self._others(), elsewhere
        )
        on_air, held = known.on_air, self._at_hand().keys()
        given = await self._claims.give_away(self._failing_here(on_air))
        chosen = [mint for mint in wanted if mint in held and mint not in given]
        others = [mint for mint in wanted if mint not in held]
        taken, pause = await self._claims.take(others, len(chosen), self._places)
        chosen += taken
        for mint in chosen:
            hold = Hold.HELD if mint in on_air else Hold.RETAINED
            self._captures.hold(mint, hold, on_air.get(mint))
        gone = [mint for mint in held if mint not in chosen]
        for mint in gone:
            self._captures.hold(mint, Hold.NOT)
            if known.is_unwanted(mint):
                self._on_unwanted(mint)
        await self._claims.release(gone)
        self._tell(frozenset(chosen), wanted=on_air.keys() & set(chosen))
        return max(LEAST_SECONDS, min(LOOK_SECONDS, pause, self._claims.next_look))

    def _at_hand(self) -> dict[str, Window | None]:
        """What each of our rings has."""
        every = self._captures.all
        return {one.mint: self._captures.at_hand(one.mint) for one in every if one.is_held}

    def _failing_here(self, on_air: Collection[str]) -> list[str]:
        """Our rings that have nothing, and get nothing, of coins that are on air."""
        return [
            one.mint
            for one in self._captures.all
            if one.is_held
            and one.mint in on_air
            and one.failing_for >= _FAILING_SECONDS
            and self._captures.at_hand(one.mint) is None
        ]

    async def _read(self, elsewhere: frozenset[str]) -> _Known:
        clock = self._clock
        async with self._store.read() as unit:
            is_open = await unit.streams.open()
            streams = [one for one in is_open.values() if one.broadcast.announced_at is not None]
            asked = await unit.ring_candidates.asked_since(clock.before(_ASKED_LATELY))
            held = [one.mint for one in self._captures.all if one.is_held]
            mints = {*held, *(one.mint for one in streams)}
            following = (
                await unit.ring_candidates.following(mints, clock.before(_OF_LATE)) if mints else {}
            )
        return _Known(streams, following, asked, elsewhere)

    def _candidates(self, known: _Known) -> list[Candidate]:
        """A stream that has paused counts only while its room lasts. Of a coin that nobody follows
        nobody looks whether it is live: while something is recorded of it, it is."""
        age = self._clock.moment().age
        at_work = {shared.mint for shared in self._captures.all if shared.is_at_work}
        recorded = at_work | known.elsewhere
        followed = known.on_air.keys() | (recorded & known.following.keys())
        unfollowed = recorded - {stream.mint for stream in known.streams}
        live_for, wishes = dict[str, float](), defaultdict[str, list[Wish]](list)
        for stream in known.streams:
            if stream.mint in followed and (announced_at := stream.broadcast.announced_at):
                live_for[stream.mint] = age(announced_at).least.total_seconds()
        for mint, followers in known.following.items():
            wishes[mint] += [
                Wish(one.place_id, one.choice, None, one.makes_clips) for one in followers
            ]
        for one in known.asked:
            asked_ago = age(one.at).most.total_seconds()
            wishes[one.mint].append(Wish(one.place_id, one.choice, asked_ago))
            if one.mint in unfollowed:
                live_for[one.mint] = asked_ago
        return [
            Candidate(mint, seconds, tuple(wishes[mint]), is_failing=mint in self._failing)
            for mint, seconds in live_for.items()
            if not known.is_unwanted(mint)
        ]

    def _rings(self, known: _Known) -> list[HeldRing]:
        now, asked = self._clock.monotonic(), {one.mint for one in known.asked}
        wanted = asked.union(known.following)
        return [
            HeldRing(
                shared.mint,
                now - shared.used_at,
                None if shared.over_at is None else now - shared.over_at,
            )
            for shared in self._captures.all
            if shared.is_held and shared.mint in wanted and not known.is_unwanted(shared.mint)
        ]

    def _others(self) -> frozenset[str]:
        if self._is_strict:
            return frozenset()
        every = self._captures.all
        return frozenset(one.mint for one in every if one.is_at_work and not one.is_held)

    def _tell(self, held: frozenset[str], wanted: set[str]) -> None:
        for mint in held - self._held:
            _log.info("the last %g s of %s are kept from now on", self._seconds, mint)
        for mint in self._held - held:
            _log.info("nothing more is kept of %s", mint)
        self._held = held
        self._tell_health(wanted)

    def _tell_health(self, wanted: set[str]) -> None:
        failing = [
            one.trouble
            for one in self._captures.all
            if one.mint in wanted and not one.is_at_work and one.failing_for >= _FAILING_SECONDS
        ]
        if failing:
            self._part.bad(
                texts.health.rings_fail(len(failing), len(wanted), reason_of(failing[0]))
            )
            return
        kept = len(self._at_work())
        self._part.good(texts.health.rings_kept(kept, max(len(wanted), kept), self._seconds))

    def _at_work(self) -> list[SharedCapture]:
        """Those of which something comes."""
        every = self._captures.all
        return [one for one in every if one.is_held and one.is_at_work and one.has() is not None]

    def _seconds_at_hand(self) -> float:
        spans = filter(None, (one.has() for one in self._at_work()))
        return sum(min(self._seconds, span.seconds) for span in spans)
