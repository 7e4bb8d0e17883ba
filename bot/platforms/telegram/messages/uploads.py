"""What Telegram has of our files, so that none is uploaded twice.

A `file_id` is good for the bot that got it, for ever or until Telegram forgets it. Whoever wants a
file while it is being uploaded waits for that upload, and sends what came of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import telegram

from bot.alerts import Fault, SendError, before_sending
from bot.errors import StoreError
from bot.kit.bounded_dict import BoundedDict
from bot.kit.timing.clock import Clock
from bot.platforms.telegram.addresses import NAME
from bot.platforms.telegram.messages.error_mapping import TelegramRefused
from bot.store import Store

_log = logging.getLogger(__name__)

REMEMBERED = 8192
"""Files of which it is known what Telegram calls them, and messages of which it is known what they
show."""

_FOR_EVERY_CHAT = frozenset(
    {Fault.NOT_SENT, Fault.MAYBE_SENT, Fault.SERVER_ERROR, Fault.UNAUTHORIZED}
)
"""An upload that failed so would fail for every chat; any other failure is of that chat alone."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as Telegram names it: `id` sends it again, `unique` tells whether two are the same."""

    id: str
    unique: str

    def __str__(self) -> str:
        return f"{self.id} {self.unique}"


SendFile = Callable[[RemoteFile | None], Awaitable[telegram.Message]]
"""Sends a file that Telegram has or, with None, uploads it."""


def photo_of(message: telegram.Message) -> RemoteFile | None:
    """The picture of a message, its largest size."""
    if not message.photo:
        return None
    largest = message.photo[-1]
    return RemoteFile(largest.file_id, largest.file_unique_id)


def video_of(message: telegram.Message) -> RemoteFile | None:
    """The video of a message. One without sound may have become an animation: no video any more,
    and its id is not good for one."""
    video = message.video
    return None if video is None else RemoteFile(video.file_id, video.file_unique_id)


def animation_of(message: telegram.Message) -> RemoteFile | None:
    """The moving picture of a message."""
    animation = message.animation
    return None if animation is None else RemoteFile(animation.file_id, animation.file_unique_id)


class Uploads:
    """Of one token. For one loop. What it learns is kept in `unit.pictures`.

    `wait_for_rate` is awaited before each request that leaves later than its turn: those of all who
    waited for an upload, and second ones. Else they would leave in one burst.
    """

    def __init__(
        self, store: Store, clock: Clock, wait_for_rate: Callable[[], Awaitable[None]]
    ) -> None:
        self._store = store
        self._clock = clock
        self._wait_for_rate = wait_for_rate
        self._known: BoundedDict[str, RemoteFile] = BoundedDict(REMEMBERED)
        self._dead: BoundedDict[str, bool] = BoundedDict(REMEMBERED)
        self._running: dict[str, asyncio.Future[SendError | None]] = {}

    async def send(
        self, key: str, send: SendFile, read: Callable[[telegram.Message], RemoteFile | None]
    ) -> telegram.Message:
        """What `send` gets with the file `key`, uploading it if need be. Raises SendError.

        `read` takes from the answer how Telegram names the file.
        """
        while True:
            with before_sending():
                remote = await self.known(key)
            if remote is not None:
                try:
                    return await send(remote)
                except TelegramRefused as error:
                    if not error.is_dead_file:
                        raise
                    with before_sending():
                        await self._forget(key, remote)
                        await self._wait_for_rate()
                    continue
            upload = self._running.get(key)
            if upload is None:
                return await self._upload(key, send, read)
            with before_sending():
                failed = await asyncio.shield(upload)
            if failed is not None and failed.fault in _FOR_EVERY_CHAT:
                raise SendError(
                    Fault.NOT_SENT, is_ours=failed.is_ours, detail=f"no upload: {failed}"
                )
            with before_sending():
                await self._wait_for_rate()

    async def known(self, key: str) -> RemoteFile | None:
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
        self, key: str, send: SendFile, read: Callable[[telegram.Message], RemoteFile | None]
    ) -> telegram.Message:
        upload = self._running[key] = asyncio.get_running_loop().create_future()
        failed: SendError | None = None
        try:
            message = await send(None)
            remote = read(message)
            if remote is not None:
                self._known.put(key, remote)
        except SendError as error:
            failed = error
            raise
        finally:
            del self._running[key]
            upload.set_result(failed)
        if remote is not None:
            await self._keep(key, remote)
        return message

    async def _keep(self, key: str, remote: RemoteFile) -> None:
        now = self._clock.now()
        try:
            async with self._store.write() as unit:
                await unit.pictures.put_uploaded(NAME, key, str(remote), now)
        except StoreError as error:  # the message was sent all the same
            _log.warning("the id of %s could not be kept: %s", key, error)

    async def _forget(self, key: str, remote: RemoteFile) -> None:
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


def _remote(kept: str) -> RemoteFile:
    """What `str` of it wrote."""
    file_id, _, unique = kept.partition(" ")
    return RemoteFile(file_id, unique)
