"""A broadcast: one clock, the pictures and the sound that follow it, a participant in each room.

Frame n is content time n / fps and sample k is content time k / 48000; both are sent when the
monotonic clock reaches `zero_ns` plus that time, so that whoever reads a frame's number knows
when it was sent, in any process of this machine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from bot.demo.broadcast.feeds import PaintedFeed, VideoFeed
from bot.demo.broadcast.frame_marks import SHARE_BIT
from bot.demo.broadcast.options import Options
from bot.demo.broadcast.participant import Participant
from bot.demo.broadcast.picture_spec import PictureSpec
from bot.kit.tasks import cancel_and_wait, spawn

_SECOND = 1_000_000_000
_DAY = 86_400
_AUDIO_TICK = 0.01
_LATE_FRAMES = 5
"""How many frames may be late and still be sent, at once; beyond that they are left out."""

_SHARE_SKY = ((214, 120, 60), (150, 60, 120), (250, 200, 110))


class Publisher:
    """Publishes in every room of `tokens` until `stop`. Emits joined, publishing and left."""

    def __init__(
        self, url: str, tokens: Sequence[str], options: Options, emit: Callable[..., None]
    ) -> None:
        self._options = options
        self._emit = emit
        self._participants = [Participant(url, token, options, self._left) for token in tokens]
        self._zero_ns = 0
        self._feed: VideoFeed | None = None
        self._share: PaintedFeed | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._frames = self._skipped = 0
        self.frozen = False

    async def start(self) -> None:
        """Join every room, publish what is wanted and begin."""
        spec = self._camera_spec()
        self._feed = await asyncio.to_thread(_make_feed, self._options, spec)
        await self._join()
        first = self._set_clock()
        self._feed.prepare(first)
        self._tasks = [
            spawn(self._run_video(first), "video"),
            spawn(self._run_audio(), "audio"),
        ]
        self._emit("publishing", zero_ns=self._zero_ns, clock_zero=spec.clock_zero, first=first)

    async def stop(self) -> None:
        """Stop sending and leave; safe to call again."""
        await cancel_and_wait(*self._tasks)
        self._tasks = []
        await self.leave()

    def counts(self) -> dict[str, Any]:
        """Pictures sent (to every room at once), and those left out because we were late."""
        return {"frames": self._frames, "skipped": self._skipped}

    def mute(self, kind: str, on: bool) -> None:
        """Mute or unmute in every room."""
        for participant in self._participants:
            participant.mute(kind, on)

    async def publish(self, kind: str) -> None:
        """Publish `video` or `audio` (again) in every room."""
        for participant in self._participants:
            if kind == "audio":
                await participant.publish_audio()
            elif kind == "video" and self._feed is not None:
                await participant.publish_video(self._feed)
            else:
                raise ValueError(f"not a kind that is published: {kind!r}")

    async def unpublish(self, kind: str) -> None:
        """Take the track of `kind` back in every room."""
        for participant in self._participants:
            await participant.unpublish(kind)

    async def resize(self, width: int, height: int) -> None:
        """Go on at another size, on the same track."""
        if not isinstance(self._feed, PaintedFeed):
            raise ValueError("a pre-encoded picture has one size")
        if width % 2 or height % 2 or min(width, height) < 64:
            raise ValueError(f"sides are even and 64 at least: {width}x{height}")
        self._feed.resize(width, height)

    async def share(self, on: bool) -> None:
        """Show a second picture as a screen share, or take it back."""
        if on:
            spec = PictureSpec(1280, 720, self._options.fps, self._options.symbol, "SCREEN SHARE",
                               self._clock_zero(), "DESK", _SHARE_SKY)  # fmt: skip
            # In a thread: painting its background takes long enough to be heard as a gap.
            feed = await asyncio.to_thread(PaintedFeed, "card", spec, screen=True, mark=SHARE_BIT)
            self._share = feed
            for participant in self._participants:
                await participant.publish_video(feed, share=True)
        else:
            self._share = None
            await self.unpublish("share")

    async def leave(self) -> None:
        """Leave every room."""
        self._share = None
        await asyncio.gather(*(participant.leave() for participant in self._participants))

    async def back(self, tokens: Sequence[str] | None) -> None:
        """Join again and publish as at the start; the clock has gone on."""
        await self._join(tokens)

    async def _join(self, tokens: Sequence[str] | None = None) -> None:
        for index, participant in enumerate(self._participants):
            await participant.join(tokens[index] if tokens else None)
            self._emit("joined")
        for kind, wanted in (("video", self._options.video), ("audio", self._options.audio)):
            if wanted:
                await self.publish(kind)

    def _set_clock(self) -> int:
        """Set zero, and give the number of the first frame."""
        now = time.monotonic_ns()
        if self._options.encoder == "pre-encoded":  # a loop begins with its keyframe
            self._zero_ns = now
            return 0
        self._zero_ns = self._wall_zero_ns
        return (now - self._zero_ns) * self._options.fps // _SECOND + 1

    def _camera_spec(self) -> PictureSpec:
        """A clock whose seconds change when the world's do: zero is the last whole second."""
        self._wall_zero_ns = time.monotonic_ns() - time.time_ns() % _SECOND
        options = self._options
        painted = options.encoder == "sdk"
        return PictureSpec(
            width=options.width,
            height=options.height,
            fps=options.fps,
            symbol=options.symbol,
            title=options.title,
            clock_zero=time.time_ns() // _SECOND % _DAY if painted else 0.0,
        )

    def _clock_zero(self) -> float:
        return time.time_ns() // _SECOND % _DAY - (time.monotonic_ns() - self._zero_ns) // _SECOND

    async def _run_video(self, number: int) -> None:
        options, frame_ns = self._options, _SECOND // self._options.fps
        painted = options.encoder == "sdk"
        while True:
            due = self._zero_ns + number * _SECOND // options.fps
            self._prepare(number)
            await asyncio.sleep(max(0.0, (due - time.monotonic_ns()) / _SECOND))
            if not self.frozen:
                self._send(due // 1000)
            late = (time.monotonic_ns() - due) // frame_ns
            step = late if painted and late > _LATE_FRAMES else 1
            self._skipped += step - 1
            number += step

    def _prepare(self, number: int) -> None:
        if self._feed is not None and self._options.video:
            self._feed.prepare(number)
        if self._share is not None:
            self._share.prepare(number)

    def _send(self, timestamp_us: int) -> None:
        self._frames += 1
        for participant in self._participants:
            if self._feed is not None:
                participant.show("video", self._feed, timestamp_us)
            if self._share is not None:
                participant.show("share", self._share, timestamp_us)

    async def _run_audio(self) -> None:
        while True:
            voices = [
                participant.voice
                for participant in self._participants
                if participant.voice is not None
            ]
            for voice in voices:
                await voice.speak(self._zero_ns)
            await asyncio.sleep(_AUDIO_TICK)

    def _left(self, reason: str) -> None:
        self._emit("left", reason=reason)


def _make_feed(options: Options, spec: PictureSpec) -> VideoFeed:
    if options.encoder == "sdk":
        return PaintedFeed(options.content, spec)
    from bot.demo.broadcast.encoded_feed import EncodedFeed  # PyAV is loaded only where it encodes

    return EncodedFeed(options, spec)
