"""How long clips and pictures stay: what goes when, and who removes it.

A service that is alone tidies its folder. Of several nodes one does so for all, by the rows and by
what all of them have; what one does not find in its folder says nothing of what others have.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot import texts
from bot.clips.node_folder import STRAY, DiskCache, NodeFolder
from bot.errors import FilesUnreachable, StoreError
from bot.kit.files import poster_of
from bot.kit.notifier import DELIVERIES
from bot.model import ClipJob, PaddedClip, Priority

if TYPE_CHECKING:
    from bot.kit.files import Files
    from bot.kit.health import Health
    from bot.kit.notifier import Notifier
    from bot.kit.timing.clock import Clock
    from bot.store import Store

_log = logging.getLogger(__name__)

_PICTURES_SHARE = 0.25
"""Of the clips' space: pictures of streams, still and moving, lie in it."""

_CLIPS_AT_ONCE = 100
"""So many rows change before others write."""

_SOONER = timedelta(minutes=10)
"""A padded clip goes so much before its clip: the buttons that need it are taken away by an edit,
for which the clip may have to be uploaded once more."""

_MADE_WITHIN = timedelta(minutes=15)
"""What was ordered longer ago is not being made any more."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rules:
    """A clip stays for `keep`; all of them take `most_bytes`; the disk keeps `least_free` bytes."""

    keep: timedelta
    most_bytes: int
    least_free: int


@dataclass(frozen=True, slots=True)
class KeptClip:
    """A file of finished jobs. `is_owed`: some target has yet to be shown it, so it stays.
    `is_padded_clip`: it lies beside a clip, from which others can be cut."""

    key: str
    bytes: int
    made_at: datetime
    expires_at: datetime
    is_owed: bool = False
    is_padded_clip: bool = False


def choose(
    kept: Sequence[KeptClip], now: datetime, free: int, rules: Rules
) -> tuple[KeptClip, ...]:
    """Which go, `free` bytes being left on the disk: the expired, then the oldest as needed, all
    padded clips before any clip.

    One that is still owed never goes, even where the rules then do not hold.
    """
    may_go = sorted((clip for clip in kept if not clip.is_owed), key=_order)
    gone = [clip for clip in may_go if clip.expires_at <= now]
    freed = sum(clip.bytes for clip in gone)
    total = sum(clip.bytes for clip in kept)
    for clip in may_go:
        if total - freed <= rules.most_bytes and free + freed >= rules.least_free:
            break
        if clip.expires_at > now:
            gone.append(clip)
            freed += clip.bytes
    return tuple(gone)


def _order(clip: KeptClip) -> tuple[bool, datetime, str]:
    return (not clip.is_padded_clip, clip.made_at, clip.key)


class ClipRetention:
    """Tidies the folder, and removes what a person wants gone. A row changes before its file.

    `site_time` is the time by others than this machine: a clip has had its time when it is so by
    both clocks; while nobody has answered, none has. `is_node`: others share the database, and what
    is said of all their files one of them does.
    """

    def __init__(
        self,
        *,
        store: Store,
        files: Files,
        clock: Clock,
        notifier: Notifier,
        site_time: Callable[[], datetime | None],
        health: Health,
        rules: Rules,
        cache: DiskCache | None = None,
        is_node: bool = False,
    ) -> None:
        self.rules = rules
        self.is_for_all = is_node or files.shared is not None
        """Whether `tidy_for_all` is to be called, too."""
        self._folder = NodeFolder(store, files, clock, cache)
        self._cache = cache
        self._store = store
        self._files = files
        self._clock = clock
        self._notifier = notifier
        self._site_time = site_time
        self._part = health.part("disk")
        self._lock = asyncio.Lock()
        self._seen: dict[str, float] = {}

    async def tidy(self) -> None:
        """Clips and pictures that have had their time, and what was left over, go; of several nodes
        each calls it for its own folder.

        Raises StoreError. A file that cannot be removed is tried again the next time.
        """
        async with self._lock:
            try:
                if not self.is_for_all:
                    await self._tidy()
                elif self._files.shared is not None:
                    await self._folder.tidy(self.rules.most_bytes, self.rules.least_free)
                free = await self._files.free_bytes()
            except OSError as error:
                self._part.bad(texts.health.folder_fails(error.strerror or type(error).__name__))
                return
        if free < self.rules.least_free:
            self._part.bad(texts.health.disk_full(free))
        else:
            self._part.good(texts.health.disk_free(free))

    async def tidy_for_all(self) -> None:
        """What goes for all nodes. For the one that has the right to, and again and again. Raises
        StoreError, and FilesUnreachable where the folder that all mount fails, too."""
        async with self._lock:
            try:
                await self._tidy()
            except OSError as error:
                raise FilesUnreachable(error.strerror or type(error).__name__) from error

    async def _tidy(self) -> None:
        await self._drop_replaced()
        await self._drop_clips(self.rules)
        await self._sweep()

    async def make_room(self, needed: int, spared: Collection[str] = ()) -> bool:
        """Whether so many bytes can be written; the oldest clips go for it, or where others share
        them, copies. The files of the keys that are `spared` stay. Raises OSError.

        Where there is room, nobody waits for whoever tidies.
        """
        wanted = self.rules.least_free + needed
        if await self._files.free_bytes() >= wanted:
            return True
        if self._cache is not None:
            await self._cache.make_room()
        async with self._lock:
            try:
                if not self.is_for_all:
                    await self._drop_clips(replace(self.rules, least_free=wanted), spared)
                elif self._files.shared is not None:
                    await self._folder.make_room(self.rules.most_bytes, wanted)
            except (StoreError, FilesUnreachable) as error:
                _log.warning("no room could be made: %s", error)
            return await self._files.free_bytes() >= wanted

    async def has_room(self, needed: int) -> bool:
        """The same for what no clip is to go for. Raises OSError."""
        return await self._files.free_bytes() >= self.rules.least_free + needed

    async def drop_padded_clip(self, key: str) -> None:
        """What lay beside a clip goes, or could not be made: the clip's buttons say so."""
        await self._drop_padded_clip(key)

    async def _drop_padded_clip(self, key: str) -> frozenset[int]:
        """The first jobs of the families that had it."""
        now = self._clock.now()
        async with self._store.write() as unit:
            firsts = await unit.jobs.drop_padded_clip(key)
            for job in firsts:
                await unit.deliveries.raise_clip(job, now, Priority.UPDATE)
        self._notifier.notify(DELIVERIES)
        await self._remove([key])
        return frozenset(job.id for job in firsts)

    async def delete(self, job_id: int) -> bool:
        """The clip of a deleted job goes, its file with the last that shares it, and so does what
        lies beside it. False: it had gone, or it was restored."""
        async with self._store.write() as unit:
            job = await unit.jobs.get(job_id)
            if job is None or not await unit.jobs.drop_deleted(job_id):
                return False
            is_last = job.file_key is not None and not await unit.jobs.sharing(job.file_key)
            padded_clip_key = await unit.jobs.leave_padded_clip(job_id)
        await self._remove(filter(None, (job.file_key if is_last else None, padded_clip_key)))
        return True

    async def _drop_replaced(self) -> None:
        """Clips in whose place their message shows another by now."""
        async with self._store.read() as unit:
            replaced = await unit.jobs.replaced()
        await self._expire(replaced)

    async def _drop_clips(self, rules: Rules, spared: Collection[str] = ()) -> None:
        async with self._store.read() as unit:
            jobs = await unit.jobs.kept()
            owed = await unit.deliveries.unshown_clips()
            padded_clips = await unit.jobs.padded_clips()
        files = await self._files.kept()
        lying = {file.key: file.bytes for file in files}
        lost = self._lost(padded_clips, lying)
        if self.is_for_all:  # what is not seen here goes by its time, too
            keys = {_key(job) for job in jobs}
            keys |= {padded.key for padded, _ in padded_clips if padded.window}
            lying = dict.fromkeys(keys, 0) | lying
        others = sum(file.bytes for file in files if file.is_picture)
        kept = self._bounded(
            (*kept_clips(jobs, owed, lying), *kept_padded_clips(padded_clips, lying))
        )
        free = await self._free_bytes()
        if self._cache is not None and self._files.shared is None:
            total = sum(clip.bytes for clip in kept) + others + self._cache.size
            if free < rules.least_free or total > rules.most_bytes:
                await self._cache.make_room()
                free = await self._free_bytes()
            others += self._cache.size
        rules = replace(rules, most_bytes=max(0, rules.most_bytes - others))
        stays = [replace(clip, is_owed=clip.is_owed or clip.key in spared) for clip in kept]
        gone = choose(stays, self._surely(), free, rules)
        firsts: set[int] = set()
        for key in [clip.key for clip in gone if clip.is_padded_clip] + lost:
            firsts |= await self._drop_padded_clip(key)
        keys = {clip.key for clip in gone if not clip.is_padded_clip}
        if firsts and await self._free_bytes() >= rules.least_free:
            # The next time: the edit that takes their buttons away may need the file.
            keys -= {_key(job) for job in jobs if (job.order.parent_id or job.id) in firsts}
        keys |= {_key(job) for job in jobs} - lying.keys()
        await self._expire([job for job in jobs if _key(job) in keys])
        if keys:
            _log.info("%d clips have had their time", len(keys))

    def _lost(
        self, padded_clips: Iterable[tuple[PaddedClip, datetime | None]], lying: Mapping[str, int]
    ) -> list[str]:
        """Those that are not there, and will not be; or lie there, but nobody could say what they
        show."""
        return [
            padded.key
            for padded, _ in padded_clips
            if (padded.window is None or padded.key not in lying)
            and (
                (padded.window and not self.is_for_all)
                or self._clock.age(padded.ordered_at).least > _MADE_WITHIN
            )
        ]

    async def _free_bytes(self) -> int:
        """For what all nodes have: a store of files has no disk that is ours to watch."""
        return sys.maxsize if self._files.shared is not None else await self._files.free_bytes()

    async def _expire(self, jobs: Sequence[ClipJob]) -> None:
        for first in range(0, len(jobs), _CLIPS_AT_ONCE):
            async with self._store.write() as unit:
                keys = await unit.jobs.expire(jobs[first : first + _CLIPS_AT_ONCE])
            await self._remove(sorted(keys))

    def _surely(self) -> datetime:
        """It is as late as that by all clocks."""
        return min(self._clock.before(timedelta(0)), self._site_time() or _NEVER)

    def _bounded(self, clips: Sequence[KeptClip]) -> tuple[KeptClip, ...]:
        """None stays for longer than `keep` from when it was first seen here, whatever its row
        says: it may be of a clock that was ahead, or of another setting. A padded clip goes a
        little sooner."""
        seen, now = self._clock.monotonic(), self._clock.now()
        self._seen = {clip.key: self._seen.get(clip.key, seen) for clip in clips}
        latest = {
            clip.key: now
            + self.rules.keep
            - timedelta(seconds=seen - self._seen[clip.key])
            - (_SOONER if clip.is_padded_clip else timedelta(0))
            for clip in clips
        }
        return tuple(
            replace(clip, expires_at=min(clip.expires_at, latest[clip.key])) for clip in clips
        )

    async def _sweep(self) -> None:
        """Pictures that nobody shows any more, and files without a row. Where pictures take more
        than their share, those go that nobody has shown for an hour."""
        clock, keep = self._clock, self.rules.keep
        lying = await self._files.kept()
        taken = sum(file.bytes for file in lying if file.is_picture)
        if taken > _PICTURES_SHARE * self.rules.most_bytes:
            keep = min(keep, STRAY)
        async with self._store.read() as unit:
            clips = await unit.jobs.file_keys()
            in_use = clips | {poster_of(key) for key in clips}
            in_use |= await unit.pictures.in_use(clock.before(keep))
        unused = [file for file in lying if file.key not in in_use]
        pictures = tuple(file for file in unused if file.is_picture)
        strays = tuple(file for file in unused if not file.is_picture)
        removed = await self._files.sweep(pictures, clock.before(keep), clock.now())
        removed += await self._files.sweep(strays, clock.before(STRAY), clock.now())
        if removed:
            _log.info("%d files that nothing needs were removed", removed)

    async def _remove(self, keys: Iterable[str]) -> None:
        for key in keys:
            try:
                await self._files.delete(key)
            except OSError as error:  # it has no row any more: the next sweep tries again
                _log.warning("%s stays for now: %s", key, error.strerror)


