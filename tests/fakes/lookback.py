"""What is at hand of streams' past, as far as commands know it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.clips.sources.choice import choose
from bot.errors import PumpfunError
from bot.kit.timing.clock import Clock
from bot.model import Offer, SourceName, Window


@dataclass
class FakeLookback:
    """Has the last `seconds` of each coin, up to now or, where it is in `over`, up to then.
    `outage`: the site's own recordings cannot be asked."""

    clock: Clock
    seconds: dict[str, float] = field(default_factory=dict)
    over: dict[str, datetime] = field(default_factory=dict)
    in_seconds: float = 0.0
    outage: PumpfunError | None = None
    asked: list[tuple[str, Window]] = field(default_factory=list)

    async def offer(self, mint: str, window: Window) -> Offer | None:
        self.asked.append((mint, window))
        at_hand = self.at_hand(mint)
        part = window.within(at_hand) if at_hand is not None else None
        best = choose(window, [Offer(SourceName.RING, part, self.in_seconds)] if part else [])
        if best is None and self.outage is not None:
            raise self.outage
        return best

    async def near(self, mint: str, window: Window) -> Window | None:
        at_hand = self.at_hand(mint)
        return window.within(at_hand) if at_hand is not None else None

    async def far(self, mint: str, window: Window) -> Window | None:
        if self.outage is not None:
            raise self.outage
        return None

    async def reach(self, mint: str, window: Window) -> Window | None:
        if self.outage is not None:
            raise self.outage
        at_hand = self.at_hand(mint)
        return window.within(at_hand) if at_hand is not None else None

    def at_hand(self, mint: str) -> Window | None:
        if mint not in self.seconds:
            return None
        return Window.before(self.over.get(mint, self.clock.now()), self.seconds[mint])
