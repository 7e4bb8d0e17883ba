"""A node's own folder, where all nodes have their files in a store: what lies in it are copies."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from bot.errors import FilesUnreachable
from bot.kit.files import poster_of

if TYPE_CHECKING:
    from bot.kit.files import Files, OwnFile
    from bot.kit.timing.clock import Clock
    from bot.store import Store

_log = logging.getLogger(__name__)

STRAY = timedelta(hours=1)
"""A file without a row, or one that never became whole, is left over when it is so old."""

_COPY_STAYS = timedelta(days=1)
"""From when it was last needed."""


class DiskCache(Protocol):
    """What lies in the clips' space and can be fetched again: it counts there, in bytes, and goes
    before any clip."""

    @property
    def size(self) -> int: ...
    async def make_room(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Lying:
    """What lies there, by what is to become of it. `copies` are in the store, too; `own` are
    not, and rows name them; `gone` were there until they were deleted."""

    copies: list[OwnFile] = field(default_factory=list)
    own: list[OwnFile] = field(default_factory=list)
    gone: list[OwnFile] = field(default_factory=list)
    strays: list[OwnFile] = field(default_factory=list)


class NodeFolder:
    """Nothing that is done here takes a file from another node."""

    def __init__(
        self, store: Store, files: Files, clock: Clock, cache: DiskCache | None = None
    ) -> None:
        self._store = store
        self._files = files
        self._clock = clock
        self._cache = cache

    async def tidy(self, most_bytes: int, least_free: int) -> None:
        """Copies that nobody needs go, and what was left over. What only this folder has of all
        that rows name, since it was alone before, all can have then. Raises StoreError and
        OSError."""
        lying = await self._look()
        clock = self._clock
        for file in lying.own:
            await self._share(file.key)
        await self._discard(lying.gone)
        removed = await self._files.sweep_folder(
            tuple(lying.strays), clock.before(STRAY), clock.now()
        )
        removed += await self._files.sweep_folder(
            tuple(lying.copies), clock.before(_COPY_STAYS), clock.now()
        )
        if removed or lying.gone:
            _log.info("%d files that are not needed here went", removed + len(lying.gone))
        await self.make_room(most_bytes, least_free)

    async def make_room(self, most_bytes: int, least_free: int) -> None:
        """Copies go until all that lies there takes no more than that and leaves so much of the
        disk, those first that were needed longest ago. Raises StoreError and OSError."""
        free = await self._files.free_bytes()
        taken = sum(file.bytes for file in await self._files.in_folder())
        if self._cache is not None:
            if free < least_free or taken + self._cache.size > most_bytes:
                await self._cache.make_room()
                free = await self._files.free_bytes()
            taken += self._cache.size
        too_much = max(taken - most_bytes, least_free - free)
        if too_much <= 0:
            return
        going = []
        for file in sorted((await self._look()).copies, key=lambda one: one.changed_at):
            if too_much <= 0:
                break
            going.append(file)
            too_much -= file.bytes
        await self._discard(going)

    async def _look(self) -> _Lying:
        """In this order: what is put meanwhile isn't gone, and what is deleted meanwhile has no row
        then."""
        known = self._files.known_as_shared()
        shared = {file.key for file in await self._files.kept()}
        async with self._store.read() as unit:
            clips = await unit.jobs.file_keys()
        named = clips | {poster_of(key) for key in clips}
        lying = _Lying()
        files = await self._files.in_folder()
        self._files.forget(known - shared - {file.key for file in files})
        for file in files:
            if file.key in shared:
                lying.copies.append(file)
            elif file.key in named:
                lying.own.append(file)
            elif file.key in known:
                lying.gone.append(file)
            else:
                lying.strays.append(file)
        return lying

    async def _share(self, key: str) -> None:
        """One that cannot be read keeps no other from all."""
        try:
            await self._files.share(key)
        except FilesUnreachable:
            raise
        except FileNotFoundError:
            return  # it is deleted just now
        except OSError as error:
            _log.warning("other nodes don't get %s: %s", key, error.strerror)

    async def _discard(self, files: Iterable[OwnFile]) -> None:
        for file in files:
            try:
                await self._files.discard(file.key)
            except OSError as error:  # it stays, and costs no other its end
                self._files.note_stubborn(file.key, error)
