"""What several stages need: followers from before, and patience."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from bot.demo.site.coins import DemoCoin
from bot.model import Address, Coin, Person
from bot.store import Access, Store
from tests.patience import PATIENCE
from tests.watch.harness import mint

T = TypeVar("T")


async def subscribe(
    folder: Path,
    addresses: Iterable[Address],
    coin: DemoCoin,
    *,
    access: Access = Access.ALONE,
) -> None:
    """As `/subscribe` does; while no service has the database, unless `access` says so."""
    now = datetime.now(UTC)
    async with Store(folder / "mintcast.db", access=access) as store, store.write() as unit:
        await unit.coins.put(Coin(coin.mint, coin.symbol, coin.name))
        for address in addresses:
            target = await unit.places.target(address, address.platform, now)
            await unit.subscriptions.add(target.id, coin.mint, Person("1", "olga"), now)
        await unit.subscriptions.confirm(coin.mint, now)


async def follow_many(folder: Path, address: Address, count: int) -> None:
    """So many more coins for one target, none of which the site has ever shown live."""
    now = datetime.now(UTC)
    async with Store(folder / "mintcast.db") as store, store.write() as unit:
        target = await unit.places.target(address, address.platform, now)
        for number in range(count):
            await unit.coins.put(Coin(mint(number), f"C{number}", f"Coin number {number}"))
            await unit.subscriptions.add(target.id, mint(number), Person("1", "olga"), now)
            await unit.subscriptions.confirm(mint(number), now)


async def until(condition: Callable[[], T], what: str, within: float = PATIENCE) -> T:
    """What `condition` says, once that is something. Fails the test otherwise."""
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        await asyncio.sleep(0.02)
    return found
