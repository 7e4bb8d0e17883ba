"""First showings of which nobody knows whether they arrived: settled, never repeated blindly.

The row stays in `sending` meanwhile, so that a crash changes nothing about it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.alerts.context import AlertContext
from bot.alerts.delivery.asking import asked, crowded_for
from bot.alerts.delivery.circuit_breaker import CircuitBreaker
from bot.alerts.delivery.failure_policy import FailurePolicy
from bot.alerts.delivery.failure_table import (
    REPEATABLE_WITHIN,
    SETTLE_WITHIN,
    TABLE,
    Action,
    back_off,
)
from bot.alerts.planning.plan import Show, Why
from bot.alerts.planning.planner import Planner
from bot.alerts.planning.rows import RowReader
from bot.alerts.ports import Fault, Found, Sender, SendError, Settled
from bot.model import Delivery, Target

_ASK_AGAIN = frozenset({Action.BACK_OFF, Action.WAIT, Action.STOP})


@dataclass(frozen=True, slots=True)
class InDoubtSend:
    """A delivery in `sending`. `why` is what an uncertain one will say. `since` and `due` are
    times of the clock's `monotonic`: when it was first asked about, and when to ask (again)."""

    delivery: Delivery
    why: str
    since: float
    due: float
    tries: int = 0

    @property
    def begun(self) -> datetime:
        """When it went into `sending`."""
        return self.delivery.changed_at or self.delivery.created_at


class InDoubtSettler:
    """Of one sender: asks the platform what became of a send."""

    def __init__(
        self,
        context: AlertContext,
        sender: Sender,
        reader: RowReader,
        planner: Planner,
        failure_policy: FailurePolicy,
        circuit_breaker: CircuitBreaker,
    ) -> None:
        self._context = context
        self._sender = sender
        self._reader = reader
        self._planner = planner
        self._failure_policy = failure_policy
        self._circuit_breaker = circuit_breaker

    async def settle(self, send: InDoubtSend) -> InDoubtSend | None:
        """Ask the platform, and mark what it says; else when to ask again. Raises StoreError."""
        d = send.delivery
        named = await self._reader.named(d)
        if named is None:
            await self._uncertain(d, Why.GONE)
            return None
        target, nonce = named
        if (later := self._once_awake(send, target)) is not None:
            return later
        try:
            async with self._sender.rate_limits.turn(target.id, target.place_id, d.priority):
                answer = await asked(
                    lambda: self._sender.settle(
                        target, nonce, begun=send.begun, reply_to=d.reply_to
                    )
                )
        except SendError as error:
            return await self._unanswered(send, target, error)
        match answer:
            case Settled.REPEATABLE:
                return await self._repeat(send)
            case Found(message_id):
                await self._shown(d, message_id)
            case Settled.NOT_THERE:
                await self._not_there(send)
            case Settled.UNCERTAIN:
                await self._uncertain(d, send.why)
        return None

    async def _repeat(self, send: InDoubtSend) -> InDoubtSend | None:
        """The platform still knows the nonce, and says that a repeat is harmless."""
        d = send.delivery
        was_repeatable = self._repeatable_for(send) > 0
        plan = await self._planner.plan(d, may_hold_back=False)
        if not isinstance(plan, Show):
            return await self._not_repeated(send)
        target = plan.target
        if (later := self._once_awake(send, target)) is not None:
            return later
        try:
            async with self._sender.rate_limits.turn(target.id, target.place_id, d.priority):
                if (
                    was_repeatable and self._repeatable_for(send) <= 0
                ):  # the turn was long in coming
                    return replace(send, due=self._context.clock.monotonic())
                message_id = await asked(
                    lambda: self._sender.send(
                        target, plan.message, nonce=plan.nonce, reply_to=d.reply_to
                    )
                )
        except SendError as error:
            if error.fault is Fault.TOO_LARGE:  # and so the first try was refused as well
                await self._not_there(send)
                return None
            return await self._unanswered(send, target, error)
        await self._shown(d, message_id)
        return None

    def _once_awake(self, send: InDoubtSend, target: Target) -> InDoubtSend | None:
        """It, for when its target may be written to, since others can go before; None: now."""
        wait = crowded_for(self._sender, target)
        if not wait:
            return None
        return replace(send, due=self._context.clock.monotonic() + wait)

    async def _not_repeated(self, send: InDoubtSend) -> InDoubtSend | None:
        """It is not to be shown any more; but if it arrived, it has to be changed. A platform
        that has forgotten the nonce may look for the message."""
        seconds = self._repeatable_for(send)
        if seconds > 0:
            return replace(send, due=self._context.clock.monotonic() + seconds)
        await self._uncertain(send.delivery, send.why)
        return None

    def _repeatable_for(self, send: InDoubtSend) -> float:
        """Seconds for which its nonce is remembered for sure."""
        return self._context.age(send.begun).left(REPEATABLE_WITHIN).total_seconds()

    async def _unanswered(
        self, send: InDoubtSend, target: Target, error: SendError
    ) -> InDoubtSend | None:
        d, now = send.delivery, self._context.clock.monotonic()
        if not error.is_ours:
            self._circuit_breaker.note(target.id, error)
        action = TABLE[error.fault].change
        if action in _ASK_AGAIN and now - send.since < SETTLE_WITHIN.total_seconds():
            pause = back_off(send.tries) if error.retry_after is None else error.retry_after
            return replace(send, due=now + pause, tries=send.tries + 1)
        await self._uncertain(d, send.why)
        if action is Action.DISABLE:
            await self._failure_policy.disable(d, target, error)
        return None

    async def _not_there(self, send: InDoubtSend) -> None:
        d, due_at = send.delivery, self._context.after(back_off(send.delivery.attempts))
        await self._context.mark(lambda unit: unit.deliveries.put_off(d, due_at, send.why))

    async def _shown(self, d: Delivery, message_id: str) -> None:
        self._circuit_breaker.note(d.target_id, None)
        now = self._context.now()
        await self._context.mark_surely(lambda unit: unit.deliveries.mark_shown(d, message_id, now))
        self._context.metrics.sends.labels(self._sender.name, "sent").inc()

    async def _uncertain(self, d: Delivery, why: str) -> None:
        now = self._context.now()
        await self._context.mark(lambda unit: unit.deliveries.mark_uncertain(d, why, now))
        self._context.metrics.sends.labels(self._sender.name, "uncertain").inc()
