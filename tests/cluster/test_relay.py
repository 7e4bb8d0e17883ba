"""What one node notifies, the others hear."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest

from bot.cluster import leadership_of, notifier_of
from bot.cluster.relay import WAKE_SECONDS
from bot.config import Settings
from bot.kit.health import Health
from bot.kit.tasks import background
from bot.store import PostgresAddress, Store
from tests.cluster.conftest import links, name_of
from tests.cluster.nodes import until_set
from tests.cluster.relays import linked, relaying
from tests.databases.postgres import Cluster
from tests.fakes.clock import FakeClock, until
from tests.patience import PATIENCE


@contextlib.asynccontextmanager
async def overheard(store: Store) -> AsyncIterator[asyncio.Queue[list[str]]]:
    """What nodes tell meanwhile."""
    texts: asyncio.Queue[list[str]] = asyncio.Queue()
    async with store.node_link(lambda text: texts.put_nowait(json.loads(text)), lambda: None):
        yield texts


async def next_of(texts: asyncio.Queue[list[str]]) -> list[str]:
    async with asyncio.timeout(PATIENCE):
        return await texts.get()


async def test_what_one_notifies_the_other_hears_and_it_itself_once(shared: Store) -> None:
    async with linked(shared, "a") as a, linked(shared, "b") as b:
        with (
            a.notifier.listening("jobs") as own,
            a.notifier.listening("deliveries") as answer,
            b.notifier.listening("jobs") as told,
            b.notifier.listening("streams") as other,
        ):
            a.notifier.notify("jobs")
            assert own.is_set()
            own.clear()
            await until_set(told)
            b.notifier.notify("deliveries")
            await until_set(answer)  # so its own, which was told before, has arrived, too
            assert not own.is_set()
            assert not other.is_set()


async def test_what_is_notified_at_once_is_told_as_one(shared: Store) -> None:
    async with linked(shared, "a") as a, overheard(shared) as texts:
        for topic in ("jobs", "deliveries", "jobs", "job:7"):
            a.notifier.notify(topic)
        assert await next_of(texts) == ["a", "deliveries", "job:7", "jobs"]
        a.notifier.notify("page")
        a.notifier.notify("jobs")
        await a.passes(lambda: not texts.empty())
        assert await next_of(texts) == ["a", "jobs", "page"]


@pytest.mark.parametrize(
    "topics",
    [[f"job:{n}" for n in range(150)], ["x" * 9000], ["é" * 5000, "jobs"]],
    ids=["too many", "too long", "too long in bytes"],
)
async def test_what_is_too_much_to_tell_wakes_all(shared: Store, topics: list[str]) -> None:
    async with linked(shared, "a") as a, linked(shared, "b") as b:
        with b.notifier.listening("streams") as told:
            for topic in topics:
                a.notifier.notify(topic)
            await until_set(told)


@pytest.mark.parametrize("text", ["", "junk", "7", "[]", "{}", "[" * 5000, '"x"', "[[]]"])
async def test_what_is_not_understood_wakes_all_or_nobody_and_breaks_nothing(
    shared: Store, address: PostgresAddress, cluster: Cluster, text: str
) -> None:
    async with linked(shared, "a") as a, linked(shared, "b") as b:
        with b.notifier.listening("jobs") as told:
            cluster.execute(f"NOTIFY mintcast, '{text}'", database=name_of(address))
            a.notifier.notify("jobs")
            await until_set(told)
        assert b.part.ok


async def test_whoever_waits_is_woken_every_five_seconds_without_any_link(
    shared: Store, cluster: Cluster
) -> None:
    cluster.stop()
    try:
        async with relaying(shared, "a") as a:
            with a.notifier.listening("jobs") as woken:
                await a.passes(lambda: not a.part.ok, step=0.0)
                await a.clock.advance(WAKE_SECONDS - a.clock.monotonic() - 0.1)
                assert not woken.is_set()
                await a.clock.advance(0.1)
                assert woken.is_set()
                woken.clear()
                await a.clock.advance(WAKE_SECONDS)
                assert woken.is_set()
            a.notifier.notify("jobs")  # neither blocks nor raises
    finally:
        cluster.start()


async def test_what_is_notified_right_before_the_end_is_told(
    shared: Store, address: PostgresAddress, cluster: Cluster
) -> None:
    async with linked(shared, "b") as b:
        with b.notifier.listening("leases") as told:
            async with linked(shared, "a") as a:
                a.notifier.notify("leases")
            a.notifier.notify("jobs")  # nobody is told any more, and nothing breaks
            await until_set(told)
        assert len(links(cluster, address)) == 1
    await until(lambda: not links(cluster, address))


async def test_a_service_that_is_alone_has_no_link_and_wakes_nobody(shared: Store) -> None:
    clock = FakeClock()
    health = Health(clock)
    before = asyncio.all_tasks()
    async with notifier_of(Settings(), shared, clock, health, "local-1") as notifier:
        with notifier.listening("jobs") as woken:
            assert asyncio.all_tasks() == before
            await clock.advance(60)
            assert not woken.is_set()
            notifier.notify("jobs")
            assert woken.is_set()
    assert health.parts() == ()


async def test_a_lease_that_is_given_back_is_the_others_at_once(
    shared: Store, address: PostgresAddress
) -> None:
    """By clocks that stand still it is the hint alone that can tell it."""

    @contextlib.asynccontextmanager
    async def leading(name: str, leads: asyncio.Event) -> AsyncIterator[None]:
        async def work() -> None:
            leads.set()
            await asyncio.get_running_loop().create_future()

        settings = Settings.model_validate(
            {"storage": {"database": address.url}, "cluster": {"node": name}}
        )
        clock = FakeClock()
        health = Health(clock)
        part = health.part("notifications")
        async with (
            notifier_of(settings, shared, clock, health, name) as notifier,
            leadership_of(settings, shared, clock, notifier, health, name, 0) as leadership,
        ):
            await until(lambda: part.age is not None)
            async with background(leadership.lead("watch", work), f"{name}-leads"):
                yield

    a_leads, b_leads = asyncio.Event(), asyncio.Event()
    async with contextlib.AsyncExitStack() as stack:
        async with leading("a", a_leads):
            await until_set(a_leads)
            await stack.enter_async_context(leading("b", b_leads))
            assert not b_leads.is_set()
        await until_set(b_leads)
