"""A clock that stands still until the test moves it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import os
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from bot.kit.timing.ages import Moment
from bot.kit.timing.clock import Clock
from tests.databases.quick import is_waiting
from tests.patience import PATIENCE

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

_QUIET_ROUNDS = 3


class FakeClock(Clock):
    """`sleep` returns when the test has advanced the clock that far, and never before. `ahead`: by
    so many seconds it is wrong from the beginning."""

    def __init__(self, start: datetime = START, *, ahead: float = 0.0) -> None:
        super().__init__()
        self._start = start
        self._ahead = timedelta(seconds=ahead)
        self._elapsed = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def wall(self) -> datetime:
        """The start, what was advanced since, and by how much it was set."""
        return self.right() + self._ahead

    def right(self) -> datetime:
        """What it would show if nobody had set it."""
        return self._start + timedelta(seconds=self._elapsed)

    def set(self, seconds: float) -> None:
        """Somebody sets the wall clock so far forward, or back; no time passes."""
        self.now()
        self._ahead += timedelta(seconds=seconds)

    def monotonic(self) -> float:
        """Seconds that were advanced."""
        return self._elapsed

    @property
    def sleeping(self) -> int:
        """How many wait for the clock."""
        return sum(not future.done() for _, _, future in self._sleepers)

    async def sleep(self, seconds: float) -> None:
        """Wait for the test to advance so far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Move on, waking sleepers in the order of their times; what they do is done between."""
        end = self._elapsed + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, future = heapq.heappop(self._sleepers)
            if future.done():  # its sleeper was cancelled
                continue
            self._elapsed = max(self._elapsed, at)
            future.set_result(None)
            await settle()
        self._elapsed = end  # all is settled, and this wakes nobody


class PassingClock(FakeClock):
    """Whoever sleeps has slept at once. `slept` are the seconds of each time."""

    def __init__(self, start: datetime = START) -> None:
        super().__init__(start)
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.advance(seconds)


def moment(start: datetime = START, seconds: float = 0.0) -> Moment:
    """What a clock says that nobody has set, so many seconds after it was `start`."""
    clock = FakeClock(start)
    clock._elapsed = seconds
    return clock.moment()


async def settle() -> None:
    """Let the loop run until nothing more happens without the clock: no task moves on, no thread
    of Python's computes and no database is at it. Fails the test if that never comes."""
    deadline = time.monotonic() + PATIENCE
    quiet, before = 0, _waiting()
    while quiet < _QUIET_ROUNDS:
        assert time.monotonic() < deadline, f"something goes on without the clock: {before}"
        await asyncio.sleep(0.0005)
        after = _waiting()
        is_quiet = after == before and not _threads_busy() and not is_waiting()
        quiet = quiet + 1 if is_quiet else 0
        before = after


async def until(condition: Callable[[], bool | Awaitable[bool]], within: float = PATIENCE) -> None:
    """Wait, in real time, for what other threads or processes do. Fails the test if it does not
    happen `within` so many seconds."""
    deadline = time.monotonic() + within
    while True:
        result = condition()
        if result if isinstance(result, bool) else await result:
            return
        assert time.monotonic() < deadline, f"did not happen within {within} s"
        await asyncio.sleep(0.002)


def _waiting() -> dict[asyncio.Task[object], object]:
    """What each task waits for: kept, so that nothing new can look like what is gone."""
    own = asyncio.current_task()
    return {
        task: getattr(task, "_fut_waiter", None) for task in asyncio.all_tasks() if task is not own
    }


def _threads_busy() -> bool:
    """Whether another thread of Python's, such as a database connection's, is computing."""
    mine = threading.get_native_id()
    return any(
        _state(thread.native_id) in "RD"
        for thread in threading.enumerate()
        if thread.native_id not in (None, mine)
    )


def _state(native_id: int | None) -> str:
    try:
        file = os.open(f"/proc/self/task/{native_id}/stat", os.O_RDONLY)
    except OSError:  # it has ended
        return "X"
    try:
        return os.read(file, 512).rpartition(b")")[2].split()[0].decode()
    except OSError:
        return "X"
    finally:
        os.close(file)
