"""A clip or a still of a recording's segments, in a process: `python -m …segment_process`.

It reads what a stranger's server sent, so it loads no more than it needs, and has little memory.
"""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

from bot.clips.editing.clip_file import WriteFailure, part_of, publish
from bot.clips.editing.poster import poster_beside, still_of
from bot.clips.editing.protocol import CutSegments, MakeStill, SegmentsCut
from bot.clips.editing.segment_cut import cut_segments
from bot.kit.processes.json_pipe import JsonPipe, Message
from bot.kit.processes.one_task import run_one


async def work(pipe: JsonPipe, command: Message) -> None:
    """`segments`: say `segments-cut`, or `failed`. `still`: say `still`, or `failed`."""
    try:
        if command["command"] == "still":
            jpeg = await asyncio.to_thread(still_of, MakeStill.of(command))
            pipe.emit("still", jpeg=base64.b64encode(jpeg).decode())
            return
        made = await asyncio.to_thread(clip_of_segments, CutSegments.of(command))
    except WriteFailure as error:
        pipe.emit("failed", failure=error.failure.value, detail=error.detail)
        return
    pipe.emit("segments-cut", **made.event())


def clip_of_segments(want: CutSegments) -> SegmentsCut:
    """Write the new file, whole or not at all, and its poster. Raises WriteFailure."""
    target = Path(want.target)
    made = cut_segments(want, part_of(target))
    named = publish(target)
    result = made.result(named, poster_beside(named, want.poster))
    return SegmentsCut(made.begins, made.frames, made.gaps.count, made.gaps.longest, result)


if __name__ == "__main__":
    run_one(work)
