"""First showings of which nobody knows whether they arrived: settled, and never repeated blindly.

The row stays in `sending` meanwhile, so that a crash changes nothing about it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.alerts.bench import Bench, Show
from bot.alerts.failures import (
    REPEATABLE_WITHIN,
    SETTLE_WITHIN,
    TABLE,
    Action,
    Why,
    back_off,
)
from bot.alerts.planner import Planner
from bot.alerts.ports import Found, Sender, SendError, Settled
from bot.alerts.verdicts import Verdicts
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
                answer = await self._sender.settle(target, nonce)
        except SendError as error:
            return await self._unanswered(doubt, target, error)
        match answer:
            case Settled.REPEATABLE:
                return await self._repeat(doubt)
            case Found(message_id):
                await self._shown(d, message_id)
            case Settled.NOT_THERE:
                due_at = self._bench.after(back_off(d.attempts))
                await self._bench.mark(lambda unit: unit.deliveries.put_off(d, due_at, doubt.why))
            case Settled.UNCERTAIN:
                await self._uncertain(d, doubt.why)
        return None

    async def _repeat(self, doubt: Doubt) -> Doubt | None:
        """The platform knows the nonce again, for some minutes after the first try."""
        d = doubt.delivery
        begun = d.changed_at or d.created_at
        is_young = self._bench.now() - begun < REPEATABLE_WITHIN
        plan = await self._planner.plan(d, may_hold_back=False) if is_young else None
        if not isinstance(plan, Show):
            await self._uncertain(d, doubt.why)
            return None
        target = plan.target
        try:
            async with self._sender.lanes.turn(target.id, target.place_id, d.priority):
                message_id = await self._sender.send(
                    target, plan.message, nonce=plan.nonce, reply_to=d.reply_to
                )
        except SendError as error:
            return await self._unanswered(doubt, target, error)
        await self._shown(d, message_id)
        return None

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

    async def _shown(self, d: Delivery, message_id: str) -> None:
        now = self._bench.now()
        await self._bench.mark_surely(lambda unit: unit.deliveries.mark_shown(d, message_id, now))
        self._bench.metrics.sends.labels(self._sender.name, "sent").inc()

    async def _uncertain(self, d: Delivery, why: str) -> None:
        now = self._bench.now()
        await self._bench.mark(lambda unit: unit.deliveries.mark_uncertain(d, why, now))
        self._bench.metrics.sends.labels(self._sender.name, "uncertain").inc()
