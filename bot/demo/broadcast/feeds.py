"""Where a broadcaster's pictures and sound come from, as the LiveKit SDK takes them.

A feed makes the sources that tracks are made of, and hands one frame to many of them: several
rooms cost one painting, or no encoding at all.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

from livekit import rtc

from bot.demo.broadcast.frame_marks import paint_strip
from bot.demo.broadcast.picture_spec import PictureSpec
from bot.demo.broadcast.sound import CHANNELS, SAMPLE_RATE, sound
from bot.demo.broadcast.testcard import make_content

QUEUE_SECONDS = 0.1
LEAD_SECONDS = 0.06
"""How far the sound is handed over ahead of its time; the source's own thread keeps the time."""

_BLOCK = SAMPLE_RATE // 50
_HALF_TICK = SAMPLE_RATE // 200
"""What waits for the source's next 10 ms waits for half of them on the average."""


class VideoFeed(Protocol):
    """Numbered pictures for sources that this feed has made."""

    def source(self) -> rtc.VideoSource | rtc.EncodedVideoSource: ...
    def prepare(self, number: int) -> None: ...
    def show(self, source: rtc.VideoSource | rtc.EncodedVideoSource, timestamp_us: int) -> None: ...


class PaintedFeed:
    """Pictures painted as they are due; the SDK encodes them."""

    def __init__(
        self, content: str, spec: PictureSpec, *, screen: bool = False, mark: int = 0
    ) -> None:
        self._kind = content
        self._spec = spec
        self._screen = screen
        self._mark = mark
        self._content = make_content(content, spec)
        self._frame: rtc.VideoFrame | None = None

    def source(self) -> rtc.VideoSource:
        """A new source of this feed's size."""
        return rtc.VideoSource(self._spec.width, self._spec.height, is_screencast=self._screen)

    def resize(self, width: int, height: int) -> None:
        """Paint at another size from the next frame on; the sources follow."""
        self._spec = self._spec.sized(width, height)
        self._content = make_content(self._kind, self._spec)

    def prepare(self, number: int) -> None:
        """Paint frame `number`, before it is due."""
        picture = self._content.paint(number)
        if self._mark:  # in the strip alone: clock, lamp and beep stay in step
            paint_strip(picture.y, number | self._mark)
        self._frame = rtc.VideoFrame(
            picture.width, picture.height, rtc.VideoBufferType.I420, picture.data.data
        )

    def show(self, source: rtc.VideoSource | rtc.EncodedVideoSource, timestamp_us: int) -> None:
        """Hand over what was prepared, if it was in time; the SDK copies it."""
        assert isinstance(source, rtc.VideoSource)
        if self._frame is None:
            return
        source.capture_frame(self._frame, timestamp_us=timestamp_us)


class Voice:
    """One room's sound. Sample k leaves the source at zero + k / 48000, to within 5 ms.

    The source's own thread sends 10 ms each 10 ms from a queue; we keep `LEAD_SECONDS` in it, so
    that a late event loop is not heard. Should it ever run dry, what was not sent in time is left
    out, because everything after it would be late for good.
    """

    def __init__(self) -> None:
        self.source = rtc.AudioSource(SAMPLE_RATE, CHANNELS, round(QUEUE_SECONDS * 1000))
        self._said = -1
        self._speaking = asyncio.Lock()

    async def close(self) -> None:
        """Give the source back, when no block is on its way into it."""
        async with self._speaking:
            await self.source.aclose()

    async def speak(self, zero_ns: int) -> None:
        """Hand over all that is due by now; nothing once it is closed."""
        async with self._speaking:
            await self._speak(zero_ns)

    async def _speak(self, zero_ns: int) -> None:
        now = (time.monotonic_ns() - zero_ns) * SAMPLE_RATE // 1_000_000_000
        if self._said < now:
            self._said = max(0, now + _HALF_TICK)
        while self._said + _BLOCK <= now + LEAD_SECONDS * SAMPLE_RATE:
            block = sound(self._said, _BLOCK)
            frame = rtc.AudioFrame(block.tobytes(), SAMPLE_RATE, CHANNELS, _BLOCK)
            self._said += _BLOCK
            await self.source.capture_frame(frame)
