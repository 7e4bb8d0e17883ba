"""What Telegram has of our files, so that none is uploaded twice.

A `file_id` is good for the bot that got it, for ever or until Telegram forgets it. Whoever wants a
file while it is being uploaded waits for that upload, and sends what came of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import telegram

from bot.alerts import Fault, SendError
from bot.errors import StoreError
from bot.kit.bounded_dict import Recent
from bot.platforms.telegram.addresses import NAME
from bot.platforms.telegram.messages.error_mapping import TelegramRefused
from bot.platforms.telegram.messages.message_cache import REMEMBERED

if TYPE_CHECKING:
    from bot.kit.timing.clock import Clock
    from bot.store import Store

_log = logging.getLogger(__name__)

_OF_THE_LINE = frozenset({Fault.NOT_SENT, Fault.MAYBE_SENT, Fault.SERVER_ERROR, Fault.UNAUTHORIZED})
"""An upload that ends so would end so for everybody; any other failure is of that chat alone."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A file as Telegram names it: `id` sends it again, `unique` tells whether two are the same."""

    id: str
    unique: str

    def __str__(self) -> str:
        return f"{self.id} {self.unique}"


Ask = Callable[[Remote | None], Awaitable[telegram.Message]]
"""A request with a file that Telegram has, or, with None, one that uploads it."""


def photo_of(message: telegram.Message) -> Remote | None:
    """The picture of a message, its largest size."""
    if not message.photo:
        return None
    largest = message.photo[-1]
    return Remote(largest.file_id, largest.file_unique_id)


def video_of(message: telegram.Message) -> Remote | None:
    """The video of a message. One without sound may have become an animation: no video any more,
    and its id is not good for one."""
    video = message.video
    return None if video is None else Remote(video.file_id, video.file_unique_id)


class Uploads:
    """Of one token. For one loop. What it learns is kept in `unit.pictures`.

    `again` is awaited before a request that comes later than its turn: of all who waited for an
    upload, or a second one. Else they would leave in one burst.
    """

    def __init__(self, store: Store, clock: Clock, again: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._clock = clock
        self._again = again
        self._known: Recent[Remote] = Recent(REMEMBERED)
        self._dead: Recent[bool] = Recent(REMEMBERED)
        self._flights: dict[str, asyncio.Future[SendError | None]] = {}

    async def through(
        self, key: str, ask: Ask, of: Callable[[telegram.Message], Remote | None]
    ) -> telegram.Message:
        """What `ask` gets with the file `key`, uploading it if need be. Raises SendError.

        `of` reads from the answer how Telegram names the file.
        """
        while True:
            remote = await self.known(key)
            if remote is not None:
                try:
                    return await ask(remote)
                except TelegramRefused as error:
                    if not error.is_dead_file:
                        raise
                    await self._forget(key, remote)
                    await self._again()
                    continue
            flight = self._flights.get(key)
            if flight is None:
                return await self._upload(key, ask, of)
            failed = await asyncio.shield(flight)
            if failed is not None and failed.fault in _OF_THE_LINE:
                raise SendError(Fault.NOT_SENT, detail=f"no upload: {failed}")
            await self._again()

    async def known(self, key: str) -> Remote | None:
        """What Telegram has of that file, as far as we know."""
        remote = self._known.get(key)
        if remote is not None:
            return remote
        try:
            async with self._store.read() as unit:
                kept = await unit.pictures.uploaded(NAME, key)
        except StoreError as error:
            _log.warning("it is not known whether %s was uploaded: %s", key, error)
            kept = None
        remote = self._known.get(key)  # of an upload that ended meanwhile
        if remote is None and kept is not None:
            remote = _remote(kept)
            if self._dead.get(remote.id):  # its row is about to go
                return None
            self._known.put(key, remote)
        return remote

    async def _upload(
        self, key: str, ask: Ask, of: Callable[[telegram.Message], Remote | None]
    ) -> telegram.Message:
        flight = self._flights[key] = asyncio.get_running_loop().create_future()
        failed: SendError | None = None
        try:
            message = await ask(None)
            remote = of(message)
            if remote is not None:
                self._known.put(key, remote)
        except SendError as error:
            failed = error
            raise
        finally:
            del self._flights[key]
            flight.set_result(failed)
        if remote is not None:
            await self._keep(key, remote)
        return message

    async def _keep(self, key: str, remote: Remote) -> None:
        now = self._clock.now()
        try:
            async with self._store.write() as unit:
                await unit.pictures.put_uploaded(NAME, key, str(remote), now)
        except StoreError as error:  # the message was sent all the same
            _log.warning("the id of %s could not be kept: %s", key, error)

    async def _forget(self, key: str, remote: Remote) -> None:
        if self._dead.get(remote.id):
            return  # another has said so
        _log.info("Telegram has forgotten %s: it is uploaded anew", key)
        self._dead.put(remote.id, True)
        if self._known.get(key) == remote:
            self._known.drop(key)
        try:
            async with self._store.write() as unit:
                if await unit.pictures.uploaded(NAME, key) == str(remote):
                    await unit.pictures.forget_uploaded(NAME, key)
        except StoreError as error:
            _log.warning("the id of %s could not be dropped: %s", key, error)


def _remote(kept: str) -> Remote:
    """What `str` of it wrote."""
    file_id, _, unique = kept.partition(" ")
    return Remote(file_id, unique)
