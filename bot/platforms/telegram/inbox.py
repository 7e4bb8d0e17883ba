"""What was taken and is not done: kept in the database, for the next poll has Telegram forget it.

A crash between taking a command and doing it would else lose it without a word. After one it is
done anew, which may answer it twice; that is all the harm, for every command may come twice.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from telegram import Bot, Update

from bot.errors import StoreError
from bot.kit.tasks import Tasks
from bot.platforms.telegram.spots import NAME
from bot.store import Store

_log = logging.getLogger(__name__)

MOST_TRIES = 3
"""Whatever ends the process so often is left."""


class Inbox:
    """Of one bot, by its number. Where the database does not answer, nothing is kept."""

    def __init__(self, store: Store, bot_id: str) -> None:
        self._store = store
        self._name = f"{NAME}:taken:{bot_id}"
        self._held: dict[int, str] = {}
        self._tries: dict[int, int] = {}
        self._written: str | None = _packed([])
        self._lock = asyncio.Lock()
        self._tasks = Tasks()

    async def left(self, bot: Bot) -> list[Update]:
        """What an earlier life did not get done, to be taken before anything else."""
        try:
            async with self._store.read() as unit:
                kept = await unit.facts.get(self._name)
        except StoreError as error:
            _log.warning("it is not known what was left undone: %s", error)
            return []
        rows = [(tries + 1, text) for tries, text in json.loads(kept or "[]")]
        await self._write(_packed(rows))  # it is being tried now, whatever comes of it
        updates = [(tries, _read(text, bot)) for tries, text in rows if tries <= MOST_TRIES]
        self._tries = {update.update_id: tries for tries, update in updates}
        if rows:
            _log.info("%d of %d updates that were left are done now", len(updates), len(rows))
        return [update for _, update in updates]

    def knows(self, update: Update) -> bool:
        """Whether it was taken before: Telegram may not have heard of that."""
        return update.update_id in self._held or update.update_id in self._tries

    def hold(self, update: Update, work: asyncio.Task[None]) -> None:
        """It is being done, until `work` ends."""
        number = update.update_id
        self._held[number] = update.to_json()
        work.add_done_callback(lambda _: self._done(number))

    async def settle(self) -> None:
        """From here on a crash loses nothing of what was held."""
        async with self._lock:
            rows = [(self._tries.get(number, 0), text) for number, text in self._held.items()]
            await self._write(_packed(rows))

    async def close(self) -> None:
        """All is done, or was told that it will not be. Harmless when done twice."""
        await self._tasks.stop()
        await self.settle()

    def _done(self, number: int) -> None:
        del self._held[number]
        self._tasks.start(self.settle(), "telegram-inbox")

    async def _write(self, packed: str) -> None:
        if packed == self._written:
            return
        self._written = None  # whoever is cancelled in the middle does not know
        try:
            async with self._store.write() as unit:
                await unit.facts.put(self._name, packed)
        except StoreError as error:
            _log.warning("a crash would now lose commands: %s", error)
        else:
            self._written = packed


def _packed(rows: list[tuple[int, str]]) -> str:
    return json.dumps(rows)


def _read(text: str, bot: Bot) -> Update:
    told: dict[str, Any] = json.loads(text)
    return Update.de_json(told, bot)
