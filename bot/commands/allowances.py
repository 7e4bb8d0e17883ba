"""How much one person, one place and all together may take: everybody gets a turn.

Questions to pump.fun: the site allows only so many, and one person's must not take the time of
everybody else's, nor of alerts. Clips that wait: nobody may fill the queue that all share.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot import texts
from bot.commands.limits import Limits
from bot.commands.ports import Request
from bot.errors import Refused
from bot.kit.timing.clock import Clock
from bot.model import Person

if TYPE_CHECKING:
    from bot.store import Unit

_MOST_KEYS = 1000

Waiting = Sequence[tuple[int, Person]]
"""A place's id and a person for each clip."""


class Allowance:
    """`most` questions in each `seconds`, for each key. Kept in memory: to lose it harms nobody.

    Like all of a loop's, not for threads.
    """

    def __init__(self, clock: Clock, most: int, seconds: float = 60.0) -> None:
        self._clock = clock
        self._most = most
        self._seconds = seconds
        self._asked: dict[Hashable, deque[float]] = {}

    def take(self, key: Hashable, count: int) -> float:
        """0 where `count` more may be asked, which counts them; else how many seconds to wait."""
        wait = self.wait(key, count)
        if wait == 0.0:
            self.add(key, count)
        return wait

    def wait(self, key: Hashable, count: int) -> float:
        """Seconds until `count` more may be asked; 0 also where that is more than is ever allowed,
        once nothing was asked for so long."""
        now = self._clock.monotonic()
        asked = self._recent(key, now)
        too_many = len(asked) + count - self._most
        if not asked or too_many <= 0:
            return 0.0
        last_to_leave = asked[min(too_many, len(asked)) - 1]
        return last_to_leave - (now - self._seconds)  # never 0: each is later than that

    def add(self, key: Hashable, count: int) -> None:
        """So many are asked now."""
        now = self._clock.monotonic()
        self._asked.setdefault(key, deque()).extend([now] * count)
        if len(self._asked) > _MOST_KEYS:
            self._forget(now)

    def used(self, key: Hashable) -> int:
        """How many were asked lately."""
        return len(self._recent(key, self._clock.monotonic()))

    def _recent(self, key: Hashable, now: float) -> deque[float]:
        asked = self._asked.get(key, deque())
        while asked and asked[0] <= now - self._seconds:
            asked.popleft()
        return asked

    def _forget(self, now: float) -> None:
        old = now - self._seconds
        self._asked = {k: asked for k, asked in self._asked.items() if asked and asked[-1] > old}


class Allowances:
    """Of a person over all places, of a place, and of the service. Who asks without a name shares
    one person's with all who do, since one person can have any number of such names."""

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self._person = Allowance(clock, limits.questions_a_minute_person)
        self._place = Allowance(clock, limits.questions_a_minute)
        self._service = Allowance(clock, limits.questions_a_minute_service)
        self._little = limits.questions_a_minute_always

    def take(self, request: Request, count: int) -> None:
        """Count what is about to be asked. Raises Refused where that is too much.

        The operator may ask for all there is, and the service's own limit is for those alone who
        asked for more than a little.
        """
        if request.is_operator or count == 0:
            return
        asker, place = request.asker, (request.address.platform, request.address.place)
        if wait := self._place.wait(place, count):
            raise Refused(texts.commands.asked_too_much(wait))
        if wait := self._person.wait(asker, count):
            anonymous = request.caller.person.is_anonymous
            raise Refused(
                texts.commands.asked_too_much_unnamed(wait)
                if anonymous
                else texts.commands.asked_too_much_by_you(wait)
            )
        wait = self._service.wait(None, count)
        if wait and self._person.used(asker) + count > self._little:
            raise Refused(texts.commands.asked_too_much_by_all(wait))
        for allowance, key in (
            (self._place, place),
            (self._person, asker),
            (self._service, None),
        ):
            allowance.add(key, count)


@dataclass(frozen=True, slots=True)
class LastAsked:
    """When somebody last asked for a clip, and when anybody did in that place."""

    own: datetime | None
    here: datetime | None


async def last_asked(unit: Unit, place_id: int, person: Person) -> LastAsked:
    """As the rows have it."""
    return LastAsked(
        await unit.jobs.last_asked(person_id=person.id),
        await unit.jobs.last_asked(place_id=place_id),
    )


def check_cool_downs(clock: Clock, last: LastAsked, limits: Limits) -> None:
    """Raises Refused where one was asked for a moment ago."""
    _check_cool_down(clock, last.own, limits.per_person_cooldown_seconds, own=True)
    _check_cool_down(clock, last.here, limits.per_place_cooldown_seconds, own=False)


def _check_cool_down(clock: Clock, last: datetime | None, seconds: float, *, own: bool) -> None:
    if last is not None and (left := clock.age(last).left(timedelta(seconds=seconds))):
        raise Refused(texts.clips.cool_down(left.total_seconds(), own=own))


def check_room(waiting: Waiting, place_id: int, person: Person, limits: Limits) -> None:
    """Raises Refused where as many wait already as may: of that person, or of all who have no name;
    of that place; of everybody."""
    if person.is_anonymous:
        unnamed = sum(one.is_anonymous for _, one in waiting)
        if unnamed >= limits.most_waiting_unnamed:
            raise Refused(texts.clips.queue_full_of_unnamed(unnamed))
    own = sum(one.id == person.id for _, one in waiting)
    if own >= limits.most_waiting_person:
        raise Refused(texts.clips.queue_full_of_you(own))
    here = sum(place == place_id for place, _ in waiting)
    if here >= limits.most_waiting_place:
        raise Refused(texts.clips.queue_full_here(here))
    if len(waiting) >= limits.most_waiting:
        raise Refused(texts.clips.queue_full(len(waiting)))
