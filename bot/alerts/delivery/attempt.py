"""One claimed delivery: from its plan to the row that says what became of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from bot.alerts.context import AlertContext
from bot.alerts.delivery.asking import asked, crowded_for
from bot.alerts.delivery.failure_policy import FailurePolicy, Report
from bot.alerts.delivery.failure_table import TABLE, Action
from bot.alerts.delivery.oversized_clips import OversizedClips
from bot.alerts.planning import compose
from bot.alerts.planning.plan import Drop, HoldBack, Later, Leave, Remove, Show, Why
from bot.alerts.planning.planner import Planner
from bot.alerts.planning.rows import AlertRows
from bot.alerts.ports import Fault, NothingSent, Sender, SendError
from bot.errors import LeaseLost, StoreError
from bot.kit.tasks import to_its_end
from bot.model import ClipFailure, Delivery, DeliveryKind, DeliveryState, JobFault, Target
from bot.store import Unit, write_timeout

T = TypeVar("T")

_LAST_WRITE_SECONDS = 2.0
"""So long the end of a run waits for the row of what was cut off."""

_DONE = Report(asked=True)
_NOT_ASKED = Report(asked=False)


class DeliveryAttempt:
    """Makes the deliveries of one sender, several at the same time."""

    def __init__(
        self,
        context: AlertContext,
        sender: Sender,
        planner: Planner,
        failure_policy: FailurePolicy,
        oversized: OversizedClips,
    ) -> None:
        self._context = context
        self._sender = sender
        self._planner = planner
        self._failure_policy = failure_policy
        self._oversized = oversized

    async def deliver(self, d: Delivery, rows: AlertRows | None) -> Report:
        """Show it as it is wanted now, or mark why not. `rows` as `Planner.plan` has them.

        Raises StoreError.
        """
        plan = await self._planner.plan(d, rows)
        if isinstance(plan, HoldBack):
            if await self._hold_back(d, plan):
                return _NOT_ASKED
            plan = await self._planner.plan(d, rows, may_hold_back=False)
        match plan:
            case Drop(why):
                await self._drop(d, why)
            case Later(until):
                await self._wait(d, until)
            case Show() if d.message_id is not None:
                return await self._edit(d, plan, d.message_id)
            case Show():
                fits = await self._oversized.fitting(d, plan)
                return _NOT_ASKED if fits is None else await self._send(d, fits)
            case Remove(target) if d.message_id is not None:
                return await self._remove(d, target, d.message_id)
            case Leave() if d.message_id is not None:
                await self._shown(d, d.message_id)
        return _NOT_ASKED

    async def _send(self, d: Delivery, show: Show, *, is_retry: bool = False) -> Report:
        if not is_retry and await self._is_crowded(d, show.target):
            return _NOT_ASKED
        async with self._turn(d, show.target):
            # Right before the request, and once: a try that was refused leaves nothing in doubt.
            if not is_retry:
                begun = await self._begin(d, show.message.role)
                if begun is None:
                    return _NOT_ASKED
                d = begun
            try:
                sent = await _tried(
                    lambda: self._sender.send(
                        show.target, show.message, nonce=show.nonce, reply_to=d.reply_to
                    )
                )
            except LeaseLost:  # it was not asked, and its row can be written a little longer
                await self._not_begun(d)
                raise
            except NothingSent:
                await self._cut_off(d)
                raise
        if isinstance(sent, SendError):
            if await self._oversized.retry_smaller(d, show, sent):
                return Report(asked=True, error=sent)
            less = _plainer(show, sent)
            if less is not None:
                return await self._send(d, less, is_retry=True)
            return await self._failure_policy.apply(d, show.target, sent)
        sent_at = await self._shown(d, sent)
        self._count("sent")
        await self._measure(d, sent_at)
        return _DONE

    async def _measure(self, d: Delivery, sent_at: datetime) -> None:
        """How long it took from what it answers."""
        clock, metrics, sender = self._context.clock, self._context.metrics, self._sender.name
        if d.kind is DeliveryKind.ALERT:
            waited = clock.between(d.created_at, sent_at).total_seconds()
            metrics.alert_delay.labels(sender).observe(waited)
        elif d.kind is DeliveryKind.CLIP and d.job_id is not None:
            async with self._context.store.read() as unit:
                job = await unit.jobs.get(d.job_id)
            if job is not None and job.source is not None and job.file_key is not None:
                waited = clock.between(job.order.asked_at, sent_at).total_seconds()
                metrics.clip_chat_delay.labels(job.source.value, sender).observe(waited)

    async def _edit(self, d: Delivery, show: Show, message_id: str) -> Report:
        if await self._is_crowded(d, show.target):
            return _NOT_ASKED
        async with self._turn(d, show.target):
            failure = await _tried(lambda: self._sender.edit(show.target, message_id, show.message))
        if isinstance(failure, SendError):
            less = _plainer(show, failure)
            if less is not None and show.recut_id is not None:
                await self._keep_old_clip(show.recut_id, failure)
            elif less is not None:
                return await self._edit(d, less, message_id)
            return await self._failure_policy.apply(d, show.target, failure)
        await self._shown(d, message_id)
        self._count("edited")
        return _DONE

    async def _keep_old_clip(self, recut_id: int, failure: SendError) -> None:
        """What stands there is better than a word about what cannot."""
        is_large = failure.fault is Fault.TOO_LARGE
        error = ClipFailure.TOO_FEW_BYTES if is_large else JobFault.REFUSED
        await self._context.mark_surely(lambda unit: unit.jobs.refuse(recut_id, error.value))

    async def _remove(self, d: Delivery, target: Target, message_id: str) -> Report:
        if await self._is_crowded(d, target):
            return _NOT_ASKED
        async with self._turn(d, target):
            failure = await _tried(lambda: self._sender.delete(target, message_id))
        if isinstance(failure, SendError):
            if failure.fault is Fault.TOO_OLD:
                kept = await self._planner.plan(d, may_remove=False)
                if isinstance(kept, Show):
                    return await self._edit(d, kept, message_id)
            return await self._failure_policy.apply(d, target, failure)
        await self._deleted(d, message_id)
        self._count("deleted")
        return _DONE

    async def _deleted(self, d: Delivery, message_id: str) -> None:
        """An alert that is gone stands nowhere any more. Of a clip the place is still told of: its
        card is judged by it."""
        if d.kind is not DeliveryKind.ALERT:
            await self._shown(d, message_id)
            return
        now = self._context.now()
        await self._context.mark_surely(lambda unit: unit.deliveries.forget_message(d, None, now))

    # Parts

    def _turn(self, d: Delivery, target: Target) -> AbstractAsyncContextManager[None]:
        return self._sender.rate_limits.turn(target.id, target.place_id, d.priority)

    async def _is_crowded(self, d: Delivery, target: Target) -> bool:
        """Whether it was put off, since others can go before this target may be sent to."""
        wait = crowded_for(self._sender, target)
        if not wait:
            return False
        until = self._context.after(wait)
        async with self._context.store.write() as unit:
            await unit.deliveries.hold_target(target.id, until)
            await unit.deliveries.put_off(d, until, Fault.RATE_LIMITED, count=False)
        return True

    async def _begin(self, d: Delivery, mention: str | None) -> Delivery | None:
        """The row as it stands in `sending` now; None: it is not ours any more."""
        now = self._context.now()
        try:
            begun = await self._context.mark(
                lambda unit: unit.deliveries.mark_sending(d, now, mention)
            )
        except StoreError as error:
            if error.in_doubt:
                await self._not_begun(d)
            raise
        except asyncio.CancelledError:  # its commit may be made all the same
            await self._cut_off(d)
            raise
        if not begun:
            return None
        return replace(d, state=DeliveryState.SENDING, changed_at=now, mention=mention)

    async def _not_begun(self, d: Delivery) -> None:
        """Nothing has left, and nobody else can tell: the row may say that it has."""
        await self._context.mark_surely(self._put_back(d))

    async def _cut_off(self, d: Delivery) -> None:
        """The same by the end of a run, which waits a moment."""
        with contextlib.suppress(StoreError), write_timeout(_LAST_WRITE_SECONDS):
            await to_its_end(self._context.mark(self._put_back(d)))

    def _put_back(self, d: Delivery) -> Callable[[Unit], Awaitable[bool]]:
        now = self._context.now()
        return lambda unit: unit.deliveries.put_off(d, now, Why.FAULT, count=False)

    async def _shown(self, d: Delivery, message_id: str) -> datetime:
        """When, as the row has it."""
        now = self._context.now()
        await self._context.mark_surely(lambda unit: unit.deliveries.mark_shown(d, message_id, now))
        return now

    async def _drop(self, d: Delivery, why: str) -> None:
        now = self._context.now()
        if d.message_id is None:
            await self._context.mark(lambda unit: unit.deliveries.mark_dead(d, why, now))
        else:
            await self._context.mark(lambda unit: unit.deliveries.forget_message(d, why, now))
        self._count(why)

    async def _wait(self, d: Delivery, until: datetime) -> None:
        await self._context.mark(lambda unit: unit.deliveries.put_off(d, until, None, count=False))

    async def _hold_back(self, d: Delivery, plan: HoldBack) -> bool:
        """Leave it to the digest of that morning; False: that one is gone already."""
        now = self._context.now()
        key = f"digest:{plan.day}"
        async with self._context.store.write() as unit:
            rows = unit.deliveries
            digest = await rows.find(d.target_id, key)
            if digest is not None and digest.state is not DeliveryState.DUE:
                return False
            await rows.owe_body(d.target_id, key, DeliveryKind.DIGEST, "{}", now, due_at=plan.until)
            await rows.leave_to(key, d, Why.NIGHT_DIGEST, now)
        self._count(Why.NIGHT_DIGEST)
        return True

    def _count(self, outcome: str) -> None:
        self._context.metrics.sends.labels(self._sender.name, outcome).inc()


async def _tried(request: Callable[[], Awaitable[T]]) -> T | SendError:
    """What it gives, if it may still be made. Raises LeaseLost."""
    try:
        return await asked(request)
    except SendError as error:
        return error


def _plainer(show: Show, error: SendError) -> Show | None:
    """The same without its file, where that is what the table says and there is one."""
    if Action.PLAINER not in TABLE[error.fault]:
        return None
    less = compose.plainer(show.message, too_large=error.fault is Fault.TOO_LARGE)
    return None if less is None else replace(show, message=less)
