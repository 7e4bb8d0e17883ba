"""A hint that there is something to look at. Never the truth: who is notified looks at the rows."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator

from bot.kit.tasks import within
from bot.kit.timing.clock import Clock

DELIVERIES = "deliveries"
JOBS = "jobs"
LEASES = "leases"
PAGE = "page"
STREAMS = "streams"


def job_topic(job_id: int) -> str:
    """What is notified when a clip job's row has changed."""
    return f"job:{job_id}"


class Notifier:
    """Topics are names; each waiter is notified once by the next `notify`. One loop only."""

    def __init__(self) -> None:
        self._waiters: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._relay: Callable[[str], None] | None = None

    def notify(self, topic: str) -> None:
        """Notify whoever waits for `topic`, on the other nodes of a cluster too. Call it after the
        commit. Never blocks."""
        self.wake(topic)
        if self._relay is not None:
            self._relay(topic)

    @contextlib.contextmanager
    def afterwards(self) -> Iterator[set[str]]:
        """Notify of the topics that are put into the set, once the transaction within is over.
        Also where it fails: it may be saved all the same, and a hint too many costs nothing."""
        topics: set[str] = set()
        try:
            yield topics
        finally:
            for topic in topics:
                self.notify(topic)

    def wake(self, topic: str) -> None:
        """The same for whoever waits here."""
        for event in self._waiters.get(topic, ()):
            event.set()

    def wake_all(self) -> None:
        """Whoever waits here, for whatever."""
        for topic in self._waiters:
            self.wake(topic)

    @contextlib.contextmanager
    def relaying(self, relay: Callable[[str], None]) -> Iterator[None]:
        """Meanwhile `relay` is told of each `notify`; it may neither raise nor block."""
        self._relay = relay
        try:
            yield
        finally:
            self._relay = None

    @contextlib.contextmanager
    def listening(self, *topics: str) -> Iterator[asyncio.Event]:
        """An event that is set by each `notify` of one of them from now on: clear it, look, then
        wait for it."""
        event = asyncio.Event()
        for topic in topics:
            self._waiters[topic].add(event)
        try:
            yield event
        finally:
            for topic in topics:
                self._waiters[topic].discard(event)
                if not self._waiters[topic]:
                    del self._waiters[topic]


async def heard(event: asyncio.Event, clock: Clock, seconds: float) -> bool:
    """Wait until `event` is set, at most so long; whether it is."""
    if not event.is_set() and seconds > 0:
        with contextlib.suppress(TimeoutError):
            await within(clock, seconds, event.wait())
    return event.is_set()
