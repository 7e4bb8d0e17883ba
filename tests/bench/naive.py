"""The recorder that the field writes, to compare with: one loop that receives and encodes.

`python -m tests.bench.naive --events-fd N`, command `record {url, token, seconds, path, rate}`,
events `first` (a picture came) and `done`. It subscribes to everything, encodes inside each
`async for`, and gives pictures the time at which they came; sound is counted from its first block.
Encoder settings are Mintcast's own: they are not what is compared.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from livekit import rtc

from bot.clips.encoding.canvas import Size
from bot.clips.encoding.rate import SAMPLE_RATE, Rate
from bot.clips.encoding.streams import AUDIO_BASE, VIDEO_BASE, add_audio, add_video
from bot.kit.processes.json_pipe import JsonPipe, Message, open_json_pipe


class Naive:
    """Records one room into one file."""

    def __init__(self, pipe: JsonPipe, order: Message) -> None:
        self._pipe = pipe
        self._container = av.open(
            order["path"], "w", format="mp4", options={"movflags": "+faststart"}
        )
        rate = Rate(**order["rate"])
        self._video: Any = add_video(self._container, Size(1280, 720), rate)
        self._audio: Any = add_audio(self._container, rate)
        self._first = asyncio.Event()
        self._began: float | None = None
        self._samples = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def record(self, url: str, token: str, seconds: float) -> None:
        """Join, record for `seconds` from the first picture on, write."""
        room = rtc.Room()
        room.on("track_subscribed", self._subscribed)
        await room.connect(url, token)
        await self._first.wait()
        await asyncio.sleep(seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for stream in (self._video, self._audio):
            self._container.mux(stream.encode(None))
        self._container.close()
        await room.disconnect()

    def _subscribed(self, track: rtc.RemoteTrack, *_: object) -> None:
        video = isinstance(track, rtc.RemoteVideoTrack)
        work = self._pictures(track) if video else self._sound(track)
        self._tasks.append(asyncio.create_task(work))

    async def _pictures(self, track: rtc.RemoteTrack) -> None:
        last = -1
        async for event in rtc.VideoStream(track):
            if self._began is None:
                self._began = time.monotonic()
                self._first.set()
                self._pipe.emit("first")
            rows = np.frombuffer(event.frame.data, np.uint8).reshape(-1, event.frame.width)
            frame = VideoFrame.from_numpy_buffer(rows, "yuv420p")
            last = max(last + 1, int((time.monotonic() - self._began) / VIDEO_BASE))
            frame.pts, frame.time_base = last, VIDEO_BASE
            self._container.mux(self._video.encode(frame))

    async def _sound(self, track: rtc.RemoteTrack) -> None:
        async for event in rtc.AudioStream(track, sample_rate=SAMPLE_RATE, num_channels=2):
            if self._began is None:
                continue
            if self._samples == 0:
                self._samples = int((time.monotonic() - self._began) * SAMPLE_RATE)
            samples = np.frombuffer(event.frame.data, np.int16).reshape(1, -1)
            frame = AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
            frame.sample_rate, frame.time_base = SAMPLE_RATE, AUDIO_BASE
            frame.pts = self._samples
            self._samples += event.frame.samples_per_channel
            self._container.mux(self._audio.encode(frame))


async def main() -> None:
    """Obey until the parent closes the pipe."""
    pipe = open_json_pipe()
    async for order in pipe.commands():
        await Naive(pipe, order).record(order["url"], order["token"], order["seconds"])
        pipe.emit("done")


if __name__ == "__main__":
    asyncio.run(main())
    os._exit(0)
