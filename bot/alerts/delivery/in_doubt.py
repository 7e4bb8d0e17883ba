"""First showings of which nobody knows whether they arrived: settled, and never repeated blindly.

The row stays in `sending` meanwhile, so that a crash changes nothing about it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.alerts.context import Bench, Show
from bot.alerts.delivery.failure_policy import Verdicts
from bot.alerts.delivery.failure_table import (
    REPEATABLE_WITHIN,
    SETTLE_WITHIN,
    TABLE,
    Action,
    Why,
    back_off,
)
from bot.alerts.planning.planner import Planner
from bot.alerts.ports import Fault, Found, Sender, SendError, Settled
from bot.model import Delivery, Target

_ASK_AGAIN = frozenset({Action.BACK_OFF, Action.WAIT, Action.STOP})


@dataclass(frozen=True, slots=True)
class Doubt:
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


class Settling:
    """Of one sender."""

    def __init__(self, bench: Bench, sender: Sender, planner: Planner, verdicts: Verdicts) -> None:
        self._bench = bench
        self._sender = sender
        self._planner = planner
        self._verdicts = verdicts

    async def settle(self, doubt: Doubt) -> Doubt | None:
        """Ask the platform, and mark what it says; else when to ask again. Raises StoreError."""
        d = doubt.delivery
        named = await self._planner.named(d)
        if named is None:
            await self._uncertain(d, Why.GONE)
            return None
        target, nonce = named
        try:
            async with self._sender.lanes.turn(target.id, target.place_id, d.priority):
                answer = await self._sender.settle(target, nonce, begun=doubt.begun)
        except SendError as error:
            return await self._unanswered(doubt, target, error)
        match answer:
            case Settled.REPEATABLE:
                return await self._repeat(doubt)
            case Found(message_id):
                await self._shown(d, message_id)
            case Settled.NOT_THERE:
                await self._not_there(doubt)
            case Settled.UNCERTAIN:
                await self._uncertain(d, doubt.why)
        return None

    async def _repeat(self, doubt: Doubt) -> Doubt | None:
        """The platform still knows the nonce, and says that a repeat is harmless."""
        d = doubt.delivery
        was_young = self._young_for(doubt) > 0
        plan = await self._planner.plan(d, may_hold_back=False)
        if not isinstance(plan, Show):
            return await self._not_repeated(doubt)
        target = plan.target
        try:
            async with self._sender.lanes.turn(target.id, target.place_id, d.priority):
                if was_young and self._young_for(doubt) <= 0:  # the turn was long in coming
                    return replace(doubt, due=self._bench.clock.monotonic())
                message_id = await self._sender.send(
                    target, plan.message, nonce=plan.nonce, reply_to=d.reply_to
                )
        except SendError as error:
            if error.fault is Fault.TOO_LARGE:  # and so the first try was refused as well
                await self._not_there(doubt)
                return None
            return await self._unanswered(doubt, target, error)
        await self._shown(d, message_id)
        return None

    async def _not_repeated(self, doubt: Doubt) -> Doubt | None:
        """It is not to be shown any more; but if it arrived, it has to be changed. A platform
        that has forgotten the nonce may look for the message."""
        seconds = self._young_for(doubt)
        if seconds > 0:
            return replace(doubt, due=self._bench.clock.monotonic() + seconds)
        await self._uncertain(doubt.delivery, doubt.why)
        return None

    def _young_for(self, doubt: Doubt) -> float:
        """Seconds for which its nonce is remembered for sure."""
        return self._bench.age(doubt.begun).left(REPEATABLE_WITHIN).total_seconds()

    async def _unanswered(self, doubt: Doubt, target: Target, error: SendError) -> Doubt | None:
        d, now = doubt.delivery, self._bench.clock.monotonic()
        action = TABLE[error.fault].change
        if action in _ASK_AGAIN and now - doubt.since < SETTLE_WITHIN.total_seconds():
            pause = back_off(doubt.tries) if error.retry_after is None else error.retry_after
            return replace(doubt, due=now + pause, tries=doubt.tries + 1)
        await self._uncertain(d, doubt.why)
        if action is Action.DISABLE:
            await self._verdicts.disable(d, target, error)
        return None

    async def _not_there(self, doubt: Doubt) -> None:
        d, due_at = doubt.delivery, self._bench.after(back_off(doubt.delivery.attempts))
        await self._bench.mark(lambda unit: unit.deliveries.put_off(d, due_at, doubt.why))

    async def _shown(self, d: Delivery, message_id: str) -> None:
        now = self._bench.now()
        await self._bench.mark_surely(lambda unit: unit.deliveries.mark_shown(d, message_id, now))
        self._bench.metrics.sends.labels(self._sender.name, "sent").inc()

    async def _uncertain(self, d: Delivery, why: str) -> None:
        now = self._bench.now()
        await self._bench.mark(lambda unit: unit.deliveries.mark_uncertain(d, why, now))
        self._bench.metrics.sends.labels(self._sender.name, "uncertain").inc()
