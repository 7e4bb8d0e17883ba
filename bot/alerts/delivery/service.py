"""Closes the difference between what is owed and what is shown, on every platform at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import texts
from bot.alerts.context import AlertContext
from bot.alerts.delivery.loop import LONGEST_SILENCE, DeliveryLoop
from bot.alerts.live_updates import LastShown, LiveUpdates
from bot.alerts.picture_cache import PictureCache
from bot.alerts.pictures import LivePictures, NoLivePictures, Pictures, Site
from bot.alerts.ports import NO_ANSWER, Remembers, Sender
from bot.errors import StoreError
from bot.kit.leadership import current_lease, is_handed_over
from bot.kit.tasks import background, cancel_and_wait, failure_of, first_to_end, spawn, supervise
from bot.model import DEFAULT_CLIP_SECONDS, ClipResult, Delivery

if TYPE_CHECKING:
    from bot.kit.files import Files
    from bot.kit.health import Health, Pulse
    from bot.kit.leadership import HeldLease, Leadership
    from bot.kit.metrics import Metrics
    from bot.kit.notifier import Notifier
    from bot.kit.timing.clock import Clock
    from bot.store import Store

_log = logging.getLogger(__name__)

_RETRY_SECONDS = 10.0
"""The longest pause before a loop begins again."""

_ROLE = "alerts"
"""Of the nodes that send, as the settings have it."""

LoopTasks = dict[str, asyncio.Task[None]]
"""By the name of the sender."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What `worker_id` has taken over of one sender's deliveries: those that stood in `sending`."""

    worker_id: str
    in_doubt: tuple[Delivery, ...]


async def _never(_job_id: int, _max_bytes: int) -> bool:
    """Nobody here can make a clip smaller."""
    return False


