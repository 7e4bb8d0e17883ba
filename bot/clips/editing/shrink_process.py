"""One finished clip encoded again, in a process of its own: `python -m …shrink_process`.

It gives way to everything else: an encoder that takes a capture's time costs that one frames.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from bot.clips.editing.clip_file import WriteFailure, broken, part_of, publish
from bot.clips.editing.poster import poster_beside
from bot.clips.editing.protocol import ShrinkClip
from bot.clips.editing.shrink import ShrunkFile, shrink
from bot.kit.processes.json_pipe import JsonPipe, Message
from bot.kit.processes.one_task import run_one

_NICE = 10


async def work(pipe: JsonPipe, command: Message) -> None:
    """`shrink`: say `shrunk`, or `failed`."""
    want = ShrinkClip.of(command)
    try:
        smaller = await asyncio.to_thread(shrink_copy, want)
    except WriteFailure as error:
        pipe.emit("failed", failure=error.failure.value, detail=error.detail)
        return
    size = smaller.picture
    poster = await asyncio.to_thread(poster_beside, Path(want.target), want.poster)
    pipe.emit(
        "shrunk",
        bytes=smaller.bytes,
        width=size.width if size else None,
        height=size.height if size else None,
        poster=poster,
    )


def shrink_copy(want: ShrinkClip) -> ShrunkFile:
    """Write the new file, whole or not at all; the old one stays, unless it is to be replaced.
    Raises WriteFailure."""
    if want.source == want.target:
        return shrink(Path(want.target), want.max_bytes)
    part = part_of(Path(want.target))
    try:
        shutil.copyfile(want.source, part)
    except OSError as error:
        raise broken(part, error) from error
    smaller = shrink(part, want.max_bytes)
    publish(Path(want.target))
    return smaller


def main() -> None:
    """Run once."""
    os.nice(_NICE)
    run_one(work)


if __name__ == "__main__":
    main()
