"""What receiving alone takes: `python -m tests.bench.drain --events-fd N`.

Command `watch {url, token}`, event `watching` once pictures come. The SDK decodes and delivers as
it does for Mintcast (I420, sound in blocks of 100 ms), and what it delivers is thrown away.
"""

from __future__ import annotations

import asyncio
import os

from livekit import rtc

from bot.clips.capture.room.feed import BLOCK_MS
from bot.clips.encoding.rate import SAMPLE_RATE
from bot.kit.processes.json_pipe import JsonPipe, open_json_pipe


async def _pictures(track: rtc.RemoteTrack, pipe: JsonPipe) -> None:
    told = False
    async for _ in rtc.VideoStream(track, format=rtc.VideoBufferType.I420):
        if not told:
            told = True
            pipe.emit("watching")


async def _sound(track: rtc.RemoteTrack) -> None:
    stream = rtc.AudioStream(track, sample_rate=SAMPLE_RATE, num_channels=2, frame_size_ms=BLOCK_MS)
    async for _ in stream:
        pass


async def main() -> None:
    """Watch until the parent closes the pipe."""
    pipe, room = open_json_pipe(), rtc.Room()
    tasks: list[asyncio.Task[None]] = []

    def subscribed(track: rtc.RemoteTrack, *_: object) -> None:
        video = isinstance(track, rtc.RemoteVideoTrack)
        work = _pictures(track, pipe) if video else _sound(track)
        tasks.append(asyncio.create_task(work))

    room.on("track_subscribed", subscribed)
    async for order in pipe.commands():
        await room.connect(order["url"], order["token"])
    for task in tasks:
        task.cancel()
    await room.disconnect()


if __name__ == "__main__":
    asyncio.run(main())
    os._exit(0)
