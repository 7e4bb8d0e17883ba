"""Taking frames from one LiveKit track. A feed does nothing but take, and hand on.

Facts that shape this (livekit 1.2.1): the streams never end by themselves, so the reader is a task
of ours that is cancelled; a stream left open after its track went delivers the *next* track's
frames, so each is closed on `track_unsubscribed`; before an unpublish come blank 2x2 or 8x8 frames,
which are no pictures; the native queue of a `VideoStream` holds one picture unless told otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from livekit import rtc
from livekit.rtc._ffi_client import FfiClient
from livekit.rtc._proto.ffi_pb2 import FfiRequest
from livekit.rtc._proto.video_frame_pb2 import VideoStreamType

from bot.clips.capture.error_boundary import ErrorBoundary
from bot.clips.capture.media.frame_losses import TrackCounts, TrackStats
from bot.clips.capture.media.frame_queue import capacity
from bot.clips.capture.media.timeline import JitterTotals
from bot.clips.capture.room.selection import Published
from bot.clips.encoding.canvas import Size, is_blank
from bot.clips.encoding.rate import SAMPLE_RATE
from bot.clips.encoding.scaler import RawFrame
from bot.kit.tasks import cancel_and_wait, spawn

BLOCK_MS = 100
"""Length of a block of sound. Delivery costs 2.6 % of a core at 100 ms, 9.6 % at the usual 10."""

_CLOSE_SECONDS = 1.0
_STATS_SECONDS = 1.0

OnPicture = Callable[["Feed", RawFrame, int], None]
OnSound = Callable[["Feed", Any, int], None]


class _Ending:
    """A stream that tells whoever waits for its next frame when there is none, whatever ended it.

    The SDK's video does so never, and its sound only where the native side said goodbye.
    """

    _queue: Any

    async def _run(self) -> None:
        try:
            await super()._run()  # type: ignore[misc]
        finally:
            self._queue.put(None)


class SoundStream(_Ending, rtc.AudioStream):
    """An `AudioStream` whose end is told."""


class PictureStream(_Ending, rtc.VideoStream):
    """A `VideoStream` of I420 whose native queue holds `queued` pictures, as does the last one.

    The SDK leaves `queue_size_frames` unset, and of two pictures that are decoded at once, as after
    a large keyframe, the older is lost: measured with a keyframe each 10 s on an idle machine, 1 to
    6 of 450 in every clip, none with 8 (livekit 1.2.1, 2026-11).
    """

    def __init__(self, track: Any, queued: int) -> None:
        self._queued = queued
        super().__init__(track, capacity=queued, format=rtc.VideoBufferType.I420)

    def _create_owned_stream(self) -> Any:
        track: Any = self._track
        request = FfiRequest()
        wanted = request.new_video_stream
        wanted.track_handle = track._ffi_handle.handle
        wanted.type = VideoStreamType.VIDEO_STREAM_NATIVE
        wanted.format = rtc.VideoBufferType.I420
        wanted.normalize_stride = True
        wanted.queue_size_frames = self._queued
        return FfiClient.instance.request(request).new_video_stream.stream


class _Reading(NamedTuple):
    """A stream that is open, and who reads it."""

    stream: PictureStream | SoundStream
    reader: asyncio.Task[None]

    async def end(self) -> None:
        """Release the native stream; bounded."""
        await cancel_and_wait(self.reader)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.stream.aclose()


class Feed:
    """One subscribed track, read from `open` until `close`, and again if it is opened again.
    `frames` counts what was taken from it; `size` is that of its last picture.

    `on_end` is called where nothing more comes though nobody closed it.
    """

    def __init__(
        self,
        track: Any,
        published: Published,
        on_frame: OnPicture | OnSound,
        contained: ErrorBoundary,
    ) -> None:
        self.published = published
        self.frames = 0
        self.size = published.size
        self.on_end: Callable[[], None] = lambda: None
        self._track = track
        self._on_frame: Any = on_frame
        self._contained = contained
        self._reading: _Reading | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is being read."""
        return self._reading is not None

    def open(self) -> None:
        """Read from now on."""
        if self._reading is not None:
            return
        stream: PictureStream | SoundStream
        if self.published.source.is_picture:
            stream = PictureStream(self._track, capacity(self.published.size.bytes))
        else:
            stream = SoundStream(
                self._track, sample_rate=SAMPLE_RATE, num_channels=2, frame_size_ms=BLOCK_MS
            )
        name = f"feed-{self.published.source}"
        reader = spawn(self._read(stream, f"a frame of {name}"), name)
        reader.add_done_callback(self._ended)
        self._reading = _Reading(stream, reader)

    def close(self) -> Coroutine[Any, Any, None]:
        """Take nothing more from now on; wait for what is returned to release what it holds."""
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.reader.cancel()
        return _end(reading)

    async def stats(self) -> TrackStats | None:
        """What the SDK counts of this track, if it tells in time."""
        try:
            async with asyncio.timeout(_STATS_SECONDS):
                rows = await self._track.get_stats()
        except Exception:  # noqa: BLE001 - the SDK raises a bare Exception when the track is gone
            return None
        row = next((r.inbound_rtp for r in rows if r.HasField("inbound_rtp")), None)
        if row is None:
            return None
        inbound = row.inbound
        totals = JitterTotals(
            inbound.jitter_buffer_delay, inbound.jitter_buffer_emitted_count, self.published.sid
        )
        counts = TrackCounts(
            received=inbound.frames_received,
            decoded=inbound.frames_decoded,
            keys=inbound.key_frames_decoded,
            taken=self.frames,
            packets_lost=row.received.packets_lost,
        )
        return TrackStats(self.published.sid, totals, counts)

    async def _read(self, stream: PictureStream | SoundStream, what: str) -> None:
        take = self._take_picture if self.published.source.is_picture else self._take_sound
        async for event in stream:
            self.frames += 1
            with self._contained(what):
                take(event)

    def _ended(self, reader: asyncio.Task[None]) -> None:
        if reader.cancelled():
            return
        with self._contained(f"the reader {reader.get_name()}"):
            reader.result()
        self.on_end()

    def _take_picture(self, event: Any) -> None:
        frame = event.frame
        size = Size(frame.width, frame.height)
        if not is_blank(size):
            raw = RawFrame(frame.data, size, event.rotation * 90)
            self.size = raw.upright
            self._on_frame(self, raw, event.timestamp_us)

    def _take_sound(self, event: Any) -> None:
        self._on_frame(self, event.frame.data, event.frame.samples_per_channel)


async def _end(reading: _Reading | None) -> None:
    if reading is not None:
        await reading.end()
