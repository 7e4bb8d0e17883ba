"""Faults at random, one after another, while streams begin and end: each is told once everywhere.

A fault each minute for a day, with terms of half a minute, is 1,440 faults here, two terms apart:
what lies between two of them is the same to the service as a quiet minute. `FAULTS` of them are in
each of `WORLDS`, which `pytest -n` runs side by side; `SEED` is that of the first.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from bot.store import Access, Store
from tests.databases.postgres import Cluster
from tests.e2e.discord.harness import alerts, connected
from tests.e2e.seed import until
from tests.soak.cluster.forked_services import ForkedService, template
from tests.soak.cluster.history import history_is_consistent
from tests.soak.cluster.scene import Node, Scene, cluster_scene, roles

FAULTS = int(os.environ.get("FAULTS", "40"))
WORLDS = int(os.environ.get("WORLDS", "1"))
SEED = int(os.environ.get("SEED", "1"))

pytestmark = [pytest.mark.soak, pytest.mark.timeout(120 + 40 * FAULTS)]

FOLLOWERS = 20
TERM = 3.0
"""Seconds: the shortest there is. A restarted service is there in less, forked as it is."""
QUICK = {"MINTCAST_PUMPFUN__END_GRACE_SECONDS": "1", **roles("watch", "alerts", "discord", "local")}
"""No clips: their processes would take longer to start than a term."""
END_BACKENDS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'mintcast' AND random() < 0.5"""


class Faults:
    """Each leaves the scene whole: three nodes that run."""

    def __init__(self, scene: Scene, dice: random.Random) -> None:
        self._scene = scene
        self._dice = dice

    async def one(self) -> str:
        kinds: list[Callable[[Node], Awaitable[None]]] = [
            self._kill,
            self._stop,
            self._freeze,
            self._end_backends,
            self._restart_server,
        ]
        kind, node = self._dice.choice(kinds), self._dice.choice(self._scene.nodes)
        await kind(node)
        return f"{kind.__name__} {node.name}"

    async def _kill(self, node: Node) -> None:
        await node.service.kill()
        await asyncio.sleep(self._dice.uniform(0.0, TERM))
        await node.service.start()

    async def _stop(self, node: Node) -> None:
        await node.service.stop()
        await node.service.start()

    async def _freeze(self, node: Node) -> None:
        await node.freeze()
        await asyncio.sleep(self._dice.uniform(0.0, 2.0 * TERM))
        await node.thaw()

    async def _end_backends(self, _: Node) -> None:
        name = self._scene.address.url.rpartition("/")[2]
        await asyncio.to_thread(self._scene.server.fetch, END_BACKENDS, (), name)

    async def _restart_server(self, _: Node) -> None:
        await asyncio.to_thread(self._scene.server.stop)
        await asyncio.to_thread(self._scene.server.start)


@pytest.mark.parametrize("seed", range(SEED, SEED + WORLDS))
async def test_each_stream_is_told_once_whatever_happens(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    async with (
        template() as forked,
        cluster_scene(
            tmp_path,
            followers=FOLLOWERS,
            server=Cluster(durable=True),
            term=TERM,
            settings=QUICK,
            kind=partial(ForkedService, forked),
        ) as scene,
    ):
        faults, told = Faults(scene, dice), 0
        for number in range(FAULTS):
            scene.coin.go_live(f"Stream number {number}")
            told += 1
            await asyncio.sleep(dice.uniform(0.0, 3.0))
            name = await faults.one()
            began = time.monotonic()
            await _told(scene, told, f"stream {number} is told after {name} (seed {seed})")
            print(f"{number}: {name}, {time.monotonic() - began:.1f} s")
            scene.coin.end()
            await _is_over(scene)
        await connected(scene.discord, scene.nodes[0].service)
        assert [len(alerts(one)) for one in scene.followers] == [told] * FOLLOWERS
        assert scene.discord.rejected == []
        assert await history_is_consistent(scene.server, scene.address) > 5


async def _told(scene: Scene, streams: int, what: str) -> None:
    def everywhere() -> bool:
        return all(len(alerts(one)) >= streams for one in scene.followers)

    await until(everywhere, what, within=120.0)


async def _is_over(scene: Scene) -> None:
    """The next one is another stream, once this one's end was seen."""
    deadline = time.monotonic() + 120.0
    while True:
        async with Store(scene.address, access=Access.ANY) as store, store.read() as unit:
            if not await unit.streams.open():
                return
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)
