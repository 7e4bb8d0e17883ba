"""What plays in `mintcast demo` until it is stopped: three coins, each with a script of its own."""

from __future__ import annotations

import asyncio
import itertools

from bot.demo.running import RunningDemo


async def play(demo: RunningDemo) -> None:
    """Three coins, for ever: one stays, one drops and returns, one ends and begins anew. Nobody
    follows them yet: the page offers those that are live."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_stay(demo), name="coin-that-stays")
        group.create_task(_flap(demo), name="coin-that-flaps")
        group.create_task(_end_and_return(demo), name="coin-that-ends")


_HIGHLIGHT_SECONDS = 12.0
_MOST_HIGHLIGHTS = 10


async def _stay(demo: RunningDemo) -> None:
    """Now and then a viewer cuts a highlight, which `/clips` lists."""
    coin = demo.coins.main
    await demo.go_on_air(coin, "Live from the mint")
    for viewers in itertools.cycle((26, 31, 44, 58, 47, 39)):
        await asyncio.sleep(20)
        coin.watch(viewers)
        is_due = coin.recorded() > _HIGHLIGHT_SECONDS * (1 + 5 * len(coin.highlights))
        if is_due and len(coin.highlights) < _MOST_HIGHLIGHTS:
            coin.add_highlight(_HIGHLIGHT_SECONDS)


async def _flap(demo: RunningDemo) -> None:
    coin = demo.coins.flapping
    for round_ in itertools.count(1):
        await asyncio.sleep(4)
        caster = await demo.go_on_air(coin, f"Testing my line, take {round_}")
        await asyncio.sleep(30)
        await caster.stop()
        coin.drop()


async def _end_and_return(demo: RunningDemo) -> None:
    coin = demo.coins.ending
    for round_ in itertools.count(1):
        await asyncio.sleep(14)
        caster = await demo.go_on_air(coin, f"Bedtime story no. {round_}")
        await asyncio.sleep(40)
        await caster.stop()
        coin.end()
        await asyncio.sleep(30)  # longer than the grace, so that it is over
