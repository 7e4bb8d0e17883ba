"""Several captures at once."""

from __future__ import annotations

import asyncio
import contextlib
import functools

from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from bot.model import ClipResult, ClipStatus, Phase
from tests.bench.figures import Effort, Figure, Section
from tests.bench.meters import cpu_share
from tests.clip_harness import PROMISED, Underway, capture_pool, judged, kept, longest_freeze
from tests.clip_judge import Verdict

COUNT = 4
_HOW = """\
Four rooms with the same pre-encoded 720p30 H.264 loop from one publisher process, a capture
process for each, all recording at the same time; publisher and server beside them. The clips are
judged when all are written."""


async def measure(effort: Effort) -> Section:
    """Four clips at once."""
    async with World() as world, contextlib.AsyncExitStack() as stack:
        coins = [world.add_coin(f"MANY{number}", "One of many") for number in range(COUNT)]
        caster = await stack.enter_async_context(broadcast_to_all(world, coins))
        using = await stack.enter_async_context(capture_pool(world))
        clips = [
            await stack.enter_async_context(
                Underway(using, coin, effort.seconds(30, 8), effort.folder / f"{coin.symbol}.mp4")
            )
            for coin in coins
        ]
        await asyncio.gather(*(clip.reaches(Phase.RECORDING, 1.0) for clip in clips))
        window = effort.seconds(20, 4)
        shares = await asyncio.gather(*(cpu_share(clip.pid, window) for clip in clips))
        results = await asyncio.gather(*(clip.result() for clip in clips))
        failure_policy = [await judged(result.path, caster) for result in results]
    return Section("Four captures at once", _HOW, _figures(shares, results, failure_policy))


def _figures(
    shares: list[float], results: list[ClipResult], failure_policy: list[Verdict]
) -> list[Figure]:
    whole = all(result.status is ClipStatus.COMPLETE for result in results)
    least = min(kept(verdict) for verdict in failure_policy)
    freeze = max(longest_freeze(verdict) for verdict in failure_policy)
    return [
        Figure(
            "frames kept in the worst of four",
            f"{least:.2%}" + ("" if whole else ", not all complete"),
            f"≥ {PROMISED.kept:.1%}",
            holds=whole and least >= PROMISED.kept,
        ),
        Figure("longest freeze in any", f"{freeze * 1000:.0f} ms"),
        Figure("CPU of the four together", f"{sum(shares):.2f} cores"),
        Figure("frames that Mintcast says it dropped", str(sum(r.dropped_frames for r in results))),
    ]


def broadcast_to_all(world: World, coins: list[DemoCoin]) -> Broadcaster:
    """One publisher process, one loop, a room for each coin. Open it with `async with`."""
    for coin in coins:
        coin.go_live("One of many")
    tokens = [
        functools.partial(world.server.token, coin.room, coin.creator, publish=True)
        for coin in coins
    ]
    return Broadcaster.start(url=world.server.url, tokens=tokens, encoder="pre-encoded")
