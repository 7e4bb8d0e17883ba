"""A platform that fails for many targets is left alone for a while, and tried again."""

from __future__ import annotations

from bot import texts
from bot.alerts.delivery.failure_table import STOPPED_SECONDS, TABLE, Action, back_off
from bot.alerts.ports import SendError
from bot.kit.health import Part
from bot.kit.timing.clock import Clock

_MANY_TARGETS = 3


class CircuitBreaker:
    """Of one sender. It opens when several targets fail, or the token is refused: a target that
    fails for itself alone stops no other."""

    def __init__(self, name: str, part: Part, clock: Clock) -> None:
        self._name = name
        self._part = part
        self._clock = clock
        self._targets: set[int] = set()
        self._pauses = 0
        self._until = 0.0

    def note(self, target_id: int, error: SendError | None) -> None:
        """Take what came of a request."""
        if error is None:
            self._targets.clear()
            self._pauses = 0
            self._part.good(texts.alerts.delivering(self._name))
        elif Action.STOP in TABLE[error.fault]:
            self._pause(STOPPED_SECONDS, error)
        elif not error.is_answer:
            self._targets.add(target_id)
            if len(self._targets) >= _MANY_TARGETS and self.pause() <= 0:
                self._pause(back_off(self._pauses), error)
                self._pauses += 1

    def forget(self) -> None:
        """Nothing is owed any more, so that nobody will learn whether it works again."""
        self._targets.clear()
        self._pauses = 0
        if not self._part.ok:
            self._part.rest("")

    def pause(self) -> float:
        """Seconds that nothing is to be claimed; 0.0 if all is well."""
        return max(0.0, self._until - self._clock.monotonic())

    def _pause(self, seconds: float, error: SendError) -> None:
        self._until = self._clock.monotonic() + seconds
        self._part.bad(texts.alerts.deliveries_fail(error.fault, error.detail))
