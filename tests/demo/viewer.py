"""A viewer in a process of its own, for tests: says what it sees and hears in a room.

`python -m tests.demo.viewer --events-fd N`, command `watch {url, token}`. Events: `track` and
`gone` (kind, source, mime), `muted`, `unmuted`, `frame` (number or null, width, height, source,
at_ns), `flash` and `beep` (at_ns), each at its time by CLOCK_MONOTONIC; `loud` once a second.
"""

from __future__ import annotations

import asyncio
import os
import time

import numpy as np
from livekit import rtc

from bot.demo.broadcast.frame_marks import read_lamp, read_strip
from bot.demo.broadcast.sound import SAMPLE_RATE
from bot.kit.processes.json_pipe import JsonPipe, open_json_pipe
from tests.beep_detection import beep_onsets

_LIT = 140.0
_ANCHOR_BLOCKS = 30


class Viewer:
    """Follows every track of one room."""

    def __init__(self, pipe: JsonPipe) -> None:
        self._pipe = pipe
        self._room = rtc.Room()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def watch(self, url: str, token: str) -> None:
        """Join and report from then on."""
        room = self._room
        room.on("track_subscribed", self._subscribed)
        room.on("track_unsubscribed", self._unsubscribed)
        room.on("track_muted", lambda _, pub: self._about("muted", pub))
        room.on("track_unmuted", lambda _, pub: self._about("unmuted", pub))
        await room.connect(url, token)
        self._pipe.emit("watching")

    async def leave(self) -> None:
        """Stop following and leave."""
        for task in self._tasks.values():
            task.cancel()
        await self._room.disconnect()

    def _subscribed(
        self, track: rtc.RemoteTrack, pub: rtc.RemoteTrackPublication, _: rtc.RemoteParticipant
    ) -> None:
        self._about("track", pub)
        video = isinstance(track, rtc.RemoteVideoTrack)
        look = self._see(track, pub.source) if video else self._hear(track)
        self._tasks[pub.sid] = asyncio.create_task(look, name=pub.sid)

    def _unsubscribed(
        self, _: rtc.RemoteTrack, pub: rtc.RemoteTrackPublication, __: rtc.RemoteParticipant
    ) -> None:
        self._about("gone", pub)
        if (task := self._tasks.pop(pub.sid, None)) is not None:
            task.cancel()

    def _about(self, event: str, pub: rtc.TrackPublication) -> None:
        kind = "video" if pub.kind == rtc.TrackKind.KIND_VIDEO else "audio"
        self._pipe.emit(event, kind=kind, source=pub.source, mime=pub.mime_type)

    async def _see(self, track: rtc.Track, source: int) -> None:
        stream = rtc.VideoStream(track)
        lit = True
        try:
            async for event in stream:
                frame = event.frame
                if frame.width < 16:  # what the server sends in place of a track that ends
                    continue
                pixels = np.frombuffer(frame.data, np.uint8)
                luma = pixels[: frame.width * frame.height].reshape(frame.height, frame.width)
                at_ns = event.timestamp_us * 1000
                self._pipe.emit("frame", number=read_strip(luma), width=frame.width,
                                height=frame.height, source=source, at_ns=at_ns)  # fmt: skip
                was, lit = lit, read_lamp(luma) > _LIT
                if lit and not was:
                    self._pipe.emit("flash", at_ns=at_ns)
        finally:
            await stream.aclose()

    async def _hear(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream(track, sample_rate=SAMPLE_RATE, num_channels=1, frame_size_ms=20)
        samples = blocks = said = 0
        anchor = 1 << 62
        heard = np.zeros(0, np.float32)
        try:
            async for event in stream:
                block = np.frombuffer(event.frame.data, np.int16).astype(np.float32) / 32768
                samples, blocks = samples + len(block), blocks + 1
                end = time.monotonic_ns() - samples * 1_000_000_000 // SAMPLE_RATE
                anchor = min(anchor, end) if blocks <= _ANCHOR_BLOCKS else anchor
                heard = np.concatenate([heard, block])[-2 * SAMPLE_RATE :]
                if blocks % 50 == 0:
                    self._pipe.emit("loud", rms=float(np.sqrt(np.mean(heard[-SAMPLE_RATE:] ** 2))))
                    said = self._beeps(heard, samples, anchor, said)
        finally:
            await stream.aclose()

    def _beeps(self, heard: np.ndarray, samples: int, anchor: int, said: int) -> int:
        for onset in beep_onsets(heard):
            position = samples - len(heard) + round(onset * SAMPLE_RATE)
            if position > said + SAMPLE_RATE // 2:
                said = position
                self._pipe.emit("beep", at_ns=anchor + position * 1_000_000_000 // SAMPLE_RATE)
        return said


async def main() -> None:
    """Obey until the parent closes the pipe."""
    pipe = open_json_pipe()
    viewer = Viewer(pipe)
    async for message in pipe.commands():
        await viewer.watch(message["url"], message["token"])
    await viewer.leave()


if __name__ == "__main__":
    asyncio.run(main())
    os._exit(0)
