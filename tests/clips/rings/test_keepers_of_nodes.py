"""Keepers of two nodes on one database: when one ends, the other has what it had."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clips.rings.claims import SharedRings
from bot.clips.workers.captures import Captures, ring_order
from bot.kit.notifier import Notifier
from bot.store import Store
from tests.clips.rings.test_keeper import MINT, KeeperHarness
from tests.fakes.captures import FakeOpener
from tests.fakes.clock import FakeClock, settle

TERM = 30.0


@pytest.fixture
async def nodes(database: Path) -> AsyncIterator[list[KeeperHarness]]:
    clock, notifier = FakeClock(), Notifier()
    ring = ring_order(60.0, 30.0, 120.0, 720)
    async with contextlib.AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store(database))
        made = []
        for name in "ab":
            opener = FakeOpener()
            captures = Captures(opener, clock=clock, ring=ring, longest=120.0)
            await stack.enter_async_context(captures)
            claims = SharedRings(store, clock, name, TERM, lambda: True)
            made.append(
                KeeperHarness(store, captures, opener, clock, notifier=notifier, claims=claims)
            )
        yield made


async def test_what_one_held_that_was_stopped_another_has_at_once(
    nodes: list[KeeperHarness],
) -> None:
    a, b = nodes
    target = await a.follow()
    await a.go_live()
    async with contextlib.AsyncExitStack() as stack:
        async with a.running() as keeper:
            await stack.enter_async_context(b.running())
            assert (a.held, b.held) == ({MINT}, set())
        await a.ask(target)
        assert await waits_for(b, "b") == 0
        await keeper.leave()
        await settle()
        assert b.held == {MINT}
        assert await waits_for(b, "b") == 1
        assert a.clock.monotonic() == 0


async def waits_for(harness: KeeperHarness, worker_id: str) -> int:
    """How many clips that node may begin."""
    async with harness.store.read() as unit:
        return len(await unit.jobs.queued(worker_id))
