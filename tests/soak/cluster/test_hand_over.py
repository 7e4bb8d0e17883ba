"""The proxy of one node fails, through which it reached pump.fun and Discord: another watches and
sends, though the first is alive and renews what it has."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

import pytest

from tests.fakes.proxy import FakeProxy
from tests.patience import PATIENCE
from tests.soak.cluster.scene import Node, Scene, cluster_scene

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

LEASES = ("watch", "sender:discord")


async def test_what_one_node_reaches_no_more_another_does(tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as fails, FakeProxy() as spare:
        proxy = await fails.enter_async_context(FakeProxy())
        behind = {"a": proxy, "b": spare}
        async with cluster_scene(tmp_path, ("a", "b"), followers=20, behind=behind) as scene:
            lamed, other = scene.nodes
            await _has_all(scene, lamed, other)
            seen = len(proxy.asked)
            await scene.world.site.reached("roster", scene.world.site.count("roster") + 2)
            assert len(proxy.asked) > seen, "it is reached through the proxy"
            await fails.aclose()
            scene.coin.go_live("Told by the other one")
            failed = time.monotonic()
            await _is_taken(scene, "watch", other)
            watched = time.monotonic() - failed
            await scene.everybody_is_told()
            print(f"watched by the other after {watched:.1f} s,", end=" ")
            print(f"told after {time.monotonic() - failed:.1f} s")
            scene.nothing_is_missing_or_doubled()
            assert [await scene.holder(name) for name in LEASES] == [other, other]
            await scene.all_are_there()


async def _is_taken(scene: Scene, name: str, by: Node) -> None:
    deadline = time.monotonic() + PATIENCE
    while await scene.holder(name) is not by:
        assert time.monotonic() < deadline, f"{by.name} never had {name}"
        await asyncio.sleep(0.1)


async def _has_all(scene: Scene, one: Node, other: Node) -> None:
    """The other one is stopped for that, and starts again."""
    await other.service.stop()
    for name in LEASES:
        assert await scene.holder(name) is one
    await other.service.start()
    await scene.all_are_there()
