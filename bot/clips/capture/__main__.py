"""`python -m bot.clips.capture`: one capture, in a process of its own.

The LiveKit SDK ends its process on a native panic, cannot fork and shares the GIL: here it takes
nothing else down. All imports are done before the process says that it is `ready`, because an
import while frames come costs frames.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from livekit import rtc

from bot.clips.capture.capture import Capture
from bot.clips.capture.protocol import MakeClip, OpenCapture, RoomAccess
from bot.kit.processes.json_pipe import JsonPipe, Message, open_json_pipe
from bot.kit.tasks import Tasks


class CaptureProcess:
    """Does what one parent asks of one capture and its clips."""

    def __init__(self, pipe: JsonPipe) -> None:
        self._pipe = pipe
        self._tasks = Tasks(on_failure=_end_process)
        self._access: asyncio.Queue[RoomAccess | None] = asyncio.Queue()
        self._capture: Capture | None = None

    async def run(self) -> None:
        """Until the parent closes the pipe."""
        rtc.Room()  # the SDK loads its native library with the first one
        self._pipe.emit("ready")
        async for message in self._pipe.commands():
            self._on_command(message)
        await self._tasks.stop()

    def _on_command(self, message: Message) -> None:
        match message.pop("command"):
            case "open":
                order = OpenCapture.of(message)
                self._capture = Capture(order, self._ask_access, self._pipe.emit, self._tasks)
                self._tasks.start(self._capture.run(), "capture")
            case "clip" if self._capture is not None:
                self._capture.start_clip(MakeClip.of(message))
            case "finish" if self._capture is not None:
                self._capture.finish(message["id"])
            case "cancel" if self._capture is not None:
                self._capture.cancel(message["id"])
            case "access":
                self._access.put_nowait(RoomAccess.of(message))
            case "no-access":
                self._access.put_nowait(None)

    async def _ask_access(self) -> RoomAccess | None:
        self._pipe.emit("access-wanted")
        return await self._access.get()


def _end_process(_: asyncio.Task[Any], error: BaseException) -> None:
    """What we did not foresee ends the process; the parent tells of our traceback."""
    sys.excepthook(type(error), error, error.__traceback__)
    os._exit(70)


def main() -> None:
    """Run, and end without native teardown: the SDK's threads have nothing left to say."""
    asyncio.run(CaptureProcess(open_json_pipe()).run())
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
