"""Keepers of two nodes on one database: when one ends, or nothing comes of a ring of its own, the
other has it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from itertools import groupby
from pathlib import Path

import pytest

from bot.clips.rings.claims import SharedRings
from bot.clips.rings.policy import UNUSED_SECONDS
from bot.clips.workers.captures import Captures, ring_order
from bot.errors import PumpfunError
from bot.kit.notifier import Notifier
from bot.model import Reason, Scope
from bot.store import NodeReport, Store
from tests.clips.rings.test_keeper import MINT, OTHER, THIRD, KeeperHarness
from tests.fakes.captures import FakeOpener
from tests.fakes.clock import FakeClock, settle

TERM = 30.0
REFUSED = PumpfunError(Reason.UNREACHABLE)
SOON = 75.0
"""Seconds in which a ring that fails has a new place, if it is to have one."""


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
            a.opener.last.has(-60, 0)
            await a.clock.advance(5)  # by now it has told what it has
        await a.ask(target)
        assert await waits_for(b, "b") == 0
        await keeper.leave()
        await settle()
        assert b.held == {MINT}
        assert await waits_for(b, "b") == 1
        assert a.clock.monotonic() == 5


async def holds_rings(*nodes: KeeperHarness) -> None:
    """They say so, as their leases' keepers do."""
    for name, one in zip("ab", nodes, strict=False):
        async with one.store.write() as unit:
            await unit.nodes.report(NodeReport(name, name, "1", ("clips",), one.places), 3600.0)


async def test_a_ring_of_which_nothing_comes_is_anothers_who_holds_rings_too(
    nodes: list[KeeperHarness],
) -> None:
    a, b = nodes
    await holds_rings(a, b)
    target = await a.follow()
    a.opener.fails = REFUSED
    async with a.running():
        await a.go_live()
        async with b.running():
            await a.clock.advance(30)
            assert (a.held, b.held) == ({MINT}, set()), "it may come yet"
            await a.clock.advance(SOON - 30)
            assert (a.held, b.held) == (set(), {MINT})
            b.opener.last.has(70, 75)
            await a.ask(target)  # which is no reason to take it back
            await a.clock.advance(UNUSED_SECONDS / 2)
            assert (a.held, b.held) == (set(), {MINT})


async def test_where_nothing_comes_of_it_anywhere_it_is_not_passed_on_all_the_time(
    nodes: list[KeeperHarness],
) -> None:
    a, b = nodes
    await holds_rings(a, b)
    await a.follow()
    a.opener.fails = b.opener.fails = REFUSED
    had: list[str] = []
    async with a.running(), b.running():
        await a.go_live()
        while a.clock.monotonic() < UNUSED_SECONDS:
            await a.clock.advance(5)
            had += [name for name, one in zip("ab", nodes, strict=True) if one.held]
    assert len(list(groupby(had))) == 3


async def test_where_no_other_holds_rings_it_stays(nodes: list[KeeperHarness]) -> None:
    a, _ = nodes
    await holds_rings(a)
    await a.follow()
    a.opener.fails = REFUSED
    async with a.running():
        await a.go_live()
        await a.clock.advance(SOON)
        assert a.held == {MINT}


async def test_what_others_do_not_take_is_tried_again(nodes: list[KeeperHarness]) -> None:
    a, b = nodes
    await holds_rings(a, b)  # but that one does nothing
    await a.follow()
    a.opener.fails = REFUSED
    async with a.running():
        await a.go_live()
        await a.clock.advance(SOON)
        assert a.held == set()
        await a.clock.advance(180)
        assert a.held == {MINT}


async def test_a_node_to_which_nothing_comes_leaves_what_is_new_to_others(
    nodes: list[KeeperHarness],
) -> None:
    a, b = nodes
    await holds_rings(a, b)
    for mint in (MINT, OTHER):
        await a.follow(mint)
    a.opener.fails = REFUSED
    async with a.running():
        await a.go_live()
        async with b.running():
            await a.clock.advance(SOON)
            b.opener.last.has(70, 75)
            assert b.held == {MINT}, "so it is less empty than the other"
            await a.go_live(OTHER)
            await a.clock.advance(5)
            assert (a.held, b.held) == (set(), {MINT, OTHER})


async def test_what_another_holds_counts_among_what_a_place_has(
    nodes: list[KeeperHarness],
) -> None:
    a, b = nodes
    a.places = b.places = 1
    chat = await a.follow(OTHER, place="a private chat")
    await a.follow(THIRD, place="a private chat")
    await a.choose("on", Scope.PLACE, chat.place_id)
    await a.follow(MINT, place="others")
    async with a.running():
        await a.go_live(OTHER)
        assert a.held == {OTHER}
        await a.go_live(MINT)
        await a.go_live(THIRD)
        async with b.running():
            assert (a.held, b.held) == ({OTHER}, {MINT})


async def waits_for(harness: KeeperHarness, worker_id: str) -> int:
    """How many clips that node may begin."""
    async with harness.store.read() as unit:
        return len(await unit.jobs.queued(worker_id))
