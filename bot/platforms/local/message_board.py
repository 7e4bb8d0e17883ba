"""The page's messages: every change is a row and an event in one transaction, and wakes readers."""

from __future__ import annotations

from bot.kit.notifier import PAGE, Notifier
from bot.kit.timing.clock import Clock
from bot.platforms.local.render import with_video_of
from bot.store import Store, Unit

KEPT_MESSAGES = 1000
KEPT_EVENTS = 5000
"""A reader that comes back after more than these is told to read the history anew."""


class MessageBoard:
    """Writes messages. Every method may raise StoreError; then nothing has changed, unless that is
    `in_doubt`.

    So many `messages` and `events` are kept; what is older goes after every `trim_every` changes.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        notifier: Notifier,
        *,
        messages: int = KEPT_MESSAGES,
        events: int = KEPT_EVENTS,
        trim_every: int = 200,
    ) -> None:
        self._store = store
        self.clock = clock
        self._notifier = notifier
        self._kept = (messages, events)
        self._trim_every = trim_every
        self._changes = 0

    async def add(
        self, kind: str, body: str, *, reply_to: str | None = None, nonce: str | None = None
    ) -> str:
        """A new message; its id. The same nonce is the same message, however often it is added."""
        async with self._store.write() as unit:
            message_id, _ = await unit.page.add(kind, reply_to, body, self.clock.now(), nonce)
            await self._now_and_then(unit)
        self._notifier.notify(PAGE)
        return message_id

    async def edit(self, message_id: str, body: str, *, keeps_video: bool = False) -> bool:
        """New content for a message. False: there is no such message (any more)."""
        async with self._store.write() as unit:
            before = await unit.page.get(message_id) if keeps_video else None
            if before is not None:
                body = with_video_of(before, body)
            found = await unit.page.edit(message_id, body, self.clock.now())
            await self._now_and_then(unit)
        self._notifier.notify(PAGE)
        return found

    async def delete(self, message_id: str) -> bool:
        """Take a message away. False: there was none."""
        async with self._store.write() as unit:
            found = await unit.page.delete(message_id, self.clock.now())
        self._notifier.notify(PAGE)
        return found

    async def find(self, nonce: str) -> str | None:
        """The id of the message that was added with that nonce, if it was."""
        async with self._store.read() as unit:
            return await unit.page.find(nonce)

    async def trim(self) -> None:
        """Forget what is older than what is kept."""
        async with self._store.write() as unit:
            await unit.page.trim(*self._kept)

    async def _now_and_then(self, unit: Unit) -> None:
        self._changes += 1
        if self._changes % self._trim_every == 0:
            await unit.page.trim(*self._kept)
