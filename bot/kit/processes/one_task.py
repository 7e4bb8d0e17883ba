"""Processes that do one thing and end: both ends of the pipe, the one that asks and the one that
works."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from bot.kit.processes.child import Child
from bot.kit.processes.json_pipe import JsonPipe, Message, open_json_pipe
from bot.kit.processes.resource_limits import Limits
from bot.kit.tasks import background, first_to_end

_log = logging.getLogger(__name__)

Work = Callable[[JsonPipe, Message], Coroutine[Any, Any, None]]
"""Does what the command says, and emits the one event that tells what came of it."""


async def ask_one(
    module: str,
    command: str,
    data: Mapping[str, Any],
    *,
    limits: Limits,
    seconds: float,
    tidy: Callable[[int], None],
) -> Message | None:
    """What a process of `module` answers to its one command; None where it ends without an answer,
    or takes longer than `seconds`, and the log says which. `tidy` is called with its id once it has
    ended, however that came. Raises ChildError where none can be started.
    """
    child = await Child.spawn(module)
    try:
        child.limit(limits)
        async with asyncio.timeout(seconds):
            await child.send(command, **data)  # which waits for one that does not read
            event = await child.next_event()
        if event is None:
            _log.warning("%s has ended: %s %s", module, await child.end(), child.last_words)
        return event
    except TimeoutError:
        _log.warning("%s has not answered in %g s", module, seconds)
        return None
    finally:
        child.kill()
        await child.stop()
        tidy(child.pid)


def run_one(work: Work) -> None:
    """Be such a process."""
    asyncio.run(serve_one(open_json_pipe(), work))
    os._exit(0)  # the thread that reads stdin waits for its end


async def serve_one(pipe: JsonPipe, work: Work) -> None:
    """Do the one thing that is asked. A parent that closes the pipe wants it no more."""
    commands = pipe.commands()
    first: Message | None = await anext(commands, None)
    if first is None:
        return
    async with (
        background(anext(commands, None), "parent-is-gone") as parent_is_gone,
        background(work(pipe, first), "one-task") as working,
    ):
        await first_to_end(working, parent_is_gone)
        if not working.done():
            os._exit(0)  # its thread is still at it
        working.result()
