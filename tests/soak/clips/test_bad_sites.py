"""A site that lets nobody join, and one that flaps: each try ends clearly, and nothing is left."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from bot.clips import CapturePool
from bot.demo.site.coins import DemoCoin
from bot.demo.site.faults import Fault
from bot.demo.world import World
from bot.errors import PumpfunError
from bot.model import ClipRequest, ClipStatus
from tests.clip_harness import HEIGHT, LIMIT, capture_pool, record
from tests.soak.processes import names_in, open_files

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

TIMES = 20
REFUSALS = (
    Fault.FORBIDDEN,
    Fault.UNAUTHORIZED,
    Fault.RATE_LIMITED,
    Fault.SERVER_ERROR,
    Fault.RESET,
)


async def test_a_site_that_refuses_costs_nothing_but_an_error(world: World, tmp_path: Path) -> None:
    """No descriptor or file stays of twenty refused joins, one process waits for the next one, and
    that works."""
    coin = world.add_coin("REFUSED", "Nobody joins")
    await world.broadcast(coin, encoder="pre-encoded")
    async with capture_pool(world) as using:
        await record(world, coin, 1.0, tmp_path, using=using)
        children, files = len(psutil.Process().children()), open_files()
        for number in range(TIMES):
            world.site.fail("join", REFUSALS[number % len(REFUSALS)])
            assert not await _clip(using, coin, tmp_path / f"{number}.mp4")
        world.site.heal()
        assert len(psutil.Process().children()) == children + 1
        assert open_files() <= files + 2, "of the connections that the client keeps"
        result, _ = await record(world, coin, 1.0, tmp_path, using=using)
    assert result.status is ClipStatus.COMPLETE
    assert len(names_in(tmp_path)) == 2


async def test_a_site_that_flaps_gives_clips_or_errors_never_both(
    world: World, tmp_path: Path
) -> None:
    """With half of all answers lost, a try gives a whole file or an error, and no part file."""
    coin = world.add_coin("FLAPS", "Now and then")
    await world.broadcast(coin, encoder="pre-encoded")
    world.site.fail("join", Fault.SERVER_ERROR, share=0.5)
    world.site.fail("regions", Fault.RESET, share=0.5)
    async with capture_pool(world) as using:
        made = [await _clip(using, coin, tmp_path / f"{number}.mp4") for number in range(TIMES)]
    whole = [f"{number}.mp4" for number in range(TIMES) if made[number]]
    assert names_in(tmp_path) == sorted(whole)
    assert whole, "half of all answers are enough for some clips"


async def _clip(using: CapturePool, coin: DemoCoin, path: Path) -> bool:
    """Whether there is a clip of a second; if not, that was said by an error of the site's."""
    try:
        result = await using.record(ClipRequest(coin.mint, 1.0, path, LIMIT, HEIGHT))
    except PumpfunError:
        return False
    assert result.status is ClipStatus.COMPLETE, result
    return True
