"""A hint that there is something to look at. Never the truth: who is notified looks at the rows."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator

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

    def notify(self, topic: str) -> None:
        """Notify whoever waits for `topic`. Call it after the commit."""
        for event in self._waiters.get(topic, ()):
            event.set()

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
