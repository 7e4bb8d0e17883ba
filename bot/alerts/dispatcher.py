"""Closes the difference between what is owed and what is shown, on every platform at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.alerts.bench import Bench
from bot.alerts.pictures import Pictures, Site
from bot.alerts.ports import Sender
from bot.alerts.shelf import Shelf
from bot.alerts.updates import LastShown, Updates
from bot.alerts.worker import LONGEST_SILENCE, Worker
from bot.model import ClipResult, Delivery
from bot.texts.health import loop_silent

if TYPE_CHECKING:
    from bot.kit.clock import Clock
    from bot.kit.files import Files
    from bot.kit.health import Health, Pulse
    from bot.kit.metrics import Metrics
    from bot.kit.wake import Wake
    from bot.store import Store

_log = logging.getLogger(__name__)

Loops = dict[str, asyncio.Task[None]]
Doubtful = dict[str, tuple[Delivery, ...]]
"""Both by the name of the sender."""


async def _never(_job_id: int, _max_bytes: int) -> bool:
    """Nobody here can make a clip smaller."""
    return False


class Dispatcher:
    """One loop for each sender; `senders` are by the name that `Target.sender` has.

    `holder` names this start of the service. `concurrent` is how many requests of one sender are
    under way at most, and so how many are in doubt after a crash. `read_clip` reads
    `ClipJob.result`. `clip_seconds` is how long a clip is that an alert's button asks for.
    `shrink` makes the clip of a job smaller than so many bytes, and says whether it did.
    """

    def __init__(
        self,
        *,
        store: Store,
        senders: Mapping[str, Sender],
        files: Files,
        pumpfun: Site,
        clock: Clock,
        wake: Wake,
        health: Health,
        metrics: Metrics,
        holder: str,
        read_clip: Callable[[str], ClipResult],
        clip_seconds: float = 30.0,
        shrink: Callable[[int, int], Awaitable[bool]] = _never,
        concurrent: int = 8,
    ) -> None:
        last_shown = LastShown()
        self._senders = dict(senders)
        self._joined = asyncio.Event()
        self._health = health
        self._part = health.part("dispatcher", vital=True)
        self._holder = holder
        self._concurrent = concurrent
        self._lives = 0
        self._doubtful: Doubtful | None = None
        self._workers: dict[str, Worker] = {}
        self._updates = Updates(store, last_shown, clock, wake, metrics)
        self._bench = Bench(
            store=store,
            files=files,
            pictures=Pictures(store, Shelf(files), pumpfun, clock, wake),
            last_shown=last_shown,
            clock=clock,
            wake=wake,
            metrics=metrics,
            read_clip=read_clip,
            clip_seconds=clip_seconds,
            shrink=shrink,
        )

    def join(self, sender: Sender) -> None:
        """Deliver by this one, too, from now on: its platform could not be built before."""
        self._senders[sender.name] = sender
        self._joined.set()

    async def recover(self) -> None:
        """Take up what an earlier life left: what it had claimed is owed again; what stood in
        `sending` is settled by its platform, or uncertain for ever. What is of a platform that is
        not here is left for when it is. Raises StoreError."""
        self._lives += 1
        self._doubtful = await self._take_up(tuple(self._senders))

    async def _take_up(self, names: Iterable[str]) -> Doubtful:
        now, found = self._bench.now(), {}
        async with self._bench.store.write() as unit:
            for name in names:
                found[name] = await unit.deliveries.recover(name, self._life, now)
        if count := sum(map(len, found.values())):
            _log.info("%d deliveries were being sent when Mintcast stopped", count)
        return found

    async def run(self) -> None:
        """Until cancelled; then what is being sent has a moment to end. May be run again, and
        recovers by itself. Raises StoreError."""
        if self._doubtful is None:
            await self.recover()
        doubtful, self._doubtful = self._doubtful or {}, None
        async with self._bench.store.read() as unit:
            streams = await unit.streams.open()
        self._part.good()
        self._bench.pictures.prepare(streams.values(), missed=True)
        async with self._loops() as tasks:
            while True:
                if late := self._senders.keys() - doubtful.keys():
                    doubtful |= await self._take_up(late)
                self._begin_loops(tasks, doubtful)
                self._joined.clear()
                await self._joined_or_failed(tasks)

    @contextlib.asynccontextmanager
    async def _loops(self) -> AsyncIterator[Loops]:
        """The task of each sender's loop, all of them ended at the end."""
        tasks: Loops = {}
        try:
            yield tasks
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
            self._workers = {}
            await self._bench.pictures.stop()

    def _begin_loops(self, tasks: Loops, doubtful: Doubtful) -> None:
        for name, sender in self._senders.items():
            if name not in tasks:
                pulse = self._part.pulse(LONGEST_SILENCE, loop_silent(name))
                worker = self._workers[name] = self._worker(sender, pulse)
                run = _run(worker, doubtful[name], pulse)
                tasks[name] = asyncio.create_task(run, name=f"alerts-{name}")

    async def _joined_or_failed(self, tasks: Loops) -> None:
        """Until another sender is there. Raises what ended a loop."""
        joined = asyncio.create_task(self._joined.wait(), name="alerts-joined")
        try:
            await asyncio.wait((joined, *tasks.values()), return_when=asyncio.FIRST_COMPLETED)
        finally:
            joined.cancel()
            await asyncio.gather(joined, return_exceptions=True)
        for task in tasks.values():
            if task.done():
                task.result()

    async def drain(self) -> None:
        """Until nothing is under way, and nothing more can be done just now. For the end: nobody
        owes anything new by then."""
        await asyncio.gather(*(worker.drain() for worker in self._workers.values()))

    async def refresh(self) -> int:
        """Owe updates of title and viewers where they are asked for; how many. Call it every
        minute. Raises StoreError."""
        return await self._updates.refresh()

    @property
    def _life(self) -> str:
        """Names this run as a holder: the next one takes over what it leaves."""
        return f"{self._holder}.{self._lives}"

    def _worker(self, sender: Sender, pulse: Pulse) -> Worker:
        part = self._health.part(f"alerts {sender.name}")
        return Worker(self._bench, sender, part, pulse, self._life, self._concurrent)


async def _run(worker: Worker, doubtful: Sequence[Delivery], pulse: Pulse) -> None:
    try:
        await worker.run(doubtful)
    finally:
        pulse.end()
