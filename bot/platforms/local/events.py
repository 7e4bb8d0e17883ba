"""The page's events as a stream: from where a reader was, without a gap."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass

from bot.kit.notifier import PAGE, Notifier, heard
from bot.kit.timing.clock import Clock
from bot.platforms.local.render import event_json
from bot.store import Store

HEARTBEAT_SECONDS = 15.0
"""A comment so often: proxies close what is silent, and a reader that is gone is noticed."""

MOST_READERS = 100
"""Each open page is one. Nobody has so many; a program that opens ever more gets no more."""

_BATCH = 100
_RETRY = b"retry: 1000\n\n"
_LONGEST_ID = 18
_HEARTBEAT = b": still here\n\n"


@dataclass(frozen=True, slots=True)
class Start:
    """The last event that a reader has. `is_gap`: what it missed is no longer kept, and it has to
    read the history anew; so does a reader of another database."""

    cursor: int
    is_gap: bool = False


class Events:
    """What every reader is told. After `close` each stream ends."""

    def __init__(self, store: Store, clock: Clock, notifier: Notifier) -> None:
        self._store = store
        self._clock = clock
        self._notifier = notifier
        self._closed = False
        self._readers = 0

    def close(self) -> None:
        """End every stream, now and from now on."""
        self._closed = True
        self._notifier.notify(PAGE)

    @contextlib.contextmanager
    def seat(self) -> Iterator[bool]:
        """A place among the readers, for as long as one reads; False where all are taken."""
        if self._readers >= MOST_READERS:
            yield False
            return
        self._readers += 1
        try:
            yield True
        finally:
            self._readers -= 1

    async def start(self, last: str | None) -> Start:
        """Where a reader that has seen `last` goes on. Raises StoreError."""
        async with self._store.read() as unit:
            newest = await unit.page.last_event()
            seen = _number(last)
            if seen is None:
                return Start(newest)
            is_gone = seen > newest or seen < await unit.page.last_trimmed_event()
        return Start(newest, is_gap=True) if is_gone else Start(seen)

    async def follow(self, start: Start) -> AsyncGenerator[bytes, None]:
        """Everything after `start`, in the form of server-sent events. Raises StoreError."""
        cursor = start.cursor
        yield _reset(cursor) if start.is_gap else _RETRY
        told_at = self._clock.monotonic()
        with self._notifier.listening(PAGE) as woken:
            while not self._closed:
                woken.clear()
                async with self._store.read() as unit:
                    events = await unit.page.events_after(cursor, _BATCH)
                for event in events:
                    cursor = event.id
                    yield _event(event.id, json.dumps(event_json(event)))
                silence = self._clock.monotonic() - told_at
                if events:
                    told_at = self._clock.monotonic()
                elif not await heard(woken, self._clock, HEARTBEAT_SECONDS - silence):
                    told_at = self._clock.monotonic()
                    yield _HEARTBEAT


def _event(event_id: int, data: str) -> bytes:
    return f"id: {event_id}\ndata: {data}\n\n".encode()


def _reset(event_id: int) -> bytes:
    return f"event: reset\nid: {event_id}\ndata: {{}}\n\n".encode()


def _number(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > _LONGEST_ID:
        return None
    return int(text)
