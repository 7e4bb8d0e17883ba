"""Long runners, each supervised: what is expected to fail is started again, and says so once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from bot.errors import MintcastError
from bot.kit.error_text import is_all, reason
from bot.kit.health import Part
from bot.kit.timing.clock import Clock

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_FIRST_SECONDS = 1.0
_STEADY_SECONDS = 300.0
"""Whoever ran for so long has not failed in a row."""


async def supervise(
    run: Callable[[], Awaitable[None]],
    part: Part,
    clock: Clock,
    expected: tuple[type[BaseException], ...] = (MintcastError, OSError),
    longest: float = 60.0,
) -> None:
    """Run `run` for ever: when it fails as `expected`, again after a pause that doubles to
    `longest` seconds.

    Anything else is a defect and ends whoever supervises. `run` may return: then it is done. It
    says itself when it works (again): to have begun is no proof of that.
    """
    pause = _FIRST_SECONDS
    while True:
        began = clock.monotonic()
        try:
            await run()
        except Exception as error:
            if not is_all(error, expected):
                raise
            part.bad(reason(error))
            if clock.monotonic() - began > _STEADY_SECONDS:
                pause = _FIRST_SECONDS
            await clock.sleep(pause)
            pause = min(2 * pause, longest)
        else:
            return


async def cut_short(
    running: Mapping[asyncio.Task[None], _T], tell: Callable[[_T], Awaitable[None]], within: float
) -> None:
    """Cancel what runs, then `tell` whoever waits for it, for real seconds `within` at most."""
    waiting = dict(running)  # who ends takes itself out of it
    for work in waiting:
        work.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            await asyncio.gather(*map(tell, waiting.values()))


class Tasks:
    """Tasks that somebody owns: named, awaited at `stop`; a failure of one is logged, not lost."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run `work` as a task of that name."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def stop(self) -> None:
        """Cancel what still runs, and wait for it."""
        left = tuple(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s failed", task.get_name(), exc_info=error)
