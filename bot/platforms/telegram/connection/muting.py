"""Nodes that send hear from the one that polls that another program uses the token.

Only whoever polls meets a 409. It notes in a row for how long nothing is to be sent, by the
database's clock, as a lease that no node leads: where it dies meanwhile, that ends by itself.
"""

from __future__ import annotations

import logging

from bot.alerts import Fault, SendError
from bot.errors import LeaseLost, StoreError
from bot.kit.leadership import current_lease
from bot.kit.timing.clock import Clock
from bot.platforms.telegram.addresses import NAME
from bot.platforms.telegram.connection.poll_conflict import GONE_AFTER
from bot.store import Store

_log = logging.getLogger(__name__)

LEASE = f"muted:{NAME}"
_HOLDER = "another program"
_LOOK_SECONDS = 5.0
_MUTED_SECONDS = 5.0


def muted() -> SendError:
    """What a send fails with meanwhile."""
    return SendError(
        Fault.RATE_LIMITED,
        retry_after=_MUTED_SECONDS,
        everywhere=True,
        detail="another program polls with this token",
    )


class Muting:
    """Of one bot, on one node. A service that is alone knows by itself, and asks no database."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._until = float("-inf")
        self._look_at = float("-inf")

    async def tell(self) -> None:
        """Nothing is to be sent until a minute has passed without another 409. Raises LeaseLost."""
        if current_lease() is None:
            return
        try:
            async with self._store.write() as unit:
                await unit.leases.win(LEASE, _HOLDER, GONE_AFTER, is_noted=False)
        except LeaseLost:
            raise
        except StoreError as error:
            _log.warning("other nodes were not told that another program polls: %s", error)

    async def check(self) -> None:
        """To be called before what a node sends by its lease. Raises SendError."""
        if current_lease() is None:
            return
        now = self._clock.monotonic()
        if now >= self._look_at:
            self._look_at = now + _LOOK_SECONDS
            try:
                async with self._store.read() as unit:
                    self._until = now + await unit.leases.left(LEASE)
            except StoreError as error:
                _log.debug("whether another program polls is not known: %s", error)
        if now < self._until:
            raise muted()
