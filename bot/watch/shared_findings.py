"""What the node that watches has found, in a row: people ask other nodes, too."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.errors import StoreError
from bot.kit.leadership import current_lease
from bot.model import Coin, CoinMarks, WatchFindings

if TYPE_CHECKING:
    from bot.kit.timing.clock import Clock
    from bot.store import Store

_NAME = "watch:findings"
_EVERY_SECONDS = 30.0
_OLD = timedelta(minutes=5)
"""Nobody has told anything since: what was live then says nothing."""
_MOST_COINS = 100


class SharedFindings:
    """A service that is alone tells itself, and writes nothing."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._due = float("-inf")

    async def tell(self, findings: WatchFindings) -> None:
        """To be called often, by whoever watches. Raises StoreError."""
        now = self._clock.monotonic()
        if current_lease() is None or now < self._due:
            return
        async with self._store.write() as unit:
            await unit.key_values.put(_NAME, _encode(findings, self._clock.now()))
        self._due = now + _EVERY_SECONDS

    async def read(self) -> WatchFindings | None:
        """None: nobody has told anything lately, or the database does not answer."""
        try:
            async with self._store.read() as unit:
                text = await unit.key_values.get(_NAME)
            told_at, findings = _decode(text or "")
        except (StoreError, ValueError, TypeError):  # there is none, or another version's
            return None
        return findings if self._clock.age(told_at).least < _OLD else None


def _encode(findings: WatchFindings, now: datetime) -> str:
    """Pure. Coins that moderators marked are proposed to nobody."""
    coins = [coin for coin in findings.live if coin.marks == CoinMarks()][:_MOST_COINS]
    listed = [[coin.mint, coin.symbol, coin.name] for coin in coins]
    return json.dumps([now.isoformat(), findings.rotation_seconds, listed])


def _decode(text: str) -> tuple[datetime, WatchFindings]:
    """Pure. Raises ValueError or TypeError."""
    told_at, rotation_seconds, listed = json.loads(text)
    coins = tuple(Coin(str(mint), str(symbol), str(name)) for mint, symbol, name in listed)
    return datetime.fromisoformat(told_at), WatchFindings(coins, float(rotation_seconds))
