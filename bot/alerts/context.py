"""What every part of alerts works with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from bot.errors import LeaseLost, StoreError
from bot.kit.notifier import job_topic
from bot.model import ClipResult, Delivery

if TYPE_CHECKING:
    from bot.alerts.live_updates import LastShown
    from bot.alerts.pictures import Pictures
    from bot.kit.files import Files
    from bot.kit.metrics import Metrics
    from bot.kit.notifier import Notifier
    from bot.kit.timing.ages import Age
    from bot.kit.timing.clock import Clock
    from bot.store import Store, Unit

T = TypeVar("T")

_TRIES, _RETRY_SECONDS = 60, 1.0


@dataclass(frozen=True, slots=True)
class AlertContext:
    """Built once by the delivery service. `read_clip` reads `ClipJob.result`; `clip_seconds` is how
    long a clip is that the alert's button asks for. `shrink` makes the clip of a job smaller than
    so many bytes; False: it cannot be."""

    store: Store
    files: Files
    pictures: Pictures
    last_shown: LastShown
    clock: Clock
    notifier: Notifier
    metrics: Metrics
    read_clip: Callable[[str], ClipResult]
    clip_seconds: float
    shrink: Callable[[int, int], Awaitable[bool]]

    def now(self) -> datetime:
        """By the clock."""
        return self.clock.now()

    def age(self, then: datetime) -> Age:
        """How long ago an instant of ours was."""
        return self.clock.age(then)

    def after(self, seconds: float) -> datetime:
        """So many seconds from now."""
        return self.clock.now() + timedelta(seconds=seconds)

    async def mark(self, change: Callable[[Unit], Awaitable[T]]) -> T:
        """One change in a transaction of its own. Raises StoreError."""
        async with self.store.write() as unit:
            return await change(unit)

    async def mark_surely(self, change: Callable[[Unit], Awaitable[T]]) -> T:
        """The same for what has happened already: a busy or full disk is given a minute. Raises
        LeaseLost at once."""
        for _ in range(_TRIES - 1):
            try:
                return await self.mark(change)
            except LeaseLost:
                raise
            except StoreError:
                await self.clock.sleep(_RETRY_SECONDS)
        return await self.mark(change)

    def announce(self, d: Delivery) -> None:
        """After an attempt: whoever shows the progress of its clip looks again."""
        if d.job_id is not None:
            self.notifier.notify(job_topic(d.job_id))
