"""A capture's session without its recording: `python -m tests.e2e.session_process --events-fd N`.

Commands: `join {url, token}`; `break`, which ends the SDK's own reader of what is shown, as a fault
in it would. Events: `joined`, and `shown` (share: whether it is the screen) each time that another
picture than before is shown, or one at last after a break.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import numpy as np

from bot.clips.capture.room.session import Session
from bot.clips.encoding.canvas import Size
from bot.clips.encoding.scaler import RawFrame
from bot.demo.broadcast.frame_marks import SHARE_BIT, read_strip
from bot.kit.processes.json_pipe import JsonPipe, open_json_pipe


class PictureSink:
    """The sink of a session: reads of each picture whose it is."""

    def __init__(self, pipe: JsonPipe) -> None:
        self._pipe = pipe
        self._share: bool | None = None

    def forget(self) -> None:
        """Tell of the next picture whatever it is."""
        self._share = None

    def picture(self, frame: RawFrame, timestamp: int, announced: Size) -> None:
        """Take a picture of the card."""
        width, height = frame.size.width, frame.size.height
        luma = np.frombuffer(frame.data, np.uint8)[: width * height].reshape(height, width)
        number = read_strip(luma)
        if number is not None and (share := number >= SHARE_BIT) is not self._share:
            self._share = share
            self._pipe.emit("shown", share=share)

    def sound_comes(self, name: str) -> None:
        """Not listened to."""

    def sound(self, name: str, data: Any, samples: int) -> None:
        """Not listened to."""

    def sound_goes(self, name: str) -> None:
        """Not listened to."""

    def network(self, connected: bool) -> None:
        """Not looked at."""


async def main() -> None:
    """Follow one room until the parent closes the pipe."""
    pipe = open_json_pipe()
    sink = PictureSink(pipe)
    session = Session(sink)
    async for order in pipe.commands():
        if order["command"] == "join":
            await session.join(order["url"], order["token"])
            pipe.emit("joined")
        elif session.video is not None and (reading := session.video._reading) is not None:
            reading.stream._task.cancel()
            sink.forget()
    await session.leave()


if __name__ == "__main__":
    asyncio.run(main())
    os._exit(0)
