"""Updates that were taken and are not handled yet, kept in the database: the next poll makes
Telegram forget them.

A crash between taking a command and running it would else lose it without a word. After one it is
run again, which may answer it twice; that is all the harm, for every command may come twice.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from telegram import Bot, Update

from bot.errors import StoreError
from bot.kit.tasks import Tasks
from bot.platforms.telegram.addresses import NAME
from bot.platforms.telegram.connection.polling import UNREADABLE
from bot.store import Store, write_timeout

_log = logging.getLogger(__name__)

_STORE_SECONDS = 0.5
"""Who writes the next command waits for this."""

MOST_TRIES = 3
"""Whatever ends the process so often is given up."""


class UpdateInbox:
    """Of one bot, by its number. Where the database does not answer, nothing is kept."""

    def __init__(self, store: Store, bot_id: str) -> None:
        self._store = store
        self._name = f"{NAME}:taken:{bot_id}"
        self._held: dict[int, str] = {}
        self._tries: dict[int, int] = {}
        self._written: str | None = _packed([])
        self._was_read = False
        self._lock = asyncio.Lock()
        self._is_due = False
        """Somebody is about to write what ended."""
        self._tasks = Tasks()

    async def unfinished(self, bot: Bot) -> list[Update]:
        """What the last process did not finish, to be taken before anything else. Nothing at a
        second call: what is kept by then is being handled."""
        if self._was_read:
            return []
        try:
            async with self._store.read() as unit:
                kept = await unit.key_values.get(self._name)
        except StoreError as error:
            _log.warning("it is not known which updates were left unfinished: %s", error)
            return []
        rows = [(tries + 1, text) for tries, text in json.loads(kept or "[]")]
        await self._write(_packed(rows))  # it is being tried now, whatever comes of it
        self._was_read = True
        kept_updates = [(tries, json.loads(text)) for tries, text in rows]
        self._tries = {data["update_id"]: tries for tries, data in kept_updates}
        parsed = [_parse(data, bot) for tries, data in kept_updates if tries <= MOST_TRIES]
        updates = [update for update in parsed if update is not None]
        if rows:
            _log.info("%d of %d unfinished updates are handled now", len(updates), len(rows))
        return updates

    def knows(self, update: Update) -> bool:
        """Whether it was taken before: Telegram may not have been told so."""
        return update.update_id in self._held or update.update_id in self._tries

    def hold(self, update: Update, task: asyncio.Task[None]) -> None:
        """It is being handled until `task` ends."""
        number = update.update_id
        self._held[number] = update.to_json()
        task.add_done_callback(lambda _: self._ended(number, task))

    async def settle(self) -> None:
        """From here on a crash loses nothing of what was held. While it is not known what the last
        process left, nothing is written over it."""
        if not self._was_read:
            self._is_due = False
            return
        async with self._lock:
            self._is_due = False
            rows = [(self._tries.get(number, 0), text) for number, text in self._held.items()]
            await self._write(_packed(rows))

    async def close(self) -> None:
        """To be called when no more is begun, and all has ended. Harmless when done twice."""
        await self._tasks.stop()
        await self.settle()

    def _ended(self, number: int, task: asyncio.Task[None]) -> None:
        """What a stop cut off without telling anybody is left to the next start."""
        if task.cancelled():
            return
        del self._held[number]
        if not self._is_due:  # of many that end together one writes it for all
            self._is_due = True
            self._tasks.start(self.settle(), "telegram-inbox")

    async def _write(self, packed: str) -> None:
        if packed == self._written:
            return
        self._written = None  # whoever is cancelled in the middle does not know
        try:
            with write_timeout(_STORE_SECONDS):
                async with self._store.write() as unit:
                    await unit.key_values.put(self._name, packed)
        except StoreError as error:
            _log.warning("a crash would now lose commands: %s", error)
        else:
            self._written = packed


def _packed(rows: list[tuple[int, str]]) -> str:
    return json.dumps(rows)


def _parse(data: dict[str, Any], bot: Bot) -> Update | None:
    """None: another version of PTB has written it, and this one cannot read it."""
    try:
        return Update.de_json(data, bot)
    except UNREADABLE:
        _log.exception("an unfinished update cannot be read, and is skipped")
        return None
