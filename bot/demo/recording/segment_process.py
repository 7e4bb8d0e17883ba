"""Makes segments in a process of its own, which `segments` starts and asks.

Command `make {spec}`; it is answered by `made {bytes}` and so many bytes, or by `failed {why}`.
"""

from __future__ import annotations

import asyncio
import os

import av

from bot.demo.recording.segment import SegmentMaker
from bot.demo.recording.segment_spec import SegmentSpec
from bot.kit.processes.json_pipe import JsonPipe, Message, open_json_pipe

_NICE = 5
"""What is watched comes first: whoever wants a segment can wait."""


async def _serve(pipe: JsonPipe) -> None:
    maker = SegmentMaker()
    async for message in pipe.commands():
        await asyncio.to_thread(_answer, pipe, maker, message)


def _answer(pipe: JsonPipe, maker: SegmentMaker, message: Message) -> None:
    try:
        body = maker.make(SegmentSpec.read(message))
    except (av.FFmpegError, ValueError, TypeError, KeyError) as error:
        pipe.emit("failed", why=f"{type(error).__name__}: {error}")
    else:
        pipe.emit_with(body, "made", bytes=len(body))


def main() -> None:
    """Run until stdin ends."""
    os.nice(_NICE)
    asyncio.run(_serve(open_json_pipe()))
    os._exit(0)  # the thread that reads stdin waits for its end


if __name__ == "__main__":
    main()
