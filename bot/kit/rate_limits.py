"""The rate limits of one token: how much may go out, to whom, and in which order.

A platform allows so much a second over all, so much to one target, and so much to one place a
minute; a target that was told to wait sleeps alone. Replies go before broadcasts, but never take
all of what may go out: whoever has many chats answered would else hold up everybody's alerts.

Whoever sends takes a turn first: the dispatcher for what it delivers, a platform for its replies.
A `Sender` takes none itself, so that nothing is counted twice.
"""

from __future__ import annotations

import contextlib
import math
from collections import Counter, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Self

from bot.kit.bounded_dict import BoundedDict
from bot.kit.timing.clock import Clock

SECOND = -1
"""The priority of one more request for what has had its turn: before everything, since it holds a
slot meanwhile."""

REPLY = 0
"""The priority of an answer to somebody who waits: before every delivery."""

_REPLIES_SHARE = 0.6
"""Of what may go out over all, replies get so much; alerts and clips have the rest at least."""

_MINUTE = 60.0
_TINY = 1e-9
_KEPT = 4096


@dataclass(slots=True)
class _Bucket:
    """`burst` at once, then one every `interval` seconds. Unlimited where `interval` is 0.

    Kept as the time at which it will be full again, so that a late taker loses nothing
    (the generic cell rate algorithm).
    """

    interval: float
    burst: int = 1
    full_at: float = -math.inf

    def wait(self, now: float, count: int = 1) -> float:
        """Seconds until `count` could be taken, if nobody else takes any."""
        return max(0.0, max(now, self.full_at) + (count - self.burst) * self.interval - now)

    def free(self, now: float, most: int, within: float) -> int:
        """How many could be taken within so many seconds, at most `most`."""
        if self.interval <= 0:
            return most
        spare = within - max(0.0, self.full_at - now)
        return max(0, min(most, self.burst + math.floor(spare / self.interval + _TINY)))

    def take(self, now: float) -> None:
        self.full_at = max(now, self.full_at) + self.interval


@dataclass(frozen=True, eq=False, slots=True)
class _Ticket:
    """Somebody who waits for a turn. Who goes first has the lower `key`: priority, rank, number."""

    key: tuple[int, int, int]
    target_id: int
    place_id: int

    @property
    def is_reply(self) -> bool:
        return self.key[0] == REPLY


