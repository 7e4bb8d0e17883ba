"""Nodes that cannot reach what a lease is for: who gets it, and how often. By the real clock."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.cluster import LeaseKeeper
from bot.cluster.hand_overs import HandOvers
from bot.kit.health import Health
from bot.kit.leadership import HeldLease, Lease, current_lease, is_handed_over, note_reach
from bot.kit.notifier import Notifier
from bot.kit.tasks import background
from bot.kit.timing.clock import SystemClock
from bot.store import Access, NodeReport, Store
from tests.cluster.nodes import TERM, lease_keeper
from tests.fakes.clock import FakeClock, until

NAME = "sender:x"
REST = 3 * TERM
TRY_SECONDS = 0.1
OTHER = NodeReport("b-1", "b", "1.0", ("alerts",))


@dataclass
class Trying:
    """A node whose work asks somebody again and again; whether that works, the test says."""

    name: str
    keeper: LeaseKeeper
    is_cut_off: bool = False
    epochs: list[int] = field(default_factory=list)
    leads: bool = False
    was_handed_over: bool = False
    takes_to_end: float = 0.0

    async def work(self) -> None:
        held = current_lease()
        assert held is not None
        self.epochs.append(held.lease.epoch)
        self.leads = True
        try:
            while True:
                note_reach(answered=not self.is_cut_off)
                await asyncio.sleep(TRY_SECONDS)
        finally:
            self.was_handed_over = is_handed_over()
            await asyncio.sleep(self.takes_to_end)  # what is under way
            assert held.is_ours
            self.leads = False


@contextlib.asynccontextmanager
async def trying(
    path: Path, name: str, heard: Notifier, *, role: str = "alerts", leads: bool = True
) -> AsyncIterator[Trying]:
    async with Store(path, access=Access.ANY, patience=30) as store:
        keeper = lease_keeper(
            store, name, role, Health(SystemClock()), heard, unreached_seconds=0, rest_seconds=REST
        )
        async with keeper:
            one = Trying(name, keeper)
            if not leads:
                yield one
                return
            async with background(keeper.lead(NAME, one.work, role="alerts"), f"{name}-leads"):
                yield one


def hand_overs_of(clock: FakeClock) -> HandOvers:
    hand_overs = HandOvers(clock, 30.0, 30.0, 120.0)
    hand_overs.roles[NAME] = "alerts"
    return hand_overs


@pytest.fixture
def heard() -> Notifier:
    return Notifier()


async def test_who_is_cut_off_gives_it_to_another_that_keeps_it(
    database: Path, heard: Notifier
) -> None:
    async with trying(database, "a", heard) as a:
        await until(lambda: a.leads)
        async with trying(database, "b", heard) as b:
            a.takes_to_end = TERM  # and it stays a's for as long as that takes
            a.is_cut_off = True
            await until(lambda: b.leads)
            assert not a.leads
            assert a.was_handed_over
            await asyncio.sleep(2 * TERM)  # what is tried is that nothing happens meanwhile
            assert (a.epochs, b.epochs) == ([1], [2])


@pytest.mark.soak
async def test_who_can_reach_it_keeps_it(database: Path, heard: Notifier) -> None:
    async with trying(database, "a", heard) as a:
        await until(lambda: a.leads)
        async with trying(database, "b", heard) as b:
            for _ in range(3):  # it fails for less than a term at a time
                a.is_cut_off = True
                await asyncio.sleep(TERM / 2)
                a.is_cut_off = False
                await asyncio.sleep(3 * TRY_SECONDS)
            assert (a.epochs, b.epochs) == ([1], [])


@pytest.mark.soak
@pytest.mark.parametrize("role", ["", "clips"])
async def test_it_stays_where_no_other_node_may_do_it(
    database: Path, heard: Notifier, role: str
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        if role:
            await stack.enter_async_context(trying(database, "b", heard, role=role, leads=False))
        a = await stack.enter_async_context(trying(database, "a", heard))
        await until(lambda: a.leads)
        a.is_cut_off = True
        await asyncio.sleep(2.5 * TERM)
        assert a.epochs == [1]


@pytest.mark.soak
async def test_what_nobody_takes_within_a_term_is_taken_again(
    database: Path, heard: Notifier
) -> None:
    async with (
        trying(database, "b", heard, leads=False),  # it has the role, but no token
        trying(database, "a", heard) as a,
    ):
        await until(lambda: a.leads)
        a.is_cut_off = True
        await until(lambda: not a.leads)
        gone_at = asyncio.get_running_loop().time()
        await until(lambda: a.leads)
        assert a.epochs == [1, 2]
        assert asyncio.get_running_loop().time() - gone_at > 0.9 * TERM


@pytest.mark.soak
async def test_where_nobody_can_reach_it_they_pass_it_on_no_more_than_once_in_a_rest(
    database: Path, heard: Notifier
) -> None:
    async with (
        trying(database, "a", heard) as a,
        trying(database, "b", heard) as b,
    ):
        a.is_cut_off = b.is_cut_off = True
        began = asyncio.get_running_loop().time()
        won_at: list[float] = []
        while len(won_at) < 3:
            await until(lambda: len(a.epochs) + len(b.epochs) > len(won_at))
            won_at.append(asyncio.get_running_loop().time() - began)
        gaps = [later - earlier for earlier, later in itertools.pairwise(won_at[1:])]
        assert all(gap > 0.9 * REST for gap in gaps), won_at
        assert {len(a.epochs), len(b.epochs)} == {1, 2}


@pytest.mark.soak
async def test_of_three_the_one_that_can_reach_it_has_it_after_two_rests(
    database: Path, heard: Notifier
) -> None:
    """Who has given it away lets those go first that have not."""
    async with trying(database, "a", heard) as a, trying(database, "b", heard) as b:
        a.is_cut_off = b.is_cut_off = True
        await until(lambda: bool(a.epochs and b.epochs))
        async with trying(database, "c", heard) as c:
            await until(lambda: c.leads, within=20 * TERM)
            assert (len(a.epochs), len(b.epochs)) == (1, 1)


async def test_it_is_given_away_after_a_term_without_an_answer_where_another_may_do_it() -> None:
    clock = FakeClock()
    hand_overs, held = hand_overs_of(clock), HeldLease(Lease(NAME, "a-1", 1), math.inf, clock)
    hand_overs.look([OTHER])
    for _ in range(2):
        for _ in range(5):
            assert not hand_overs.is_due(held)
            held.reach.note(answered=False)
            await clock.advance(7)
        held.reach.note(answered=True)
    for _ in range(6):
        held.reach.note(answered=False)
        await clock.advance(7)
    assert hand_overs.is_due(held)
    for others in ([], [replace(OTHER, roles=("clips",))]):
        hand_overs.look(others)
        assert not hand_overs.is_due(held)


async def test_once_one_thing_was_given_away_the_next_need_not_fail_for_as_long() -> None:
    clock = FakeClock()
    hand_overs, held = hand_overs_of(clock), HeldLease(Lease(NAME, "a-1", 1), math.inf, clock)
    hand_overs.look([OTHER])
    hand_overs.given("watch")
    held.reach.note(answered=False)
    for _ in range(2):
        await clock.advance(2)
        held.reach.note(answered=False)
    assert not hand_overs.is_due(held)
    await clock.advance(2)
    held.reach.note(answered=False)
    assert hand_overs.is_due(held)
    await clock.advance(115)
    assert not hand_overs.is_due(held), "that was long ago"


async def test_it_is_left_to_those_alone_who_are_there() -> None:
    clock = FakeClock()
    hand_overs, other = hand_overs_of(clock), OTHER
    hand_overs.look([other])
    hand_overs.given(NAME)
    assert hand_overs.left_to_others(NAME, is_free=True) == 30.0
    hand_overs.look([])
    assert hand_overs.left_to_others(NAME, is_free=True) == 0.0
    hand_overs.look([other])
    assert hand_overs.left_to_others(NAME, is_free=False) == 0.0  # the other has it
    await clock.advance(121)
    assert hand_overs.left_to_others(NAME, is_free=True) == 2.0


async def test_it_is_taken_again_where_the_others_have_left(
    database: Path, heard: Notifier
) -> None:
    async with trying(database, "a", heard) as a:
        await until(lambda: a.leads)
        async with trying(database, "b", heard) as b:
            a.is_cut_off = True
            await until(lambda: b.leads)
            a.is_cut_off = False
        await until(lambda: a.leads)
        assert a.epochs == [1, 3]
