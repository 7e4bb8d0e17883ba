"""Tasks, each with a name and an owner: started here, and nowhere left to themselves.

Whoever starts a task waits for its end: with `background` where it runs beside a block, with
`Tasks` where there are many, else with `cancel_and_wait`. None of these hides a failure: one that
nobody asks for is told by asyncio ("Task exception was never retrieved").
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from bot.errors import MintcastError
from bot.kit.backoff import Backoff
from bot.kit.error_text import is_all, reason
from bot.kit.health import Part
from bot.kit.timing.clock import Clock

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_STEADY_SECONDS = 300.0
"""Whoever ran for so long has not failed in a row."""


def spawn(work: Coroutine[Any, Any, _T], name: str) -> asyncio.Task[_T]:
    """Run `work` as a task of that name. It is the caller's, who waits for its end."""
    return asyncio.create_task(work, name=name)


async def awaited(work: Awaitable[_T]) -> _T:
    """What it gives, as a coroutine: a task is made of nothing else."""
    return await work


async def cancel_and_wait(*tasks: asyncio.Task[Any]) -> None:
    """Cancel what still runs, and wait until all have ended.

    Being cancelled meanwhile cancels them once more, and is raised when they have ended.
    """
    for task in tasks:
        task.cancel()
    cancelled: asyncio.CancelledError | None = None
    while running := [task for task in tasks if not task.done()]:
        try:
            await asyncio.wait(running)
        except asyncio.CancelledError as error:
            cancelled = error
            for task in running:
                task.cancel()
    if cancelled is not None:
        raise cancelled


class BrokenOffError(Exception):
    """A task was cancelled by what it waited for, and by nobody who owns it."""


def failure_of(task: asyncio.Task[Any]) -> BaseException | None:
    """What a task that has ended failed with; None where it did not, or where it was cancelled by
    somebody. A library that cancels what we wait for makes it fail, too: else it would be gone
    without a word."""
    if not task.cancelled():
        return task.exception()
    if task.cancelling():
        return None
    return BrokenOffError(f"{task.get_name()} was cancelled by what it waited for")


def has_failed(task: asyncio.Task[Any]) -> bool:
    """Whether it has ended by a failure, which nobody else needs to hear of then."""
    return task.done() and failure_of(task) is not None


@contextlib.asynccontextmanager
async def background(work: Coroutine[Any, Any, _T], name: str) -> AsyncIterator[asyncio.Task[_T]]:
    """Run `work` beside a block, at whose end it is cancelled and waited for."""
    task = spawn(work, name)
    try:
        yield task
    finally:
        await cancel_and_wait(task)


async def first_to_end(*tasks: asyncio.Future[Any], seconds: float | None = None) -> None:
    """Wait until one of them has ended, for so many real seconds at most. All go on."""
    await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)


async def within(clock: Clock, seconds: float, work: Coroutine[Any, Any, _T]) -> _T:
    """What `work` returns, if it does within `seconds` of `clock`; else it is cancelled, and
    TimeoutError raised."""
    async with (
        background(work, "in-time") as task,
        background(clock.sleep(seconds), "in-time-clock") as timer,
    ):
        await first_to_end(task, timer)
        if not task.done():
            raise TimeoutError
        return task.result()


async def to_its_end(work: Coroutine[Any, Any, _T]) -> _T:
    """Await `work`, which goes on when its awaiter is cancelled; CancelledError follows its end."""
    task = spawn(work, "to-its-end")
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with contextlib.suppress(asyncio.CancelledError):  # once more; the first one is raised
                await asyncio.wait({task})
        failure_of(task)  # looked at: being cancelled goes before it
        raise


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
    backoff = Backoff(clock, longest=longest, steady=_STEADY_SECONDS)
    while True:
        backoff.begin()
        try:
            await run()
        except Exception as error:
            if not is_all(error, expected):
                raise
            part.bad(reason(error))
            await backoff.wait()
        else:
            return


def log_failure(task: asyncio.Task[Any], error: BaseException) -> None:
    """What `Tasks` do with a failure unless they are told otherwise."""
    _log.error("%s failed", task.get_name(), exc_info=error)


class Tasks:
    """Tasks of one owner, any number of them, each forgotten when it has ended.

    `on_failure` is handed the task that failed and its error. After `stop` it may be used again.
    """

    def __init__(
        self, on_failure: Callable[[asyncio.Task[Any], BaseException], None] = log_failure
    ) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._on_failure = on_failure

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, _T], name: str) -> asyncio.Task[_T]:
        """Run `work` as a task of that name."""
        task = spawn(work, name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def ended(self) -> None:
        """Wait until all have ended by themselves; being cancelled meanwhile cancels none."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self) -> None:
        """Cancel what still runs, and wait for it."""
        await cancel_and_wait(*self._tasks)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if (error := failure_of(task)) is not None:
            self._on_failure(task, error)
