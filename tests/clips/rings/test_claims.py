"""Several nodes hold the rings of the same coins: each has its share, and one is one node's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.clips.rings.claims import LEAST_SECONDS, SharedRings, shares
from bot.clips.rings.policy import MILLICORES_A_RING
from bot.kit.notifier import Notifier
from bot.kit.tasks import background
from bot.model import Window
from bot.store import Access, NodeReport, RingElsewhere, Store
from tests.fakes.clock import FakeClock, settle
from tests.store.raw_sql import write

PLACES, TERM = 3, 30.0
COINS = [f"coin-{n}" for n in range(6)]


@dataclass
class Node:
    """As `RingKeeper` uses its claims: of what nobody has it wants all that it has places for."""

    store: Store
    clock: FakeClock
    name: str
    is_steady: Callable[[], bool] = lambda: True
    held: set[str] = field(default_factory=set)
    pause: float = 0.0

    def __post_init__(self) -> None:
        self.claims = SharedRings(self.store, self.clock, self.name, TERM, self.is_steady)

    async def start(self) -> Node:
        async with self.store.write() as unit:
            await unit.nodes.report(NodeReport(self.name, self.name, "1", ("clips",), PLACES), TERM)
        return self

    async def look(self) -> None:
        elsewhere, lost = await self.claims.look(dict.fromkeys(self.held))
        self.held -= lost
        wanted = [mint for mint in COINS if mint not in elsewhere | self.held]
        free = wanted[: PLACES - len(self.held)]
        taken, self.pause = await self.claims.take(free, len(self.held), PLACES)
        self.held |= taken


async def test_each_node_has_its_share_and_takes_over_what_another_leaves(database: Path) -> None:
    clock = FakeClock()
    async with Store(database, access=Access.ANY) as store:
        nodes = [await Node(store, clock, name).start() for name in "abc"]
        for _ in range(10):
            for node in nodes:
                await node.look()
            await clock.advance(0.25)
        assert [len(node.held) for node in nodes] == [2, 2, 2]
        assert set().union(*(node.held for node in nodes)) == set(COINS)
        write(store.name, "UPDATE captures SET until = until - 600000 WHERE holder = 'b'")
        a, b, c = nodes
        for _ in range(20):
            await a.look()
            await c.look()
            await clock.advance(0.25)
        assert a.held | c.held == set(COINS)
        await b.look()  # it goes on, and finds that it has none any more
        assert b.held == set()
        await a.claims.release(sorted(a.held))
        await c.look()
        assert not c.held & a.held  # it has no place left


async def test_who_was_late_for_one_takes_another_that_is_free_for_as_long(database: Path) -> None:
    clock = FakeClock()
    async with Store(database, access=Access.ANY) as store:
        a, b, c = [await Node(store, clock, name).start() for name in "abc"]
        for node in (a, b, c) * 10:
            await node.look()
            await clock.advance(0.1)
        assert len(b.held) == 2
        write(store.name, "UPDATE captures SET until = until - 600000 WHERE holder = 'b'")
        await asyncio.gather(a.look(), c.look())  # both want the same one
        late = min(a, c, key=lambda node: len(node.held))
        assert [len(late.held), late.pause] == [2, LEAST_SECONDS]
        await late.look()
        assert a.held | c.held == set(COINS)


async def test_a_node_that_is_slow_to_look_has_its_share(database: Path) -> None:
    clock = FakeClock()
    async with Store(database, access=Access.ANY) as store:
        a, b, slow = [await Node(store, clock, name).start() for name in "abc"]
        for turn in range(28):
            await a.look()
            await b.look()
            if turn % 6 == 5:
                await slow.look()
            await clock.advance(0.25)
        assert [len(node.held) for node in (a, b, slow)] == [2, 2, 2]


async def test_what_one_with_places_never_takes_another_has_soon(
    database: Path,
) -> None:
    clock = FakeClock()
    async with Store(database, access=Access.ANY) as store:
        a, _ = [await Node(store, clock, name).start() for name in "ab"]
        while len(a.held) < PLACES:
            await a.look()
            await clock.advance(a.pause if len(a.held) < PLACES else 0.0)
        assert clock.monotonic() <= 4.0


def test_the_share_of_a_node_is_by_what_its_rings_cost_and_who_is_late_has_none() -> None:
    nodes = [
        NodeReport(name, name, "1", (), places)
        for name, places in [("a", 4), ("b", 2), ("c", 0), ("d", 3)]
    ]
    rings = [
        RingElsewhere("one", "a", None, 5.0, MILLICORES_A_RING),
        RingElsewhere("two", "b", None, 5.0, MILLICORES_A_RING // 2),
        RingElsewhere("three", "d", None, -1.0, MILLICORES_A_RING),
        RingElsewhere("four", "d", None, 5.0, MILLICORES_A_RING),
    ]
    assert shares(rings, nodes) == {"a": 0.25, "b": 0.25}


async def test_a_database_that_was_away_for_a_term_costs_nobody_a_ring(database: Path) -> None:
    clock = FakeClock()
    async with Store(database, access=Access.ANY) as store:
        a, b = [await Node(store, clock, name).start() for name in "ab"]
        for node in (a, b) * 10:
            await node.look()
            await clock.advance(0.25)
        had = [set(a.held), set(b.held)]
        write(store.name, "UPDATE captures SET until = until - 600000")
        for node in (a, b):
            _, lost = await node.claims.look(dict.fromkeys(node.held))
            assert lost == frozenset()
        assert [a.held, b.held] == had


async def test_the_first_that_is_back_leaves_to_the_others_what_they_could_not_renew(
    database: Path,
) -> None:
    clock, steady = FakeClock(), set("ab")
    async with Store(database, access=Access.ANY) as store:
        a = await Node(store, clock, "a", lambda: "a" in steady).start()
        b = await Node(store, clock, "b", lambda: "b" in steady).start()
        await a.look()
        await b.look()
        assert [a.held, b.held] == [{COINS[0]}, {COINS[1]}]
        write(store.name, "UPDATE captures SET until = until - 600000")
        steady.clear()
        a.held.clear()  # it has places for more than there are
        for _ in range(5):
            await a.look()
            await clock.advance(1.0)
        assert COINS[1] not in a.held
        assert a.claims.next_look > LEAST_SECONDS
        await b.look()
        assert COINS[1] in b.held
        write(store.name, "UPDATE captures SET until = until - 600000 WHERE holder = 'b'")
        a.held.clear()
        steady.add("a")
        for _ in range(5):
            await a.look()
            await clock.advance(1.0)
        assert COINS[1] in a.held, "b is gone"


@pytest.mark.parametrize("term", [30.0, 3.0])
async def test_rings_are_renewed_six_times_in_a_term(database: Path, term: float) -> None:
    clock = FakeClock()
    async with Store(database, access=Access.ANY) as store:
        claims = SharedRings(store, clock, "a", term, lambda: True)
        await claims.take(COINS[:1], 0, PLACES)
        await claims.look({COINS[0]: Window.before(clock.now(), 20.0)})
        assert claims.next_look == term / 6


async def test_a_node_without_rings_knows_what_others_have_at_hand(database: Path) -> None:
    clock = FakeClock()
    async with Store(database, access=Access.ANY) as store:
        holder, other = (SharedRings(store, clock, name, 30.0, lambda: True) for name in "ab")
        await holder.take(COINS[:1], 0, PLACES)
        async with background(other.follow(Notifier()), "rings elsewhere"):
            await settle()
            assert other.at_hand(COINS[0]) is None
            await holder.look({COINS[0]: Window.before(clock.now(), 20.0)})
            await clock.advance(5.0)
            there = other.at_hand(COINS[0])
            assert there is not None
            assert there.seconds >= 20.0
