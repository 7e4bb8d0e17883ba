"""Rooms of which nothing comes: who they are, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from bot import texts
from bot.clips.rings.policy import GIVE_WAY_SECONDS, UNUSED_SECONDS
from bot.errors import PumpfunError
from bot.model import CaptureEnd

if TYPE_CHECKING:
    from bot.clips.workers.shared_capture import SharedCapture
    from bot.kit.timing.clock import Clock
    from bot.store import Asked


class FailingRings:
    """Remembers them when their captures are closed: else a coin whose room refuses us would take
    its place back at once from the one that it was given to. One is forgotten when another stream
    of its coin begins, when somebody asks for a clip, and after ten minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: dict[str, tuple[int, float]] = {}

    def __contains__(self, mint: str) -> bool:
        return mint in self._since

    def look(
        self,
        every: Iterable[SharedCapture],
        on_air: Mapping[str, int],
        asked: Iterable[Asked],
    ) -> None:
        """Take note of what is tried now. `on_air` are streams by their coins."""
        now, moment = self._clock.monotonic(), self._clock.moment()
        ages = {one.mint: moment.age(one.at).most.total_seconds() for one in asked}
        for shared in every:
            if not shared.is_held:
                continue
            self._since.pop(shared.mint, None)
            if shared.failing_for >= GIVE_WAY_SECONDS and shared.mint in on_air:
                self._since[shared.mint] = (on_air[shared.mint], now)
        for mint, (stream, noted) in list(self._since.items()):
            age = min(now - noted, UNUSED_SECONDS)
            is_other = on_air.get(mint) != stream
            if is_other or age >= UNUSED_SECONDS or ages.get(mint, UNUSED_SECONDS) < age:
                del self._since[mint]


def reason_of(trouble: Exception | CaptureEnd | None) -> str:
    """Why there is no ring, as a clause."""
    if isinstance(trouble, PumpfunError):
        return texts.health.no_access(texts.health.pumpfun_fails(trouble.reason, trouble.status))
    return texts.health.room_over(trouble if isinstance(trouble, CaptureEnd) else None)
