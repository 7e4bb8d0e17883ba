"""What the node that watches has found, people are told on every node."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator

import pytest

from bot.kit.leadership import HeldLease, under
from bot.kit.metrics import Metrics
from bot.model import WatchFindings
from tests.watch.harness import POLL, WatchHarness, mint


@contextlib.asynccontextmanager
async def watching(harness: WatchHarness) -> AsyncIterator[None]:
    """By the lease."""
    async with harness.store.write() as unit:
        lease = await unit.leases.win("watch", "here", 30.0)
    assert lease is not None
    with under(HeldLease(lease, float("inf"), harness.clock)):
        yield


@pytest.fixture
def other(harness: WatchHarness) -> WatchHarness:
    """A node that does not watch."""
    return dataclasses.replace(harness)


async def found(node: WatchHarness) -> WatchFindings:
    return await node.watcher.findings()


async def test_what_is_live_is_known_on_a_node_that_does_not_watch(
    harness: WatchHarness, other: WatchHarness
) -> None:
    coins = [harness.coin(number, hidden=True) for number in range(200)]
    await harness.subscribe(*(coin.mint for coin in coins))
    harness.coin(1001).go_live()
    assert await found(other) == WatchFindings((), 2 * POLL)
    async with watching(harness):
        await harness.tick(5)
    told = await found(other)
    assert [(coin.mint, coin.symbol) for coin in told.live] == [(mint(1001), "C1001")]
    assert told.rotation_seconds == (await found(harness)).rotation_seconds > 2 * POLL
    await harness.clock.advance(301)
    assert (await found(other)).live == ()  # nobody watches


async def test_who_watches_no_more_tells_what_another_finds(
    harness: WatchHarness, other: WatchHarness
) -> None:
    coin = harness.coin(1)
    coin.go_live()
    await harness.subscribe(coin.mint)
    async with watching(harness):
        await harness.tick()
    harness.watcher.rest()
    harness.coin(2).go_live()
    async with watching(other):
        await other.tick(4)
    assert {coin.mint for coin in (await found(harness)).live} == {mint(1), mint(2)}
    assert (open_streams(harness.metrics), open_streams(other.metrics)) == (0, 1)


async def test_a_service_that_is_alone_writes_nothing_of_it(harness: WatchHarness) -> None:
    harness.coin(1).go_live()
    await harness.tick()
    assert len((await found(harness)).live) == 1
    async with harness.store.read() as unit:
        assert await unit.key_values.get("watch:findings") is None


def open_streams(metrics: Metrics) -> float:
    """How many the metrics tell, in all states."""
    lines = metrics.render().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("mintcast_open_str"))
