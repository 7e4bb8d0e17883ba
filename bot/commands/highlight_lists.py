"""What pump.fun's own highlights of a coin are, for a minute: whoever presses one of them, or turns
a page, makes nobody ask again."""

from __future__ import annotations

from bot.commands.ports import Pumpfun
from bot.kit.bounded_dict import ExpiringDict
from bot.kit.timing.clock import Clock
from bot.model import Asker, SiteClip, SiteClipKind

MOST_HIGHLIGHTS = 60
"""So many are asked for: of the site's paging no more is known than that."""

_MOST_COINS = 200
_SECONDS = 60.0


class HighlightLists:
    """For one loop. A failure is not remembered."""

    def __init__(self, pumpfun: Pumpfun, clock: Clock) -> None:
        self._pumpfun = pumpfun
        self._lists: ExpiringDict[str, tuple[SiteClip, ...]] = ExpiringDict(clock, _MOST_COINS)

    def knows(self, mint: str) -> bool:
        """Whether `of` answers without asking."""
        return self._lists.get(mint) is not None

    async def of(self, mint: str, asker: Asker) -> tuple[SiteClip, ...]:
        """The highlights of that coin, the newest first. Raises PumpfunError."""
        known = self._lists.get(mint)
        if known is None:
            known = await self._pumpfun.clips(
                mint, SiteClipKind.HIGHLIGHT, MOST_HIGHLIGHTS, asker=asker
            )
            self._lists.put(mint, known, _SECONDS)
        return known
