"""`kill -9` at random points of fan-outs, of any of three nodes: nothing is missing or doubled."""

from __future__ import annotations

import os
import random
import statistics
import time
from pathlib import Path

import pytest

from bot.demo.site.coins import DemoCoin
from bot.model import Address
from bot.store import Access
from tests.e2e.discord.harness import alerts, title
from tests.e2e.seed import subscribe, until
from tests.patience import PATIENCE
from tests.soak.cluster.history import history_is_consistent
from tests.soak.cluster.scene import TERM, Scene, cluster_scene

KILLS = int(os.environ.get("KILLS", "30"))

pytestmark = [pytest.mark.soak, pytest.mark.timeout(200 + 60 * KILLS)]

FOLLOWERS = 40
SLACK = 2.0
"""Seconds, on top of a term, within which another node is at work."""


async def test_each_message_comes_once_whoever_is_killed_when(tmp_path: Path) -> None:
    seed = int(os.environ.get("SEED", "1"))
    dice = random.Random(seed)
    async with cluster_scene(tmp_path, followers=FOLLOWERS) as scene:
        coins = await _more_coins(scene, tmp_path)
        await scene.all_are_there()
        waits = []
        for number, coin in enumerate(coins):
            took = await _killed_meanwhile(scene, coin, dice)
            told = f"{number}: " + (f"{took:.2f} s" if took is not None else "it sent nothing")
            print(told, flush=True)
            waits += [took] if took is not None else []
        for channel in scene.followers:
            titles = [title(one) for one in alerts(channel)]
            assert len(titles) == len(set(titles)) == KILLS, (seed, sorted(titles))
        assert scene.discord.rejected == []
        assert await history_is_consistent(scene.server, scene.address) > 4
    if waits:
        print(f"kills of the sender: {len(waits)}; median {statistics.median(waits):.2f} s")
        assert max(waits) <= TERM + SLACK, (waits, seed)


async def _more_coins(scene: Scene, folder: Path) -> list[DemoCoin]:
    """One for each kill, that all follow: no stream has to end before the next begins."""
    addresses = [
        Address("discord", str(scene.guild.id), str(one.id), scene.guild.name, one.name)
        for one in scene.followers
    ]
    coins = [scene.world.add_coin(f"C{n}", f"Coin {n}") for n in range(KILLS)]
    for coin in coins:
        await subscribe(folder, addresses, coin, access=Access.ANY)
    return coins


async def _killed_meanwhile(scene: Scene, coin: DemoCoin, dice: random.Random) -> float | None:
    """Seconds until the next message, where the one that was killed was sending."""
    sender = await scene.holder("sender:discord")
    victim = sender if dice.random() < 0.6 else dice.choice(scene.nodes)
    before, point = scene.sent, dice.randrange(FOLLOWERS)
    coin.go_live(coin.name)
    await until(lambda: scene.sent >= before + point, "it is under way", within=2 * PATIENCE)
    await victim.service.kill()
    died, sent = time.monotonic(), scene.sent
    took = None
    if victim is sender and sent < before + FOLLOWERS:
        await until(lambda: scene.sent > sent, "another goes on", within=2 * PATIENCE)
        took = time.monotonic() - died
    await until(lambda: scene.sent >= before + FOLLOWERS, "all are told", within=2 * PATIENCE)
    await victim.service.start()
    await scene.holder("sender:discord")
    await scene.holder("watch")
    await scene.all_are_there()
    return took
