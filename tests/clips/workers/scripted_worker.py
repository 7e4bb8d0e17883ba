"""A capture process without a room, whose clips do what their names say.

`quick` is made at once; `slow` when it is finished; `late` is made when it is cancelled, as one
that was whole at that moment; `stubborn` never answers; `fatal` ends the process.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict
from pathlib import Path

from bot.clips.capture.protocol import RingState
from bot.clips.editing.clip_file import part_of
from bot.clips.results import result_event
from bot.kit.processes.json_pipe import JsonPipe, Message, open_json_pipe
from bot.model import ClipFailure, ClipResult, ClipStatus

AT_HAND = RingState(oldest=10.0, newest=40.0, cpu=1.5, sounds=2)
STOPPED = ClipResult(ClipStatus.FAILED, failure=ClipFailure.STOPPED)


class Clips:
    """Those that are under way, by id."""

    def __init__(self, pipe: JsonPipe) -> None:
        self._pipe = pipe
        self._paths: dict[int, Path] = {}

    def obey(self, message: Message) -> None:
        """Do what one command says."""
        match message["command"]:
            case "open":
                self._pipe.emit("alive", **asdict(AT_HAND))
            case "clip":
                self._begin(message["id"], Path(message["path"]))
            case "finish":
                self._finish(message["id"])
            case "cancel":
                self._cancel(message["id"])

    def _begin(self, clip_id: int, path: Path) -> None:
        self._paths[clip_id] = path
        part_of(path, clip=clip_id).write_bytes(b"so far")
        self._pipe.emit("progress", id=clip_id, phase="recording", done=float(clip_id))
        if path.stem == "quick":
            self._finish(clip_id)
        if path.stem == "fatal":
            os._exit(3)

    def _cancel(self, clip_id: int) -> None:
        path = self._paths[clip_id]
        if path.stem == "late":
            self._finish(clip_id)
        elif path.stem != "stubborn":
            part_of(path, clip=clip_id).unlink()
            self._pipe.emit("clip", id=clip_id, **result_event(STOPPED))

    def _finish(self, clip_id: int) -> None:
        path = self._paths[clip_id]
        part_of(path, clip=clip_id).replace(path)
        made = ClipResult(ClipStatus.COMPLETE, path=path)
        self._pipe.emit("clip", id=clip_id, **result_event(made))


async def main() -> None:
    """Obey until the parent closes the pipe."""
    pipe = open_json_pipe()
    clips = Clips(pipe)
    async for message in pipe.commands():
        clips.obey(message)


if __name__ == "__main__":
    asyncio.run(main())
    os._exit(0)