def kept_clips(
    jobs: Collection[ClipJob], owed: Collection[int], lying: Mapping[str, int]
) -> tuple[KeptClip, ...]:
    """The files of `jobs` that lie there, each with its bytes; `owed` are ids of jobs."""
    clips: dict[str, KeptClip] = {}
    for job in jobs:
        key = _key(job)
        if key not in lying or job.finished_at is None or job.expires_at is None:
            continue
        clip = KeptClip(key, lying[key], job.finished_at, job.expires_at, job.id in owed)
        before = clips.get(key, clip)
        clips[key] = replace(
            clip,
            made_at=min(clip.made_at, before.made_at),
            expires_at=max(clip.expires_at, before.expires_at),
            is_owed=clip.is_owed or before.is_owed,
        )
    return tuple(clips.values())


def kept_padded_clips(
    padded_clips: Iterable[tuple[PaddedClip, datetime | None]], lying: Mapping[str, int]
) -> Iterator[KeptClip]:
    """Those that lie there, each to go a little before the last of its clips; at once where that is
    gone."""
    for padded, expires_at in padded_clips:
        if padded.key in lying:
            ends_at = _NEVER if expires_at is None else expires_at - _SOONER
            yield KeptClip(
                padded.key, lying[padded.key], padded.ordered_at, ends_at, is_padded_clip=True
            )


def _key(job: ClipJob) -> str:
    return job.file_key or ""
