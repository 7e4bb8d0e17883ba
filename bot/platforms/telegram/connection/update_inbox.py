"""Updates that were taken and are not handled yet, kept in the database: the next poll makes
Telegram forget them.

A crash between taking a command and running it would else lose it without a word. After one it is
run again, by this node or another, which may answer it twice; that is all the harm, for every
command may come twice.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence

from telegram import Bot, Update

from bot.errors import LeaseLost, StoreError
from bot.kit.bounded_dict import BoundedDict
from bot.kit.leadership import without_lease
from bot.kit.tasks import Tasks, failure_of
from bot.platforms.telegram.addresses import NAME
from bot.platforms.telegram.connection.polling import UNREADABLE
from bot.store import Store, TakenUpdate, Unit, write_timeout

_log = logging.getLogger(__name__)

_STORE_SECONDS = 0.5
"""Whoever wrote the commands waits for this."""

MOST_TRIES = 3
"""Whatever ends the process so often is given up."""

_MOST_KNOWN = 10_000
"""Telegram tells again of no more than what the last few polls brought."""


class UpdateInbox:
    """Of one bot, by its number. Where the database does not answer, nothing is kept; where another
    node has the lease, nothing is taken."""

    def __init__(self, store: Store, bot_id: str) -> None:
        self._store = store
        self._bot_id = bot_id
        self._before_rows = f"{NAME}:taken:{bot_id}"
        self._held: dict[int, str] = {}
        self._kept: set[int] = set()
        """Those of them that are in the database."""
        self._done: set[int] = set()
        """Those that may still be there, and need not."""
        self._known: BoundedDict[int, None] = BoundedDict(_MOST_KNOWN)
        self._lock = asyncio.Lock()
        self._is_due = False
        """Somebody is about to remove what ended."""
        self._has_left = False
        self._tasks = Tasks()

    @property
    def has_left(self) -> bool:
        """Whether `unfinished` is to be asked again: something was left since, which is ours again
        if the lease is, or the database did not answer."""
        return self._has_left

    async def unfinished(self, bot: Bot) -> list[Update]:
        """What an earlier process or another node did not finish, to be taken before anything else;
        without what is being handled here. Raises LeaseLost."""
        self._has_left = False
        async with self._lock:
            left = await self._left()
        updates = []
        for one in left:
            self._known.put(one.id, None)
            update = _parse(one, bot) if one.tries < MOST_TRIES else None
            if update is not None:
                self._held[one.id] = one.body
                self._kept.add(one.id)
                updates.append(update)
        if left:
            _log.info("%d of %d unfinished updates are handled now", len(updates), len(left))
        return updates

    def knows(self, update: Update) -> bool:
        """Whether it was taken before: Telegram may not have been told so."""
        return update.update_id in self._known

    def take(self, update: Update) -> None:
        """It is to be handled, once it is settled."""
        self._known.put(update.update_id, None)
        self._held[update.update_id] = update.to_json()

    async def settle(self) -> None:
        """From here on a crash loses nothing of what was taken. Raises LeaseLost."""
        async with self._lock:
            new = [
                TakenUpdate(number, body)
                for number, body in self._held.items()
                if number not in self._kept
            ]
            if not new:
                return
            try:
                with write_timeout(_STORE_SECONDS):
                    async with self._store.write() as unit:
                        await unit.taken_updates.put(self._bot_id, new)
            except LeaseLost:
                raise
            except StoreError as error:
                _log.warning("a crash would now lose commands: %s", error)
            else:
                self._kept.update(one.id for one in new)

    def leave(self, update: Update) -> None:
        """It is not handled here, and left to whoever reads what was left unfinished."""
        self._leave(update.update_id)

    def hold(self, update: Update, task: asyncio.Task[None]) -> None:
        """What was taken is being handled until `task` ends."""
        number = update.update_id
        task.add_done_callback(lambda _: self._ended(number, task))

    async def close(self) -> None:
        """To be called when no more is begun, and all has ended. Harmless when done twice."""
        await self._tasks.stop()
        await self._remove_done()

    def _ended(self, number: int, task: asyncio.Task[None]) -> None:
        """What a stop cut off without telling anybody is left to the next start, and what the lease
        was lost under to whoever has that next."""
        error = failure_of(task)
        if task.cancelled() and error is None:
            return
        if isinstance(error, LeaseLost):
            self._leave(number)
            self._has_left = True
            return
        self._held.pop(number, None)
        self._done.add(number)
        if not self._is_due:  # of many that end together one writes it for all
            self._is_due = True
            self._tasks.start(self._remove_done(), "telegram-inbox")

    def _leave(self, number: int) -> None:
        self._known.drop(number)
        self._held.pop(number, None)
        self._kept.discard(number)

    async def _remove_done(self) -> None:
        """Whoever has handled an update may say so, whoever has the lease by then."""
        async with self._lock:
            self._is_due = False
            done = set(self._done)
            if not done:
                return
            try:
                with without_lease(), write_timeout(_STORE_SECONDS):
                    async with self._store.write() as unit:
                        await unit.taken_updates.remove(self._bot_id, done)
            except StoreError as error:
                _log.warning("a crash would now have commands answered twice: %s", error)
            else:
                self._done -= done
                self._kept -= done

    async def _left(self) -> list[TakenUpdate]:
        """They are being tried now, whatever comes of it; `tries` is how often they were before."""
        try:
            async with self._store.read() as unit:
                rows = [*await unit.taken_updates.all(self._bot_id), *await self._of_before(unit)]
        except StoreError as error:
            _log.warning("it is not known which updates were left unfinished: %s", error)
            self._has_left = True
            return []
        left = [one for one in rows if one.id not in self._held and one.id not in self._done]
        try:
            with write_timeout(_STORE_SECONDS):
                async with self._store.write() as unit:
                    await self._note_tries(unit, left)
        except LeaseLost:
            raise
        except StoreError as error:
            _log.warning("how often updates were tried is not noted: %s", error)
        return [one for one in left if one.tries <= MOST_TRIES]

    async def _note_tries(self, unit: Unit, left: Sequence[TakenUpdate]) -> None:
        """Those that are given up stay for one more start: Telegram may tell of them again."""
        await unit.taken_updates.put(self._bot_id, left)
        await unit.key_values.remove(self._before_rows)
        await unit.taken_updates.try_again(self._bot_id, [one.id for one in left])
        given_up = [one.id for one in left if one.tries > MOST_TRIES]
        await unit.taken_updates.remove(self._bot_id, given_up)

    async def _of_before(self, unit: Unit) -> list[TakenUpdate]:
        """What an earlier version has left, which kept all in one value."""
        kept = json.loads(await unit.key_values.get(self._before_rows) or "[]")
        return [TakenUpdate(json.loads(body)["update_id"], body, tries) for tries, body in kept]


def _parse(taken: TakenUpdate, bot: Bot) -> Update | None:
    """None: another version of PTB has written it, and this one cannot read it."""
    try:
        return Update.de_json(json.loads(taken.body), bot)
    except UNREADABLE:
        _log.exception("an unfinished update cannot be read, and is skipped")
        return None
