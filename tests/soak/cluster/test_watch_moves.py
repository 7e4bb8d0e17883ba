"""Who looks at pump.fun is killed, or stopped: another goes on, and no stream is told twice."""

from __future__ import annotations

import asyncio
import os
import random
import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.e2e.discord.harness import alerts
from tests.e2e.seed import until
from tests.soak.cluster.scene import TERM, Scene, cluster_scene

MOVES = int(os.environ.get("MOVES", "6"))

pytestmark = [pytest.mark.soak, pytest.mark.timeout(200 + 60 * MOVES)]

FOLLOWERS = 5
POLL = 1.0
SLACK = 1.5
"""Seconds: for the first answer, and a busy machine."""


def looks(scene: Scene, since: datetime) -> list[datetime]:
    """When the site was asked who is live."""
    asked = (one.at for one in scene.world.site.requests if one.endpoint == "roster")
    return [at for at in asked if at >= since]


@pytest.mark.parametrize("is_clean", [False, True], ids=["killed", "stopped"])
async def test_no_look_is_missed_for_longer_than_a_term_and_a_poll(
    tmp_path: Path, is_clean: bool
) -> None:
    dice = random.Random(int(os.environ.get("SEED", "1")))
    gaps = []
    async with cluster_scene(tmp_path, followers=FOLLOWERS) as scene:
        for number in range(MOVES):
            await scene.all_are_there()
            watcher = await scene.holder("watch")
            begins = scene.world.site.clock()
            await _looked(scene, begins, 2)
            if number == MOVES // 2:
                scene.coin.go_live("Seen by one and told by another")
            await scene.world.site.reached("roster", scene.world.site.count("roster") + 1)
            await asyncio.sleep(dice.uniform(0.0, POLL))
            await (watcher.service.stop() if is_clean else watcher.service.kill())
            ended = time.monotonic()
            gone = scene.world.site.clock()
            await _looked(scene, gone, 3)
            assert await scene.holder("watch") is not watcher
            found = looks(scene, begins)
            gaps.append(max((b - a).total_seconds() for a, b in pairwise(found)))
            print(f"{number}: {gaps[-1]:.2f} s, seen after {time.monotonic() - ended:.2f} s")
            await watcher.service.start()
        await scene.everybody_is_told()
        scene.nothing_is_missing_or_doubled()
        scene.coin.end()
        await until(lambda: all("was live" in str(alerts(one)) for one in scene.followers), "over")
        scene.nothing_is_missing_or_doubled()
    assert max(gaps) <= TERM + POLL + SLACK, gaps


async def _looked(scene: Scene, since: datetime, times: int) -> None:
    """Wait until so many looks have come."""
    await until(lambda: len(looks(scene, since)) >= times, "somebody looks")