class DeliveryService:
    """One loop for each sender; `senders` are by the name that `Target.sender` has.

    `worker_id` names this start of the service. `concurrent` is how many requests of one sender are
    under way at most, and so how many are in doubt after a crash. `read_clip` reads
    `ClipJob.result`. `clip_seconds` is how long a clip is that an alert's button asks for.
    `shrink` makes the clip of a job smaller than so many bytes, and says whether it did. `live`
    makes pictures of what is on air; without it, alerts have what the site shows.
    """

    def __init__(
        self,
        *,
        store: Store,
        senders: Mapping[str, Sender],
        files: Files,
        pumpfun: Site,
        live: LivePictures | None = None,
        clock: Clock,
        notifier: Notifier,
        health: Health,
        metrics: Metrics,
        leadership: Leadership,
        worker_id: str,
        read_clip: Callable[[str], ClipResult],
        clip_seconds: float = DEFAULT_CLIP_SECONDS,
        shrink: Callable[[int, int], Awaitable[bool]] = _never,
        concurrent: int = 8,
    ) -> None:
        last_shown = LastShown()
        self._senders = dict(senders)
        self._joined = asyncio.Event()
        self._health = health
        self._part = health.part("dispatcher", vital=True)  # as /healthz names it
        self._leadership = leadership
        self._worker_id = worker_id
        self._concurrent = concurrent
        self._runs = 0
        self._recovered: dict[str, Recovered] | None = None
        self._delivery_loops: dict[str, DeliveryLoop] = {}
        self._led: dict[str, HeldLease | None] = {}
        self._updates = LiveUpdates(store, last_shown, clock, notifier, metrics)
        pictures = Pictures(
            store, PictureCache(files), pumpfun, live or NoLivePictures(), clock, notifier
        )
        self._context = AlertContext(
            store=store,
            files=files,
            pictures=pictures,
            last_shown=last_shown,
            clock=clock,
            notifier=notifier,
            metrics=metrics,
            read_clip=read_clip,
            clip_seconds=clip_seconds,
            shrink=shrink,
        )

    def join(self, sender: Sender) -> None:
        """Deliver by this one, too, from now on: its platform could not be built before."""
        self._senders[sender.name] = sender
        self._joined.set()

    def sender(self, name: str) -> Sender | None:
        """The one of that name, as `Target.sender` has it; None: it is not there, or not yet."""
        return self._senders.get(name)

    async def recover(self) -> None:
        """Take over what an earlier run left: what it had claimed is owed again; what stood in
        `sending` is settled by its platform, or uncertain for ever. What is of a platform that is
        not here is left for when it is. Raises StoreError."""
        self._recovered = await self._take_over(*self._senders)

    async def _take_over(self, *names: str) -> dict[str, Recovered]:
        """By the name of the sender, under a worker id of its own."""
        self._runs += 1
        worker_id, now = f"{self._worker_id}.{self._runs}", self._context.now()
        recovered = {}
        async with self._context.store.write() as unit:
            for name in names:
                in_doubt = await unit.deliveries.recover(name, worker_id, now)
                if current_lease() is not None:
                    await unit.deliveries.hurry(name, NO_ANSWER, now)
                recovered[name] = Recovered(worker_id, in_doubt)
        if count := sum(len(one.in_doubt) for one in recovered.values()):
            _log.info("%d deliveries were being sent when Mintcast stopped", count)
        return recovered

    async def run(self) -> None:
        """Until cancelled; then what is being sent has a moment to end. May be run again. Each loop
        recovers by itself what was left, and begins again where the database fails it."""
        recovered, self._recovered = self._recovered or {}, None
        self._part.good()
        async with self._loops() as tasks:
            while True:
                self._begin_loops(tasks, recovered)
                self._joined.clear()
                await self._joined_or_failed(tasks)

    @contextlib.asynccontextmanager
    async def _loops(self) -> AsyncIterator[LoopTasks]:
        """The task of each sender's loop, all of them ended at the end."""
        tasks: LoopTasks = {}
        try:
            yield tasks
        finally:
            await cancel_and_wait(*tasks.values())
            await self._context.pictures.stop()

    def _begin_loops(self, tasks: LoopTasks, recovered: Mapping[str, Recovered]) -> None:
        for name, sender in self._senders.items():
            if name not in tasks:
                loop = self._lead(sender, recovered.get(name))
                tasks[name] = spawn(loop, f"alerts-{name}")

    async def _lead(self, sender: Sender, first: Recovered | None) -> None:
        """One node at a time sends by it: what others had claimed is settled when their term is
        over, for only then it is ours."""

        async def supervised() -> None:
            nonlocal first
            recovered, first = first, None
            if current_lease() is not None:
                self._health.part(f"alerts {sender.name}").rest("")
            if isinstance(sender, Remembers):
                sender.forget()
            self._led[sender.name] = current_lease()
            try:
                await self._supervise(sender, recovered)
            finally:
                del self._led[sender.name]
                await self._rest(sender.name)

        await self._leadership.lead(f"sender:{sender.name}", supervised, role=_ROLE)

    async def _rest(self, name: str) -> None:
        """Another node sends by it from now on; whoever sends by none looks for no pictures, and
        is well, whatever ended its last loop."""
        if current_lease() is not None:
            why = texts.health.standby(name, handed_over=is_handed_over())
            self._health.part(f"alerts {name}").rest(why)
            if not self._led:
                self._part.good()
        if not self._led:
            await self._context.pictures.stop()

    async def _supervise(self, sender: Sender, first: Recovered | None) -> None:
        """The loop of one sender, begun again after the database has failed it. Each takes over
        what the one before left; `first` is what was taken over at the start, if it was."""
        pulse = self._part.pulse(LONGEST_SILENCE, texts.health.loop_silent(sender.name))

        async def once() -> None:
            nonlocal first
            recovered = first or (await self._take_over(sender.name))[sender.name]
            first = None
            await self._prepare_pictures(sender.name)
            await self._run_loop(sender, pulse, recovered)

        try:
            await supervise(once, self._part, self._context.clock, (StoreError,), _RETRY_SECONDS)
        finally:
            pulse.end()

    async def _prepare_pictures(self, sender: str) -> None:
        async with self._context.store.read() as unit:
            streams = (await unit.streams.open()).values()
            without_moving = await unit.deliveries.without_moving(sender)
        self._context.pictures.prepare(streams, missed=True)
        self._context.pictures.prepare_moving(streams, without_moving)

    async def _run_loop(self, sender: Sender, pulse: Pulse, recovered: Recovered) -> None:
        part = self._health.part(f"alerts {sender.name}")
        loop = DeliveryLoop(
            self._context, sender, part, pulse, recovered.worker_id, self._concurrent
        )
        self._delivery_loops[sender.name] = loop
        try:
            await loop.run(recovered.in_doubt)
        finally:
            del self._delivery_loops[sender.name]

    async def _joined_or_failed(self, tasks: LoopTasks) -> None:
        """Until another sender is there. Raises what ended a loop."""
        async with background(self._joined.wait(), "alerts-joined") as joined:
            await first_to_end(joined, *tasks.values())
        for task in tasks.values():
            if task.done() and (error := failure_of(task)) is not None:
                raise error

    async def drain(self) -> None:
        """Until nothing is under way, and nothing more can be done just now. For the end: nobody
        owes anything new by then."""
        await asyncio.gather(*(loop.drain() for loop in self._delivery_loops.values()))

    async def refresh(self) -> int:
        """Owe updates of title and viewers where they are asked for, of the messages that are sent
        from here; how many. Call it every minute. Raises StoreError."""
        return await self._updates.refresh(
            {name: self._led[name] for name in self._delivery_loops if name in self._led}
        )
