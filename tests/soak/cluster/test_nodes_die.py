"""Nodes are killed, frozen, stopped in the middle of a fan-out: nothing is missing or doubled."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

import pytest

from tests.databases.far_host import FarHost, require_far_hosts
from tests.databases.postgres import Cluster
from tests.e2e.discord.harness import alerts, text
from tests.e2e.seed import until
from tests.fakes.discord import Channel
from tests.soak.cluster.history import history_is_consistent
from tests.soak.cluster.scene import TERM, cluster_scene

pytestmark = [pytest.mark.soak, pytest.mark.timeout(400)]

CUT_SECONDS = 60.0
BACK_WITHIN = 5.0
SLACK = 2.0
"""Seconds, on top of a term, within which another node is at work."""


async def test_another_goes_on_where_one_was_killed(tmp_path: Path) -> None:
    async with cluster_scene(tmp_path) as scene:
        sender = await scene.holder("sender:discord")
        scene.coin.go_live("For everybody")
        await until(lambda: scene.sent >= 20, "it is under way")
        await sender.service.kill()
        died, sent = time.monotonic(), scene.sent
        await until(lambda: scene.sent > sent + 8, "another goes on")
        took = time.monotonic() - died
        await scene.everybody_is_told()
        scene.nothing_is_missing_or_doubled()
        assert await scene.holder("sender:discord") is not sender
        assert took <= TERM + SLACK


async def test_a_clean_stop_hands_over_at_once(tmp_path: Path) -> None:
    async with cluster_scene(tmp_path) as scene:
        sender = await scene.holder("sender:discord")
        scene.coin.go_live("For everybody")
        await until(lambda: scene.sent >= 20, "it is under way")
        assert await sender.service.stop() == 0
        stopped = time.monotonic()
        sent = scene.sent
        await until(lambda: scene.sent > sent, "another goes on")
        assert time.monotonic() - stopped < TERM
        await scene.everybody_is_told()
        scene.nothing_is_missing_or_doubled()


async def test_one_that_was_frozen_for_two_terms_does_nothing_when_it_goes_on(
    tmp_path: Path,
) -> None:
    async with cluster_scene(tmp_path) as scene:
        sender = await scene.holder("sender:discord")
        scene.coin.go_live("For everybody")
        await until(lambda: scene.sent >= 20, "it is under way")
        await sender.freeze()
        frozen = time.monotonic()
        await scene.everybody_is_told()
        await asyncio.sleep(max(0.0, 2 * TERM - (time.monotonic() - frozen)))
        before = await scene.leases()
        await sender.thaw()
        scene.coin.end()
        await until(
            lambda: all(_is_over(channel) for channel in scene.followers), "all are told of the end"
        )
        scene.nothing_is_missing_or_doubled()
        assert await scene.leases() == before


async def test_one_that_is_cut_off_from_the_database_stops_before_its_term_is_over(
    tmp_path: Path,
) -> None:
    """It still reaches Discord, which makes it harder: nobody but itself keeps it from sending."""
    require_far_hosts()
    async with contextlib.AsyncExitStack() as stack:
        far = stack.enter_context(FarHost(cables=4))
        ways = dict(zip("abc", far.cables[1:], strict=True))
        scene = await stack.enter_async_context(
            cluster_scene(tmp_path, server=Cluster(far=far), ways=ways)
        )
        sender = await scene.holder("sender:discord")
        scene.coin.go_live("For everybody")
        await until(lambda: scene.sent >= 20, "it is under way")
        ways[sender.name].pull()
        cut = time.monotonic()
        await scene.everybody_is_told()
        scene.nothing_is_missing_or_doubled()
        assert await scene.holder("sender:discord") is not sender
        await asyncio.sleep(max(0.0, CUT_SECONDS - (time.monotonic() - cut)))
        before = await scene.leases()
        ways[sender.name].plug()
        scene.coin.end()
        await until(
            lambda: all(_is_over(channel) for channel in scene.followers), "all are told of the end"
        )
        scene.nothing_is_missing_or_doubled()
        assert await scene.leases() == before


async def test_a_server_that_is_restarted_under_them_leaves_each_lease_one_holder(
    tmp_path: Path,
) -> None:
    async with cluster_scene(tmp_path, server=Cluster(durable=True)) as scene:
        await scene.holder("sender:discord")
        scene.coin.go_live("For everybody")
        await until(lambda: scene.sent >= 20, "it is under way")
        await asyncio.to_thread(scene.server.stop)
        await asyncio.to_thread(scene.server.start)
        back, sent = time.monotonic(), scene.sent
        await until(lambda: scene.sent > sent + 8, "sending goes on")
        took = time.monotonic() - back
        await scene.everybody_is_told()
        scene.nothing_is_missing_or_doubled()
        assert await history_is_consistent(scene.server, scene.address) >= 4
        assert took <= BACK_WITHIN


def _is_over(channel: Channel) -> bool:
    return all("was live" in text(message) for message in alerts(channel))
