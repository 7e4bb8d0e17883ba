"""What is notified on one node is heard on all: hints only, as a `Notifier` gives them.

A hint may be lost: while the link is down, and where a node dies between a commit and its hint. So
whoever waits is woken every five seconds, whatever else happens, and after each gap at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import TYPE_CHECKING, Self

from bot import texts
from bot.errors import StoreError
from bot.kit.backoff import Backoff
from bot.kit.error_text import reason
from bot.kit.notifier import heard
from bot.kit.tasks import cancel_and_wait, first_to_end, spawn
from bot.store import MOST_NEWS_BYTES

if TYPE_CHECKING:
    from bot.kit.health import Part
    from bot.kit.notifier import Notifier
    from bot.kit.timing.clock import Clock
    from bot.store import NodeLink, Store

_log = logging.getLogger(__name__)

WAKE_SECONDS = 5.0
"""So long a hint that was lost holds anybody up, at most."""

_CHECK_SECONDS = 3.0
_GAP_SECONDS = 0.05
"""Between two texts: what is notified meanwhile goes out as one."""
_SILENT_SECONDS = 30.0
_FIRST_RETRY, _LONGEST_RETRY = 0.5, 5.0
_STEADY_SECONDS = 60.0
_LAST_SECONDS = 1.0
_MOST_TOPICS = 100
_ALL = "*"
"""In place of topics that are too many."""


class Relay:
    """`async with Relay(…)`: meanwhile `notifier` hears what the other nodes notify, and they what
    it does. `worker_id` names this start of this node. `part` tells whether the link works."""

    def __init__(
        self, *, store: Store, clock: Clock, notifier: Notifier, worker_id: str, part: Part
    ) -> None:
        self._store = store
        self._clock = clock
        self._notifier = notifier
        self._worker_id = worker_id
        self._part = part
        self._topics: set[str] = set()
        self._news = asyncio.Event()
        self._is_linked = False
        self._is_closing = False
        self._open = contextlib.ExitStack()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    async def __aenter__(self) -> Self:
        self._part.expect(_SILENT_SECONDS, texts.health.silent("notifications"))
        self._tasks = (
            spawn(self._keep_linked(), "relay"),
            spawn(self._keep_waking(), "relay-wakes"),
        )
        self._open.enter_context(self._notifier.relaying(self._note))
        return self

    async def __aexit__(self, *_: object) -> None:
        """What was notified just now is told, where that takes no time: a lease that was given
        back is another's at once."""
        self._open.close()
        self._is_closing = True
        self._news.set()
        try:
            if self._is_linked:
                await first_to_end(self._tasks[0], seconds=_LAST_SECONDS)
        finally:
            await cancel_and_wait(*self._tasks)

    def _note(self, topic: str) -> None:
        if len(self._topics) >= _MOST_TOPICS:
            self._topics = {_ALL}
        self._topics.add(topic)
        self._news.set()

    async def _keep_waking(self) -> None:
        while True:
            await self._clock.sleep(WAKE_SECONDS)
            self._notifier.wake_all()

    async def _keep_linked(self) -> None:
        backoff = Backoff(
            self._clock, first=_FIRST_RETRY, longest=_LONGEST_RETRY, steady=_STEADY_SECONDS
        )
        while not self._is_closing:
            backoff.begin()
            try:
                async with self._store.node_link(self._hear, self._news.set) as link:
                    await self._use(link)
            except StoreError as error:
                self._part.bad(texts.health.nodes_heard_late(reason(error), WAKE_SECONDS))
                await backoff.wait()

    async def _use(self, link: NodeLink) -> None:
        """Until it breaks, or all is told that was to be told at the end."""
        self._is_linked = True
        try:
            self._notifier.wake_all()  # for what was told while nobody listened
            while True:
                self._news.clear()
                await self._tell(link)
                self._part.good(texts.health.NODES_HEARD)
                if self._is_closing and not self._topics:
                    return
                await heard(self._news, self._clock, _CHECK_SECONDS)
        finally:
            self._is_linked = False

    async def _tell(self, link: NodeLink) -> None:
        topics, self._topics = self._topics, set()
        try:
            await link.tell(_encode(self._worker_id, topics) if topics else None)
        except StoreError:
            self._topics |= topics
            raise
        if topics and not self._is_closing:
            await self._clock.sleep(_GAP_SECONDS)

    def _hear(self, text: str) -> None:
        worker_id, topics = _decode(text)
        if worker_id == self._worker_id:
            return
        if _ALL in topics:
            self._notifier.wake_all()
        for topic in topics:
            self._notifier.wake(topic)


def _encode(worker_id: str, topics: set[str]) -> str:
    """Pure. As ASCII, of which a character is a byte."""
    text = json.dumps([worker_id, *sorted(topics)], separators=(",", ":"))
    return text if len(text) <= MOST_NEWS_BYTES else json.dumps([worker_id, _ALL])


def _decode(text: str) -> tuple[str, list[str]]:
    """Who told it, and the topics. Pure. What others write there, or a later version, is worth a
    look at everything."""
    try:
        worker_id, *topics = map(str, json.loads(text))
    except (ValueError, TypeError, RecursionError):
        _log.debug("not understood: %.100s", text)
        return "", [_ALL]
    return worker_id, topics
