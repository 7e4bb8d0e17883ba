"""Parts of finished clips as clips of their own, and clips that strangers have made as ours, in a
process: `python -m …trim_process`.

It loads no encoder: somebody has pressed a button and waits. It ends when its parent does, or wants
no more: what it is at then is done in a moment.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from bot.clips.editing.clip_file import WriteFailure, WrittenFile, part_of, publish
from bot.clips.editing.poster import poster_beside
from bot.clips.editing.protocol import TakeOver, TrimClip, Trimmed, trimmed_event
from bot.clips.editing.trim import take_over, trim
from bot.kit.processes.json_pipe import JsonPipe, Message, open_json_pipe


async def serve(pipe: JsonPipe) -> None:
    """One command after another."""
    async for command in pipe.commands():
        await _trim(pipe, command)


async def _trim(pipe: JsonPipe, command: Message) -> None:
    """`trim` or `take-over`: say `trimmed`, or `failed`."""
    try:
        if command["command"] == "take-over":
            made = await asyncio.to_thread(taken_over, TakeOver.of(command))
        else:
            made = await asyncio.to_thread(trimmed_clip, TrimClip.of(command))
    except WriteFailure as error:
        pipe.emit("failed", failure=error.failure.value, detail=error.detail)
        return
    pipe.emit("trimmed", **trimmed_event(made))


def trimmed_clip(want: TrimClip) -> Trimmed:
    """Write the new file, whole or not at all, and its poster. Raises WriteFailure."""
    target = Path(want.target)
    made = trim(Path(want.source), part_of(target), want.begins, want.ends)
    return _published(made, target, want.poster)


def taken_over(want: TakeOver) -> Trimmed:
    """The same of what a stranger has made. Raises WriteFailure."""
    target = Path(want.target)
    made = take_over(Path(want.source), part_of(target), want.longest)
    return _published(made, target, want.poster)


def _published(made: WrittenFile, target: Path, poster: str | None) -> Trimmed:
    named = publish(target)
    return Trimmed(made.begins, made.result(named, poster_beside(named, poster)))


def main() -> None:
    """Run until the parent closes the pipe."""
    asyncio.run(serve(open_json_pipe()))
    os._exit(0)  # the thread that reads stdin waits for its end


if __name__ == "__main__":
    main()
