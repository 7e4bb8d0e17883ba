"""The site's own recording over HTTP: playlists, and the segments that a clip needs.

It has an HTTP client and a budget of its own, so that neither polls nor alerts ever wait for a
segment. Each address, and each redirect, leads to the recording's own folder on a host that the
settings name, or is not asked for. What fails is asked for once more; then it is lost, and whoever
asked takes another rung, or what there is.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self, TypeVar
from weakref import WeakValueDictionary

import httpx

from bot.errors import PumpfunError, RecordingError
from bot.model import SERVICE, Reason, RecordingFault
from bot.model.network import DIRECT, Network
from bot.pumpfun.failures import Endpoint
from bot.pumpfun.http import Answer, ContextOwner, Http
from bot.pumpfun.media_hosts import MediaHosts
from bot.pumpfun.recording import playlists
from bot.pumpfun.recording.folder import RecordingFolder
from bot.pumpfun.recording.playlists import Rung, Segment, SegmentList
from bot.pumpfun.redirects import follow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from pathlib import Path

    from bot.kit.timing.clock import Clock
    from bot.pumpfun.recording.segment_cache import SegmentCache

MOST_SEGMENT_BYTES = 8 << 20

_SHORTEST_SEGMENTS = 1.5
"""Seconds: so long are the segments of a list at least, on average. The site's have two."""
_AROUND = 4
"""Segments that a clip may touch beside those that it is made of."""
_MOST_BYTES_A_SECOND = 500_000
"""4 Mbit/s: the site's best quality has 3.3 (measured 2026-08-25)."""
_REQUESTS_PER_SECOND = 40.0
_AT_ONCE = 8
"""Segments that are under way, for all clips: each may be 8 MB of memory."""
_AT_ONCE_OF_ONE = 6
"""Of one recording, which may hang; and of one clip, so that those of a recording take turns."""
_TRIES = 2
_PACKET = 188
_SYNC = 0x47

_Told = TypeVar("_Told", Rung, Segment)


@dataclass(frozen=True, slots=True)
class JobLimits:
    """How many segments one clip may take, and how many bytes they may have together. They lie on
    the disk while it is cut; in memory are those alone that are under way."""

    segments: int
    bytes: int

    @classmethod
    def of(cls, seconds: float) -> Self:
        """What a clip of so many seconds may take."""
        most = math.ceil(seconds / _SHORTEST_SEGMENTS) + _AROUND
        return cls(most, round(seconds * _MOST_BYTES_A_SECOND))


@dataclass(frozen=True, slots=True)
class Fetched:
    """A segment, and the file that it lies in; of one that is lost, what went wrong."""

    segment: Segment
    path: Path | None = None
    error: PumpfunError | None = None


