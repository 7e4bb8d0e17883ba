"""Rows of nodes: those that are there, and those that were."""

from __future__ import annotations

from bot.store import NodeReport, Store
from tests.store.raw_sql import write

TERM, DAY = 30.0, 86_400.0


def node(name: str, start: int = 1, *roles: str) -> NodeReport:
    return NodeReport(f"{name}-{start}", name, "1.0", roles)


async def report(store: Store, *nodes: NodeReport) -> None:
    for one in nodes:
        async with store.write() as unit:
            await unit.nodes.report(one, TERM)


def age(store: Store, seconds: float, *worker_ids: str) -> None:
    """They said so much earlier what they said."""
    sql = "UPDATE nodes SET since = since - {0}, until = until - {0} WHERE worker_id = ?"
    write(store.name, sql.format(round(1000 * seconds)), [(one,) for one in worker_ids])


async def names(store: Store) -> list[str]:
    async with store.read() as unit:
        return [one.worker_id for one in await unit.nodes.all()]


async def test_each_sees_the_others_that_are_there(store: Store) -> None:
    a, b, c = node("a", 1, "watch"), node("b"), node("c")
    await report(store, a, b, c)
    age(store, 60, "c-1")
    async with store.read() as unit:
        assert await unit.nodes.others("b-1") == (a,)


async def test_of_those_that_are_gone_the_newest_of_each_name_are_told_of_for_a_while(
    store: Store,
) -> None:
    """A node that is killed again and again as it starts leaves a row each time."""
    await report(store, *(node("a", start) for start in range(1, 4)), node("b"), node("c"))
    for ago, worker_id in ((300, "a-1"), (200, "a-2"), (100, "a-3"), (2 * DAY, "b-1")):
        age(store, ago, worker_id)
    async with store.write() as unit:
        assert await unit.nodes.forget_gone(DAY) == 3
    assert await names(store) == ["a-3", "c-1"]


async def test_two_of_one_name_that_are_there_stay(store: Store) -> None:
    await report(store, node("a", 1), node("a", 2))
    async with store.write() as unit:
        assert await unit.nodes.forget_gone(DAY) == 0
