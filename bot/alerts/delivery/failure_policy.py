"""What follows when a platform did not do what was asked, as `failure_table` has it."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.alerts.context import AlertContext
from bot.alerts.delivery.failure_table import MOST_TRIES_OF_A_CHANGE, TABLE, Action, back_off
from bot.alerts.planning import compose
from bot.alerts.ports import Sender, SendError, Whispers
from bot.kit.notifier import DELIVERIES
from bot.kit.tasks import Tasks
from bot.model import Delivery, DeliveryKind, Person, Preference, Target, in_force

if TYPE_CHECKING:
    from bot.store import Unit

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """What came of one delivery. `asked`: the platform was, and `error` is what it said, if it
    was one. `in_doubt`: the row as it stands in `sending`, where it has to be settled."""

    asked: bool
    error: SendError | None = None
    in_doubt: Delivery | None = None


class FailurePolicy:
    """Of one sender: does to the row what the table says of the failure. `stop` ends what is still
    told to people."""

    def __init__(self, context: AlertContext, sender: Sender) -> None:
        self._context = context
        self._sender = sender
        self._tasks = Tasks()

    async def stop(self) -> None:
        """It stands in the targets' rows all the same."""
        await self._tasks.stop()

    async def apply(self, d: Delivery, target: Target, error: SendError) -> Report:
        """What is to follow, and what came of it. Raises StoreError."""
        action = TABLE[error.fault].of(d)
        self._context.metrics.sends.labels(self._sender.name, error.fault.value).inc()
        _log.info("delivery %d to target %d: %s, so %s", d.id, target.id, error, action.value)
        in_doubt = d if action is Action.SETTLE else None
        if in_doubt is None:
            await self._follow(action, d, target, error)
        return Report(asked=not error.is_ours, error=error, in_doubt=in_doubt)

    async def _follow(self, action: Action, d: Delivery, target: Target, error: SendError) -> None:
        match action:
            case Action.WAIT:
                await self._wait(d, target, error)
            case Action.LATER:
                await self._later(d, error)
            case Action.BACK_OFF:
                await self._back_off(d, error)
            case Action.MOVE:
                await self._move(d, target, error)
            case Action.DISABLE:
                await self.disable(d, target, error)
            case Action.FORGET:
                await self._context.mark(
                    lambda unit: unit.deliveries.forget_message(d, error.fault, self._context.now())
                )
            case Action.STOP:
                await self._put_off(d, 0.0, error, count=False)
            case Action.DONE | Action.PLAINER | Action.GIVE_UP:
                await self._give_up(d, error)

    async def disable(self, d: Delivery, target: Target, error: SendError) -> None:
        """Post nothing there; tell of it where that was chosen, else who was the first to
        subscribe, if the platform can; else it stands in the target's row."""
        now = self._context.now()
        person = None
        async with self._context.store.write() as unit:
            await unit.deliveries.put_off(d, now, error.fault, count=False)
            is_new = await unit.places.disable(target.id, error.fault, now)
            if is_new and not await self._owe_notice(unit, target, error):
                person = await unit.places.first_subscriber(target.id)
        if is_new:
            _log.warning("nothing more is posted to target %d: %s", target.id, error)
            self._context.notifier.notify(DELIVERIES)
        if person is not None and isinstance(self._sender, Whispers):
            telling = self._whisper(self._sender, person, target, error)
            self._tasks.start(telling, f"disabled-{target.id}")  # it may take minutes, and a slot

    async def _owe_notice(self, unit: Unit, target: Target, error: SendError) -> bool:
        where = in_force(await unit.preferences.of(target.id), Preference.NOTICES)
        other = await unit.places.by_id(int(where)) if where.isdecimal() else None
        if other is None or other.id == target.id or other.place_id != target.place_id:
            return False
        if other.disabled is not None:  # it would be told when that is mended, if ever
            return False
        now = self._context.now()
        body = {"about": "disabled", "target": target.id, "reason": error.fault}
        key = f"disabled:{target.id}:{now.isoformat()}"
        return await unit.deliveries.owe_body(
            other.id, key, DeliveryKind.NOTICE, json.dumps(body), now
        )

    async def _whisper(
        self, sender: Whispers, person: Person, target: Target, error: SendError
    ) -> None:
        try:
            await sender.whisper(person, compose.disabled_notice(target, error.fault))
        except SendError as failure:  # it stands in the target's row, where commands find it
            _log.info("the first subscriber of target %d could not be told: %s", target.id, failure)

    async def _wait(self, d: Delivery, target: Target, error: SendError) -> None:
        stated = error.retry_after
        seconds = back_off(d.attempts) if stated is None else stated
        until = self._context.after(seconds)
        if error.everywhere:
            self._sender.rate_limits.sleep_all(seconds)
        else:
            self._sender.rate_limits.sleep_target(target.id, seconds)
        async with self._context.store.write() as unit:
            if not error.everywhere:
                await unit.deliveries.hold_target(target.id, until)
            await unit.deliveries.put_off(d, until, error.fault, count=stated is None)

    async def _later(self, d: Delivery, error: SendError) -> None:
        stated = error.retry_after
        seconds = back_off(d.attempts) if stated is None else stated
        await self._put_off(d, seconds, error, count=stated is None)

    async def _back_off(self, d: Delivery, error: SendError) -> None:
        if d.message_id is not None and d.attempts >= MOST_TRIES_OF_A_CHANGE:
            await self._give_up(d, error)
        else:
            await self._put_off(d, back_off(d.attempts), error)

    async def _move(self, d: Delivery, target: Target, error: SendError) -> None:
        address = error.address
        if address is not None:
            await self._context.mark(lambda unit: unit.places.move(target.id, address))
            _log.info("target %d has moved", target.id)
        await self._back_off(d, error)

    async def _give_up(self, d: Delivery, error: SendError) -> None:
        message_id, now = d.message_id, self._context.now()
        if message_id is None:
            await self._context.mark(lambda unit: unit.deliveries.mark_dead(d, error.fault, now))
        else:
            await self._context.mark(lambda unit: unit.deliveries.mark_shown(d, message_id, now))

    async def _put_off(
        self, d: Delivery, seconds: float, error: SendError, *, count: bool = True
    ) -> None:
        due_at = self._context.after(seconds)
        await self._context.mark(
            lambda unit: unit.deliveries.put_off(d, due_at, error.fault, count=count)
        )