class RateLimits:
    """The limits of one token, shared by all that it sends. For one loop; nothing is persisted.

    `per_second` over all, `burst` of them at once; None is unlimited. `per_target_seconds` lie
    between two to the same target (`target_burst` at once). `per_place_minute` go to one place
    in any 60 seconds. A burst of 1 loses what the machine oversleeps: give it 2 or more.

    `by_place`: `per_target_seconds` lie between two to the same place, whichever of its targets.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        per_second: float | None = None,
        burst: int = 1,
        per_target_seconds: float = 0.0,
        target_burst: int = 1,
        per_place_minute: int | None = None,
        by_place: bool = False,
    ) -> None:
        self._clock = clock
        interval = 1 / per_second if per_second else 0.0
        self._all = _Bucket(interval, burst)
        self._replies = _Bucket(interval / _REPLIES_SHARE, burst)
        self._per_target = per_target_seconds
        self._target_burst = target_burst
        self._per_place = per_place_minute
        self._by_place = by_place
        self._unrationed: BoundedDict[int, None] = BoundedDict(_KEPT)
        self._targets: dict[int, _Bucket] = {}
        self._places: dict[int, deque[float]] = {}
        self._asleep: dict[int, float] = {}
        self._all_asleep_until = -math.inf
        self._waiting: set[_Ticket] = set()
        self._number = 0

    @classmethod
    def unlimited(cls, clock: Clock) -> Self:
        """Those of a platform that sets none; a target can still be put to sleep."""
        return cls(clock)

    @contextlib.asynccontextmanager
    async def turn(self, target_id: int, place_id: int, priority: int) -> AsyncIterator[None]:
        """Wait until a request may go to the target; make exactly one inside.

        Lower priorities go first; of replies those to places that had few lately; then who came
        first. Those who wait for their own target or place hold up nobody.
        """
        self._number += 1
        rank = self._rank(place_id) if priority == REPLY else 0
        await self._admitted(_Ticket((priority, rank, self._number), target_id, place_id))
        yield

    def free(self, most: int, within: float = 0.0) -> int:
        """How many more turns somebody new could have within so many seconds, at most `most`."""
        now = self._clock.monotonic()
        if self._all_asleep_until > now + within:
            return 0
        ahead = self._ahead(now, within)
        return max(0, self._all.free(now, most + ahead, within) - ahead)

    def own_wait(self, target_id: int, place_id: int) -> float:
        """Seconds until the target could be written to, were it the only one."""
        return self._own_wait(target_id, place_id, self._clock.monotonic())

    def delay(self, within: float = 0.0) -> float:
        """Seconds until somebody new could have a turn, whoever it is for, after those who can go
        within so many seconds."""
        now = self._clock.monotonic()
        wait = self._all.wait(now, self._ahead(now, within) + 1)
        return max(self._all_asleep_until - now, wait, 0.0)

    def left(self, place_id: int) -> int | None:
        """How many more may go to the place before its minute is full; None: as many as you
        like."""
        if self._per_place is None or place_id in self._unrationed:
            return None
        return self._per_place - self._lately(place_id)

    def unration(self, place_id: int) -> None:
        """This place may be sent more than `per_place_minute`. To be said again now and then: only
        the newest are kept, so that memory stays bounded."""
        self._unrationed.put(place_id, None)
        self._places.pop(place_id, None)

    def sleep_target(self, target_id: int, seconds: float) -> None:
        """The platform asked to leave this one alone for so long."""
        until = self._clock.monotonic() + seconds
        self._asleep[target_id] = max(self._asleep.get(target_id, until), until)

    def sleep_all(self, seconds: float) -> None:
        """The platform asked to be left alone for so long."""
        until = self._clock.monotonic() + seconds
        self._all_asleep_until = max(self._all_asleep_until, until)

    def asleep(self, target_id: int) -> float:
        """Seconds that the target still sleeps; 0.0 if it is awake."""
        until = max(self._asleep.get(target_id, -math.inf), self._all_asleep_until)
        return max(0.0, until - self._clock.monotonic())

    def _rank(self, place_id: int) -> int:
        """How many went to that place within a minute, or wait for it: whoever asks in a hundred
        places at once keeps nobody waiting who asks now and then."""
        waiting = sum(ticket.place_id == place_id for ticket in self._waiting)
        return waiting + self._lately(place_id)

    def _lately(self, place_id: int) -> int:
        """How many went to that place within a minute."""
        begun = self._clock.monotonic() - _MINUTE
        return sum(at > begun for at in self._places.get(place_id, ()))

    def _ahead(self, now: float, within: float) -> int:
        """How many of those who wait could go within so many seconds; not those who wait for their
        own target or place, who may be many and hold up nobody."""
        asked: Counter[int] = Counter()
        ready = list[_Ticket]()
        for ticket in self._waiting:
            if self.asleep(ticket.target_id) > within:
                continue
            spaced = self._spaced(ticket)
            asked[spaced] += 1
            own = self._own_wait(ticket.target_id, ticket.place_id, now, asked[spaced])
            if own <= within + _TINY:
                ready.append(ticket)
        return self._going(ready, now, within)

    def _going(self, ready: list[_Ticket], now: float, within: float = 0.0) -> int:
        """How many of those go within so many seconds that only the overall rate holds up: of
        replies, no more than their share."""
        replies = sum(ticket.is_reply for ticket in ready)
        return len(ready) - replies + self._replies.free(now, replies, within)

    async def _admitted(self, ticket: _Ticket) -> None:
        self._waiting.add(ticket)
        try:
            while (delay := self._wait_of(ticket)) > _TINY:
                await self._clock.sleep(delay)
        finally:
            self._waiting.discard(ticket)
        self._take(ticket)

    def _wait_of(self, ticket: _Ticket) -> float:
        """Exact where it is 0; else a guess, after which it is asked again."""
        now = self._clock.monotonic()
        key = ticket.key
        before = [other for other in self._waiting if other.key < key]
        rivals = sum(1 for other in before if self._is_rival(other, ticket))
        own = self._own_wait(ticket.target_id, ticket.place_id, now, rivals + 1)
        ready = [other for other in before if self._is_ready(other, now)]
        if ticket.is_reply:
            replies = sum(other.is_reply for other in ready)
            own = max(own, self._replies.wait(now, replies + 1))
        return max(own, self._all.wait(now, self._going(ready, now) + 1))

    def _is_rival(self, other: _Ticket, ticket: _Ticket) -> bool:
        """It goes first, and takes of the same limit; one that sleeps takes nothing."""
        shares_limit = self._spaced(other) == self._spaced(ticket)
        return shares_limit and self.asleep(other.target_id) <= _TINY

    def _spaced(self, ticket: _Ticket) -> int:
        return ticket.place_id if self._by_place else ticket.target_id

    def _is_ready(self, ticket: _Ticket, now: float) -> bool:
        """Whether only the overall rate holds it up. Asked of all who wait, by each of them."""
        if self._all_asleep_until > now + _TINY:
            return False
        if not (
            ticket.target_id in self._asleep
            or self._spaced(ticket) in self._targets
            or ticket.place_id in self._places
        ):
            return True
        return self._own_wait(ticket.target_id, ticket.place_id, now) <= _TINY

    def _own_wait(self, target_id: int, place_id: int, now: float, count: int = 1) -> float:
        """Seconds until so many could go to the target, one after another."""
        until = max(self._asleep.get(target_id, now), self._all_asleep_until)
        bucket = self._targets.get(place_id if self._by_place else target_id, self._fresh())
        return max(until - now, bucket.wait(now, count), self._place_wait(place_id, now))

    def _fresh(self) -> _Bucket:
        return _Bucket(self._per_target, self._target_burst)

    def _place_wait(self, place_id: int, now: float) -> float:
        recent = self._places.get(place_id)
        if self._per_place is None or recent is None or len(recent) < self._per_place:
            return 0.0
        return max(0.0, recent[0] + _MINUTE - now)

    def _take(self, ticket: _Ticket) -> None:
        now = self._clock.monotonic()
        self._all.take(now)
        if ticket.is_reply:
            self._replies.take(now)
        if self._per_target > 0:
            self._targets.setdefault(self._spaced(ticket), self._fresh()).take(now)
        if self._per_place is not None and ticket.place_id not in self._unrationed:
            fresh_place: deque[float] = deque(maxlen=self._per_place)
            self._places.setdefault(ticket.place_id, fresh_place).append(now)
        if self._number % _KEPT == 0:
            self._forget(now)

    def _forget(self, now: float) -> None:
        """What no longer limits anybody is dropped now and then, so that memory stays bounded."""
        self._targets = {k: b for k, b in self._targets.items() if b.full_at > now}
        self._places = {k: d for k, d in self._places.items() if d[-1] + _MINUTE > now}
        self._asleep = {k: until for k, until in self._asleep.items() if until > now}
