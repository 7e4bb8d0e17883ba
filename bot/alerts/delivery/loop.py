"""The loop of one sender: claims what may go out, and delivers so much at the same time.

Nothing here waits for one delivery: a slow target has one slot, a dead platform only its own loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from bot.alerts.context import AlertContext
from bot.alerts.delivery.attempt import DeliveryAttempt
from bot.alerts.delivery.circuit_breaker import CircuitBreaker
from bot.alerts.delivery.failure_policy import FailurePolicy
from bot.alerts.delivery.failure_table import LONGEST_WAIT, MOST_FAULTS, back_off
from bot.alerts.delivery.in_doubt import InDoubtSend, InDoubtSettler
from bot.alerts.delivery.oversized_clips import OversizedClips
from bot.alerts.planning.plan import Why
from bot.alerts.planning.planner import Planner
from bot.alerts.planning.rows import AlertRows, RowReader
from bot.alerts.ports import Sender
from bot.errors import StoreError
from bot.kit.error_text import reason
from bot.kit.health import Part, Pulse
from bot.kit.leadership import is_handed_over
from bot.kit.notifier import DELIVERIES, heard
from bot.kit.tasks import cancel_and_wait, failure_of, spawn
from bot.model import Delivery, DeliveryState, Priority

_log = logging.getLogger(__name__)

_LONGEST_REST = 60.0
"""A notification may be missed: the rows are looked at so often at least."""

LONGEST_SILENCE = _LONGEST_REST + 15.0
"""A loop that has not looked for so long hangs."""

_STUCK_SECONDS = 300.0
"""Nor does one move in which no slot became free for so long: every request ends before that."""

_LEAST_REST = 0.02

_FOR_OTHERS = 3
"""So many slots no clip has: an upload may take minutes, and whoever has the same clip waits for
it."""

_AHEAD_SECONDS = 0.5
"""Rows are claimed when a turn is to be had so soon."""

_DRAIN_SECONDS = 3.0
_NOTED_SECONDS = 120.0
"""After the database has failed, so long is waited for what is under way: to cut it off would leave
it in doubt."""
_LEFT_SECONDS = 60.0
"""The same where another node is to send, for nothing can be reached from here: what cannot connect
says so well before that, and then it is known that nothing arrived."""


_Claimed = tuple[Delivery, AlertRows | None]


class DeliveryLoop:
    """Of one sender. `concurrent` of its deliveries are attempted at the same time; as many more
    may be claimed and wait, in the name of `worker_id`. `part` tells how the platform takes them,
    `pulse` that the loop goes round."""

    def __init__(
        self,
        context: AlertContext,
        sender: Sender,
        part: Part,
        pulse: Pulse,
        worker_id: str,
        concurrent: int,
    ) -> None:
        self._context = context
        self._pulse = pulse
        self._moved_at = context.clock.monotonic()
        self._sender = sender
        self._worker_id = worker_id
        self._concurrent = concurrent
        self._most_clips = max(1, concurrent - _FOR_OTHERS)
        self._reader = RowReader(context.store, context.clock)
        planner = Planner(context, self._reader)
        self._failure_policy = failure_policy = FailurePolicy(context, sender)
        self._oversized = OversizedClips(context)
        self._attempt = DeliveryAttempt(context, sender, planner, failure_policy, self._oversized)
        self._circuit_breaker = CircuitBreaker(sender.name, part, context.clock)
        self._settler = InDoubtSettler(
            context, sender, self._reader, planner, failure_policy, self._circuit_breaker
        )
        self._claimed: list[_Claimed] = []
        self._in_doubt: list[InDoubtSend] = []
        self._running: dict[asyncio.Task[None], Delivery] = {}
        self._hint = asyncio.Event()
        self._prepared: frozenset[int] = frozenset()
        self._idle = asyncio.Event()
        self._times_set: int | None = None

    async def run(self, in_doubt: Iterable[Delivery]) -> None:
        """Until cancelled; then what is being sent has three seconds to end.

        `in_doubt` stood in `sending` when an earlier run ended. Raises StoreError.
        """
        # What that run showed, if it did, was the first revision at least.
        for d in in_doubt:
            self._note_doubt(replace(d, wanted=1), Why.CRASH)
        try:
            with self._context.notifier.listening(DELIVERIES) as self._hint:
                while True:
                    self._hint.clear()
                    await self._reap()
                    await self._follow_the_clock()
                    rest = min(await self._fill(), _LONGEST_REST)
                    if self._moves():
                        self._pulse.beat()
                    if not self._running and not self._claimed:
                        self._idle.set()
                    await heard(self._hint, self._context.clock, rest)
        except StoreError as error:  # what was sent meanwhile is noted as soon as that is possible
            self._pulse.fail(reason(error))
            await self._wind_down(_NOTED_SECONDS)
            raise
        finally:
            self._idle.set()
            self._pulse.restart()
            await self._wind_down(_LEFT_SECONDS if is_handed_over() else _DRAIN_SECONDS)

    async def drain(self) -> None:
        """Until nothing is under way, and nothing more can be done just now."""
        self._idle.clear()
        self._hint.set()
        await self._idle.wait()

    def _moves(self) -> bool:
        """Whether a slot is free, or was lately."""
        now = self._context.clock.monotonic()
        if len(self._running) < self._concurrent:
            self._moved_at = now
        return now - self._moved_at < _STUCK_SECONDS

    async def _fill(self) -> float:
        """Start what may be started; seconds until there may be more, if nobody says so before."""
        pause = self._circuit_breaker.pause()
        if pause > 0:
            return pause
        while True:
            self._start_some()
            capacity = self._capacity()
            if self._startable() and capacity <= 0:
                return _LONGEST_REST  # all slots are taken, and the end of one is a hint
            now = self._context.now()
            if capacity <= 0 or not await self._claim(capacity, now):
                return await self._rest(capacity, now)

    def _capacity(self) -> int:
        """How many more the rate limits allow soon, so that they are at hand when a slot is free.
        What is claimed goes before whatever falls due later, so it is never much."""
        waiting = len(self._startable())
        if waiting > self._concurrent // 2:
            return 0
        free = self._sender.rate_limits.free(2 * self._concurrent, within=_AHEAD_SECONDS)
        return min(self._concurrent, free - waiting)

    def _start_some(self) -> None:
        while len(self._running) < self._concurrent:
            send = self._next_in_doubt()
            if send is not None:
                self._start(self._settle(send), send.delivery)
            elif startable := self._startable():
                self._claimed.remove(startable[0])
                self._start(self._deliver(*startable[0]), startable[0][0])
            else:
                return

    def _startable(self) -> list[_Claimed]:
        """What is claimed and has a slot, once one is free."""
        return [one for one in self._claimed if self._has_slot(one[0])]

    def _settleable(self) -> list[InDoubtSend]:
        """The same of what is in doubt: a clip may have to be uploaded once more."""
        return [one for one in self._in_doubt if self._has_slot(one.delivery)]

    def _has_slot(self, d: Delivery) -> bool:
        return not _is_clip(d) or _clips_in(self._running.values()) < self._most_clips

    async def _claim(self, most: int, now: datetime) -> bool:
        """Take some more of what is due by `now`; whether there were any. No clip is claimed that
        has no slot: its chat would wait for it with all else."""
        at_hand = chain(self._running.values(), (d for d, _ in self._claimed))
        room = max(0, self._most_clips - _clips_in(at_hand))
        async with self._context.store.write() as unit:
            claimed = await unit.deliveries.claim(
                self._sender.name, self._worker_id, most, now, clips=room > 0
            )
            too_many = [d for d in claimed if _is_clip(d)][room:]
            await unit.deliveries.give_back(too_many)
        claimed = tuple(d for d in claimed if d not in too_many)
        if claimed:
            await self._prepare_pictures(claimed)
            rows = await self._reader.alerts(claimed)
            self._claimed.extend((d, rows.get(d.id)) for d in claimed)
        return bool(claimed)

    async def _prepare_pictures(self, claimed: Iterable[Delivery]) -> None:
        """Where a stream is new here, all that are open look for theirs at the same time: each
        first showing waits for a picture, and they should not do so one after another."""
        streams = frozenset(
            d.stream_id for d in claimed if d.stream_id is not None and d.message_id is None
        )
        if streams <= self._prepared:
            return
        async with self._context.store.read() as unit:
            found = (await unit.streams.open()).values()
        self._context.pictures.prepare(found)
        self._prepared = streams.union(stream.id for stream in found)

    async def _follow_the_clock(self) -> None:
        """What an earlier run put off is believed within reason; what this one did, until the
        clock is set: it may have been set back."""
        times = self._context.clock.times_set()
        if times == self._times_set:
            return
        longest = LONGEST_WAIT if self._times_set is None else timedelta(0)
        async with self._context.store.write() as unit:
            await unit.deliveries.release(self._sender.name, self._context.now(), longest)
        self._times_set = times

    async def _rest(self, capacity: int, asked: datetime) -> float:
        """What has fallen due since `asked` nobody has claimed, and is not to be waited for."""
        clock = self._context.clock
        waits = [_LONGEST_REST]
        if len(self._running) < self._concurrent:  # else the end of one is a hint
            waits += [send.due - clock.monotonic() for send in self._settleable()]
        if capacity <= 0:
            delay = self._sender.rate_limits.delay(_AHEAD_SECONDS)
            waits.append(max(_LEAST_REST, delay - _AHEAD_SECONDS))
        async with self._context.store.read() as unit:
            due = await unit.deliveries.next_due(self._sender.name, asked)
        if due is not None:
            waits.append((due - clock.now()).total_seconds())
        elif capacity > 0 and not (self._running or self._claimed or self._in_doubt):
            self._circuit_breaker.forget()
        return max(0.0, min(waits))

    # Tasks

    def _start(self, coroutine: Coroutine[Any, Any, None], d: Delivery) -> None:
        task = spawn(coroutine, f"delivery-{d.id}")
        self._running[task] = d
        task.add_done_callback(lambda _: self._hint.set())

    async def _deliver(self, d: Delivery, rows: AlertRows | None) -> None:
        report = await self._attempt.deliver(d, rows)
        self._context.announce(d)
        if report.error is not None and report.in_doubt is not None:
            self._note_doubt(report.in_doubt, report.error.fault)
        if report.asked:
            self._circuit_breaker.note(d.target_id, report.error)

    def _note_doubt(self, d: Delivery, why: str) -> None:
        now = self._context.clock.monotonic()
        self._in_doubt.append(InDoubtSend(d, why, since=now, due=now))

    def _next_in_doubt(self) -> InDoubtSend | None:
        now = self._context.clock.monotonic()
        send = next((one for one in self._settleable() if one.due <= now), None)
        if send is not None:
            self._in_doubt.remove(send)
        return send

    async def _settle(self, send: InDoubtSend) -> None:
        again = await self._settler.settle(send)
        self._context.announce(send.delivery)
        if again is not None:
            self._in_doubt.append(again)

    async def _reap(self) -> None:
        """Forget what has ended. Raises StoreError; any other failure is a defect of ours, which
        costs its own delivery and no other."""
        for task in [task for task in self._running if task.done()]:
            d = self._running.pop(task)
            self._moved_at = self._context.clock.monotonic()
            error = failure_of(task)
            if isinstance(error, StoreError):
                raise error
            if error is not None:
                _log.error("delivery %d met a fault of Mintcast", d.id, exc_info=error)
                await self._put_aside(d)

    async def _put_aside(self, d: Delivery) -> None:
        now, due_at = self._context.now(), self._context.after(back_off(d.attempts))
        async with self._context.store.write() as unit:
            row = await unit.deliveries.get(d.id)
            if row is not None and row.state is DeliveryState.SENDING:
                await unit.deliveries.mark_uncertain(d, Why.FAULT, now)
            elif d.attempts < MOST_FAULTS:
                await unit.deliveries.put_off(d, due_at, Why.FAULT)
            elif d.message_id is None:
                await unit.deliveries.mark_dead(d, Why.FAULT, now)
            else:
                await unit.deliveries.forget_message(d, Why.FAULT, now)

    async def _wind_down(self, seconds: float) -> None:
        """What was claimed and not begun is still owed: the next run finds it."""
        clock = self._context.clock
        end = clock.monotonic() + seconds
        try:
            while any(not task.done() for task in self._running) and clock.monotonic() < end:
                self._hint.clear()
                await heard(self._hint, clock, end - clock.monotonic())
        finally:
            await cancel_and_wait(*self._running)
            for task in self._running:
                failure_of(task)  # looked at: what it left undone, the next life finds in the rows
            await self._oversized.stop()
            await self._failure_policy.stop()


def _clips_in(deliveries: Iterable[Delivery]) -> int:
    return sum(map(_is_clip, deliveries))


def _is_clip(d: Delivery) -> bool:
    return d.priority == Priority.CLIP
