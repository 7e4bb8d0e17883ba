"""A part of a finished clip as a clip of its own, in a process: `python -m …trim_process`.

It loads no encoder: somebody has pressed a button and waits.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.clips.capture.output.poster import poster_beside
from bot.clips.capture.output.trim import trim
from bot.clips.capture.output.writer import WriteFailure, publish
from bot.clips.capture.protocol import TrimClip, Trimmed, part_of, trimmed_event
from bot.kit.processes.json_pipe import JsonPipe, Message
from bot.kit.processes.one_task import run_one
from bot.model import ClipResult, ClipStatus


async def work(pipe: JsonPipe, command: Message) -> None:
    """`trim`: say `trimmed`, or `failed`."""
    try:
        made = await asyncio.to_thread(trimmed_clip, TrimClip.of(command))
    except WriteFailure as error:
        pipe.emit("failed", failure=error.failure.value, detail=error.detail)
        return
    pipe.emit("trimmed", **trimmed_event(made))


def trimmed_clip(want: TrimClip) -> Trimmed:
    """Write the new file, whole or not at all, and its poster. Raises WriteFailure."""
    target = Path(want.target)
    made = trim(Path(want.source), part_of(target), want.begins, want.ends)
    named = publish(target)
    picture = made.picture
    result = ClipResult(
        ClipStatus.COMPLETE,
        path=named,
        seconds=made.seconds,
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        fps=round(made.frames / made.seconds, 2) if picture else None,
        bytes=made.bytes,
        has_video=picture is not None,
        has_audio=made.has_audio,
        poster=poster_beside(named, want.poster),
    )
    return Trimmed(made.begins, result)


if __name__ == "__main__":
    run_one(work)
