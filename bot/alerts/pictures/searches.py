"""Searches for pictures of streams: one for each stream, shared by all who show its alert.

The first search of a stream goes on for as long as the stream is open and nothing was found; where
that is old, for a minute more. What it finds late comes by an edit, where somebody was shown the
alert without it. A later search, for a newer picture than the
one that is kept, is made once, when somebody asks; the old one is there meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from bot.alerts.pictures.newest import OLD
from bot.errors import StoreError
from bot.kit.leadership import without_lease
from bot.kit.notifier import DELIVERIES, heard
from bot.model import Priority, Stream, StreamState

if TYPE_CHECKING:
    from bot.kit.notifier import Notifier
    from bot.kit.tasks import Tasks
    from bot.kit.timing.clock import Clock
    from bot.store import Store, Unit

_log = logging.getLogger(__name__)

PATIENCE = 3.0
"""Seconds that whoever shows an alert waits, from when a search began."""

_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 300.0
_LONGEST_FOR_OLD = 40.0
"""Seconds between two tries, the longest where an old one is there: the site begins to serve a
recording about 20 s after a stream began."""
_AGAIN_SECONDS = 300.0
"""Where nothing newer was found, it is not looked for again so soon."""
_MOST_FOUND = 64


class Dated(Protocol):
    """What was found, and the instant that it shows; None: nobody knows."""

    @property
    def shows_at(self) -> datetime | None: ...


K = TypeVar("K", bound=Dated)


class Kind(Protocol[K]):
    """Which pictures are looked for, and where they are kept. All raise StoreError."""

    async def kept(self, stream: Stream) -> K | None: ...
    async def find(
        self, stream: Stream, than: K | None, take: Callable[[K], Awaitable[None]]
    ) -> None: ...
    async def keep(self, unit: Unit, stream_id: int, kept: K) -> None: ...


_Named = tuple[str | None, datetime | None]


@dataclass(slots=True)
class _Search(Generic[K]):
    """Whoever shows an alert waits for its next try until `until` at most; `tried` is set after
    that try. `missed`: somebody was shown the alert without what it may find yet; `missing` are the
    deliveries of those, where it is not for all. `is_first`: when it began, nothing was kept; None:
    nobody knows yet. `ended`: when it did; it is kept for whoever has read the stream's row before.

    `named` is what the site named when it was tried last, and of when that is; `news` is set when
    it names another.
    """

    until: float
    named: _Named = (None, None)
    missed: bool = False
    missing: set[int] = field(default_factory=set)
    found: K | None = None
    is_first: bool | None = None
    ended: float | None = None
    tried: asyncio.Event = field(default_factory=asyncio.Event)
    news: asyncio.Event = field(default_factory=asyncio.Event)


class StreamSearches(Generic[K]):
    """For one loop. Its tasks are in `tasks`, named by `name`; who owns those ends them."""

    def __init__(
        self, name: str, kind: Kind[K], store: Store, clock: Clock, notifier: Notifier, tasks: Tasks
    ) -> None:
        self._name = name
        self._kind = kind
        self._store = store
        self._clock = clock
        self._notifier = notifier
        self._tasks = tasks
        self._searches: dict[int, _Search[K]] = {}

    def prepare(
        self,
        streams: Iterable[Stream],
        *,
        missed: bool = False,
        missing: Mapping[int, Collection[int]] = MappingProxyType({}),
    ) -> None:
        """Begin to look, all at the same time. `missed`: their alerts may be out without it;
        `missing`: these may be, by stream."""
        for stream in streams:
            search = self._search(stream)
            search.missed = search.missed or missed
            search.missing.update(missing.get(stream.id, ()))

    async def for_first(
        self, stream: Stream, old: timedelta, delivery_id: int | None = None
    ) -> K | None:
        """What a first showing has. Where nothing is kept, or that is `old`, it waits up to 3 s
        from when that was first looked for. `delivery_id`: what comes later is for that one, and
        for others that say so; else it is for all alerts of the stream."""
        kept = await self._kind.kept(stream)
        if kept is not None and not self._is_old(stream, kept, old):
            return kept
        search = self._search(stream)
        await self._wait_for(search)
        if search.ended is None:
            _miss(search, delivery_id)
        return search.found or kept

    async def for_change(
        self, stream: Stream, old: timedelta, delivery_id: int | None = None
    ) -> K | None:
        """What an edit has. Of what is on air, a kept one that is `old` is replaced; where none is
        kept, it waits only if the site has just named a picture of the stream."""
        kept, broadcast = await self._kind.kept(stream), stream.broadcast
        if broadcast.state is StreamState.ENDED:
            return kept
        if kept is not None:
            if broadcast.state is not StreamState.LIVE or not self._is_old(stream, kept, old):
                return kept
            search = self._search(stream)
            await self._wait_for(search)
            return search.found or kept
        search = self._search(stream)
        if broadcast.thumbnail is not None:
            await self._wait_for(search)
        if search.found is None:
            _miss(search, delivery_id)
        return search.found

    async def _wait_for(self, search: _Search[K]) -> None:
        """Until its next try is done, or patience ends."""
        await heard(search.tried, self._clock, search.until - self._clock.monotonic())

    def _is_old(self, stream: Stream, kept: K, old: timedelta) -> bool:
        """What shows nobody knows when was there when the stream was announced, at least."""
        broadcast = stream.broadcast
        shows_at = kept.shows_at or broadcast.announced_at or broadcast.first_seen_at
        return self._clock.age(shows_at).least > old

    def _search(self, stream: Stream) -> _Search[K]:
        """The one that runs, or has ended a moment ago and knows all that the site names; else a
        new one."""
        search, now = self._searches.get(stream.id), self._clock.monotonic()
        named = stream.broadcast.thumbnail, stream.broadcast.thumbnail_updated_at
        is_news = search is not None and named[0] is not None and named != search.named
        if search is None or (
            search.ended is not None and (is_news or now - search.ended > _AGAIN_SECONDS)
        ):
            self._forget_some()
            search = self._searches[stream.id] = _Search(now + PATIENCE, named)
            with without_lease():  # whoever sends by another lease waits for it, too
                self._tasks.start(self._run(search, stream), f"{self._name}-{stream.id}")
        elif is_news and search.ended is None:
            search.named = named
            search.until = now + PATIENCE
            search.tried.clear()
            search.news.set()
        return search

    def _forget_some(self) -> None:
        """Of what has ended: by now what was found stands in the streams' rows."""
        ended = [id_ for id_, search in self._searches.items() if search.ended is not None]
        for stream_id in ended[:-_MOST_FOUND]:
            del self._searches[stream_id]

    async def _run(self, search: _Search[K], stream: Stream) -> None:
        try:
            await self._run_while_open(search, stream)
            search.ended = self._clock.monotonic()
        finally:
            search.tried.set()
            if search.ended is None:
                self._searches.pop(stream.id, None)

    async def _run_while_open(self, search: _Search[K], stream: Stream) -> None:
        pause = _FIRST_PAUSE
        while not await self._try(search, stream.id, pause):
            if not search.news.is_set():
                search.tried.set()
            if await heard(search.news, self._clock, pause):
                pause = _FIRST_PAUSE
            else:
                pause = min(2 * pause, _LONGEST_PAUSE)
            search.news.clear()

    async def _try(self, search: _Search[K], stream_id: int, pause: float) -> bool:
        """Whether that was the last one. What the database fails is tried again."""
        try:
            async with self._store.read() as unit:
                stream = await unit.streams.get(stream_id)
            if stream is None or stream.broadcast.state is StreamState.ENDED:
                return True
            kept = await self._kind.kept(stream)
            if search.is_first is None:
                search.is_first = kept is None
            if search.is_first and search.found is None and kept is not None:
                await self._take(search, stream, kept, is_kept=True)  # another node has found it
            await self._look(search, stream, kept)
        except StoreError as error:
            _log.warning("a try to find a stream's picture broke off: %s", error)
            return False
        return not search.is_first or self._is_enough(search, stream, pause)

    def _is_enough(self, search: _Search[K], stream: Stream, pause: float) -> bool:
        found = search.found
        if found is None:
            return False
        return pause > _LONGEST_FOR_OLD or not self._is_old(stream, found, OLD)

    async def _look(self, search: _Search[K], stream: Stream, kept: K | None) -> None:
        async def take(found: K) -> None:
            await self._take(search, stream, found)

        await self._kind.find(stream, kept, take)

    async def _take(
        self, search: _Search[K], stream: Stream, found: K, *, is_kept: bool = False
    ) -> None:
        # Whoever comes from now on has it, and whoever lost patience before is told of it.
        before, search.found = search.found, found
        try:
            async with self._store.write() as unit:
                if not is_kept:
                    await self._kind.keep(unit, stream.id, found)
                await self._tell(unit, search, stream)
        except StoreError:
            search.found = before
            raise
        if search.missed or search.missing:
            self._notifier.notify(DELIVERIES)

    async def _tell(self, unit: Unit, search: _Search[K], stream: Stream) -> None:
        """Owe it to those who were shown the alert without it."""
        now = self._clock.now()
        if search.missed:
            await unit.deliveries.raise_wanted(stream.id, now, Priority.CHANGE)
        else:
            await unit.deliveries.raise_many(frozenset(search.missing), now, Priority.CHANGE)


def _miss(search: _Search[K], delivery_id: int | None) -> None:
    if delivery_id is None:
        search.missed = True
    else:
        search.missing.add(delivery_id)
