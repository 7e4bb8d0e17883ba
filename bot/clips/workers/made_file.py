"""A process that makes one file and ends: what it answers, and what is left where it makes none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from bot.clips.editing import CutSegments, TakeOver, part_of
from bot.clips.results import failed
from bot.errors import ChildError
from bot.kit.files import remove
from bot.kit.processes.json_pipe import Message
from bot.kit.processes.one_task import ask_one
from bot.kit.processes.resource_limits import Limits
from bot.model import ClipFailure, ClipResult

Made = TypeVar("Made")


async def ask_for_file(
    module: str,
    command: str,
    want: CutSegments | TakeOver,
    read: Callable[[Message], Made],
    *,
    limits: Limits,
    seconds: float,
) -> Made | ClipResult:
    """What a process of `module` has made, as `read` reads it from its event; or a failed result,
    and then nothing of the file is left. It may take so many `seconds`."""
    try:
        event = await ask_one(
            module,
            command,
            asdict(want),
            limits=limits,
            seconds=seconds,
            tidy=lambda pid: clear_part(want.target, pid),
        )
        if event is None:
            return failed(ClipFailure.WORKER_DIED)
        if event["event"] == "failed":
            return failed(ClipFailure(event["failure"]), event["detail"])
        return read(event)
    except (ChildError, KeyError, TypeError, ValueError) as error:
        return failed(ClipFailure.WORKER_DIED, str(error))


def clear_part(target: str, pid: int) -> None:
    """What the process `pid`, which was ended, has left. One that was not has renamed it."""
    remove(part_of(Path(target), pid))