class Media(ContextOwner):
    """Fetches recordings. The cache is cleared at both ends.

    `hosts` are those of the settings' `media_hosts`; `longest` is how many seconds are ever cut in
    one piece; `timeout` (seconds) bounds each try.
    """

    def __init__(
        self,
        *,
        hosts: Iterable[str],
        cache: SegmentCache,
        longest: float,
        timeout: float = 10.0,
        network: Network = DIRECT,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._hosts = MediaHosts(hosts)
        self.cache = cache
        self._limits = JobLimits.of(longest)
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._at_once_of: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        """By the recording's master playlist."""
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._http = Http(
            requests_per_second=_REQUESTS_PER_SECOND,
            timeout=timeout,
            attempts=1,
            patience=0.0,
            network=network,
            transport=transport,
            clock=clock,
        )
        super().__init__(_cleared(cache), self._http)

    async def rungs(self, master: str) -> tuple[Rung, ...]:
        """What the recording at `master` can be had in, the best first. A list of segments in its
        place is the one rung that there is. Raises PumpfunError."""
        folder = RecordingFolder(self._hosts, master)
        data, base = await self._playlist(folder, folder.master)
        if not playlists.is_master(data):
            await asyncio.to_thread(playlists.segments, data)
            return (Rung(str(folder.master)),)
        return _named(await asyncio.to_thread(playlists.rungs, data), base)

    async def segments(self, master: str, rung: Rung) -> SegmentList:
        """What that rung has now. Raises PumpfunError."""
        folder = RecordingFolder(self._hosts, master)
        data, base = await self._playlist(folder, folder.checked(rung.uri, folder.master))

        def read() -> SegmentList:
            found = playlists.segments(data)
            return replace(found, segments=_named(found.segments, base))

        return await asyncio.to_thread(read)

    @contextlib.asynccontextmanager
    async def fetched(
        self, master: str, rung: Rung, segments: Sequence[Segment]
    ) -> AsyncIterator[tuple[Fetched, ...]]:
        """Their files, which stay there meanwhile, in the same order.

        Raises RecordingError where one lies elsewhere (before any is asked for), or they are too
        many or too large; OSError where they cannot be kept.
        """
        if len(segments) > self._limits.segments:
            raise RecordingError(RecordingFault.TOO_MANY_SEGMENTS, f"{len(segments)} segments")
        folder = RecordingFolder(self._hosts, master)
        base = folder.checked(rung.uri, folder.master)
        urls = [folder.checked(segment.uri, base) for segment in segments]
        of_one = self._at_once_of.setdefault(master, asyncio.Semaphore(_AT_ONCE_OF_ONE))
        job, pairs = _Job(self._limits.bytes, of_one), list(zip(segments, urls, strict=True))
        with self.cache.holding([str(url) for url in urls]):
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._segment(folder, *pair, job), name="segment")
                    for pair in pairs
                ]
            job.check()
            yield tuple(task.result() for task in tasks)

    async def _segment(
        self, folder: RecordingFolder, segment: Segment, url: httpx.URL, job: _Job
    ) -> Fetched:
        lock = self._locks.setdefault(str(url), asyncio.Lock())
        # Before the lock: whoever else wants that segment need not wait for this clip's turns.
        async with job.at_once, lock, job.at_once_of_recording, self._at_once:
            path, error = self.cache.get(str(url)), None
            try:
                if path is not None:
                    job.bytes += path.stat().st_size
                elif not job.is_over:
                    data = await self._once_more(folder, url)
                    job.bytes += len(data)
                    path = await self.cache.put(str(url), data)
            except PumpfunError as failure:
                error = failure
            except OSError as failure:
                job.trouble = failure
            return Fetched(segment, path, error)

    async def _once_more(self, folder: RecordingFolder, url: httpx.URL) -> bytes:
        for left in reversed(range(_TRIES)):
            try:
                answer = await self._ask(folder, url, MOST_SEGMENT_BYTES)
                return _checked(answer.body)
            except PumpfunError as error:
                if left == 0 or error.reason is Reason.NOT_ALLOWED:
                    raise _of_segment(error) from None
        raise AssertionError("unreachable: the last try ends it")

    async def _playlist(
        self, folder: RecordingFolder, url: httpx.URL
    ) -> tuple[bytes, httpx.URL | None]:
        """It, and where it lies if that is elsewhere: what it names is seen from there (RFC 3986,
        5.1.3)."""
        try:
            answer = await self._ask(folder, url, playlists.MOST_BYTES)
            return answer.body, None if answer.url == url else answer.url
        except PumpfunError as error:
            if error.reason is not Reason.TOO_LARGE:
                raise
        raise RecordingError(RecordingFault.PLAYLIST_TOO_LARGE)

    async def _ask(self, folder: RecordingFolder, url: httpx.URL, most_bytes: int) -> Answer:
        return await follow(
            self._http, Endpoint.MEDIA, url, folder, most_bytes=most_bytes, asker=SERVICE
        )


@dataclass(slots=True)
class _Job:
    """What the segments of one clip take together, at most `most_bytes`, what the disk says of it,
    and how many of them are under way."""

    most_bytes: int
    at_once_of_recording: asyncio.Semaphore
    at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE_OF_ONE))
    bytes: int = 0
    trouble: OSError | None = None

    @property
    def is_over(self) -> bool:
        """Whether fetching more is of no use."""
        return self.bytes > self.most_bytes or self.trouble is not None

    def check(self) -> None:
        """Raises RecordingError (TOO_MANY_BYTES) and OSError."""
        if self.trouble is not None:
            raise self.trouble
        if self.bytes > self.most_bytes:
            raise RecordingError(RecordingFault.TOO_MANY_BYTES, f"{self.bytes} bytes")


@contextlib.asynccontextmanager
async def _cleared(cache: SegmentCache) -> AsyncIterator[None]:
    await cache.clear()
    try:
        yield
    finally:
        await cache.clear()


def _named(told: tuple[_Told, ...], base: httpx.URL | None) -> tuple[_Told, ...]:
    """Each with its address as seen from `base`, to be judged like any other; what cannot be one
    stays as it is written."""
    if base is None:
        return told
    return tuple(replace(one, uri=_seen_from(base, one.uri)) for one in told)


def _seen_from(base: httpx.URL, text: str) -> str:
    try:
        return str(base.join(text))
    except (httpx.InvalidURL, ValueError):
        return text


def _checked(data: bytes) -> bytes:
    """It looks like MPEG-TS, and is whole packets. Raises RecordingError."""
    if len(data) < 3 * _PACKET or any(data[at * _PACKET] != _SYNC for at in range(3)):
        raise RecordingError(RecordingFault.NOT_A_SEGMENT, f"{len(data)} bytes")
    if len(data) % _PACKET:
        raise RecordingError(RecordingFault.BROKEN_SEGMENT, f"{len(data)} bytes")
    return data


def _of_segment(error: PumpfunError) -> PumpfunError:
    is_large = error.reason is Reason.TOO_LARGE
    return RecordingError(RecordingFault.SEGMENT_TOO_LARGE) if is_large else error
