"""The SDK alone: `python -m tests.clips.capture.room.local_track --events-fd N`.

It shows a local track to two streams, which needs no server, and ends. Events: `requests`
(what each of both asked the SDK for), `burst` (which of the pictures that were shown at once came
out of ours), `failing` (pictures that a feed took though each of them failed, and how many of those
failures were counted), `ended` (a feed said that nothing more comes).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

from google.protobuf.json_format import MessageToDict
from livekit import rtc
from livekit.rtc._ffi_client import FfiClient

from bot.clips.capture.error_boundary import ErrorBoundary
from bot.clips.capture.protocol import Source
from bot.clips.capture.room.feed import Feed, PictureStream
from bot.clips.capture.room.selection import Published
from bot.kit.processes.json_pipe import JsonPipe, open_json_pipe

QUEUED = 8
SIDES = 64


def requests_of(make: Callable[[], Any]) -> tuple[Any, list[dict[str, Any]]]:
    """What `make` makes, and what it asks the SDK for."""
    client, asked = FfiClient.instance, list[dict[str, Any]]()
    real = client.request

    def noted(request: Any) -> Any:
        asked.append(MessageToDict(request))
        return real(request)

    client.request = noted
    try:
        return make(), asked
    finally:
        client.request = real


def show(source: rtc.VideoSource, shade: int) -> None:
    """A plain picture."""
    planes = bytearray([shade]) * (SIDES * SIDES * 3 // 2)
    source.capture_frame(rtc.VideoFrame(SIDES, SIDES, rtc.VideoBufferType.I420, planes))


async def burst(source: rtc.VideoSource, stream: PictureStream) -> list[int]:
    """Which pictures come out of `QUEUED` that are shown before anybody can take one."""
    shades = range(100, 100 + QUEUED)
    for shade in shades:
        show(source, shade)
    came = []
    async for event in stream:
        came.append(event.frame.data[0])
        if came[-1] == shades[-1]:
            break
    return [shade - shades[0] for shade in came if shade in shades]


def fails(*_: object) -> None:
    """What is done with a picture."""
    raise RecursionError


async def failing(source: rtc.VideoSource, track: rtc.LocalVideoTrack, pipe: JsonPipe) -> None:
    """A feed whose pictures all fail, and whose stream dies at last."""
    contained, ended = ErrorBoundary(), asyncio.Event()
    feed = Feed(track, Published("al", "TR_1", Source.CAMERA), fails, contained)
    feed.on_end = ended.set
    feed.open()
    while feed.frames < QUEUED:
        show(source, 0)
        await asyncio.sleep(0.01)
    pipe.emit("failing", taken=feed.frames, counted=contained.count)
    assert feed._reading is not None
    feed._reading.stream._task.cancel()
    await ended.wait()
    pipe.emit("ended")
    await feed.close()


async def main() -> None:
    """Say it."""
    pipe = open_json_pipe()
    source = rtc.VideoSource(SIDES, SIDES)
    track = rtc.LocalVideoTrack.create_video_track("local", source)
    theirs, plain = requests_of(lambda: rtc.VideoStream(track, format=rtc.VideoBufferType.I420))
    await theirs.aclose()
    ours, wanted = requests_of(lambda: PictureStream(track, QUEUED))
    pipe.emit("requests", theirs=plain, ours=wanted)
    pipe.emit("burst", came=await burst(source, ours))
    await ours.aclose()
    await failing(source, track, pipe)


if __name__ == "__main__":
    asyncio.run(main())
    os._exit(0)
