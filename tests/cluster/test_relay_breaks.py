"""The link between nodes breaks, in each way that it can, and is there again."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator

import pytest

from bot.errors import DatabaseUnreachable
from bot.store import PostgresAddress, Store
from tests.cluster.conftest import links
from tests.cluster.nodes import until_set
from tests.cluster.relays import RelayingNode, linked, relaying
from tests.databases.postgres import Cluster
from tests.fakes.clock import until
from tests.patience import PATIENCE

_CHECK_SECONDS = 3.0


@contextlib.asynccontextmanager
async def broken_and_back(a: RelayingNode) -> AsyncIterator[None]:
    """Around what makes the link good again: then all are woken, by that and not by the time."""
    with a.notifier.listening("jobs") as jobs, a.notifier.listening("page") as page:
        for event in (jobs, page):
            event.clear()
        yield
        began = a.clock.monotonic()
        await a.passes(lambda: a.part.ok)
        assert a.clock.monotonic() - began <= 5.0
        for event in (jobs, page):
            await until_set(event)


async def hears(a: RelayingNode, b: RelayingNode) -> None:
    """The one hears the other again, at once."""
    with a.notifier.listening("streams") as told:
        b.notifier.notify("streams")
        await b.passes(told.is_set, step=0.1)


async def test_a_link_that_the_server_ends_is_made_anew_and_all_are_woken(
    shared: Store, address: PostgresAddress, cluster: Cluster
) -> None:
    async with linked(shared, "a") as a:
        (pid,) = links(cluster, address)
        async with linked(shared, "b") as b:
            cluster.execute(f"SELECT pg_terminate_backend({pid}, 5000)")
            await a.passes(lambda: not a.part.ok, step=0.0)  # at once, not at the next look
            assert "up to 5 s late" in a.part.detail
            assert b.part.ok
            b.notifier.notify("jobs")  # which is lost
            async with broken_and_back(a):
                pass
            await hears(a, b)
            await hears(b, a)


async def test_what_was_notified_while_the_link_was_broken_is_told_then(
    shared: Store, address: PostgresAddress, cluster: Cluster
) -> None:
    async with linked(shared, "a") as a:
        (pid,) = links(cluster, address)
        async with linked(shared, "b") as b:
            cluster.execute(f"SELECT pg_terminate_backend({pid}, 5000)")
            await a.passes(lambda: not a.part.ok, step=0.0)
            with b.notifier.listening("jobs") as told:
                a.notifier.notify("jobs")
                await a.passes(lambda: a.part.ok)
                await until_set(told)


async def test_the_server_is_restarted(shared: Store, cluster: Cluster) -> None:
    async with linked(shared, "a") as a, linked(shared, "b") as b:
        cluster.stop(how=9)
        a.notifier.notify("leases")  # which finds the link broken
        try:
            await a.passes(lambda: not a.part.ok, step=0.0)
            await b.passes(lambda: not b.part.ok, step=0.0)
            since = a.part.since
            await a.clock.advance(20)
            await until(lambda: a.is_waiting)  # and tries nothing while the server starts
            assert a.part.since == since  # since when, not when it was tried last
        finally:
            cluster.start()
        async with broken_and_back(b):
            pass
        with b.notifier.listening("leases") as told:
            async with broken_and_back(a):
                pass
            await until_set(told)
        await hears(a, b)
        await hears(b, a)


async def test_a_server_that_is_silent_is_noticed(shared: Store, cluster: Cluster) -> None:
    """As one whose machine was cut off: the connection is open, and nothing comes."""
    async with linked(shared, "a") as a:
        cluster.signal_all(signal.SIGSTOP)
        try:
            assert a.part.ok
            await a.clock.advance(_CHECK_SECONDS)
            await a.passes(lambda: not a.part.ok, step=0.0)
            assert "in time" in a.part.detail
        finally:
            cluster.signal_all(signal.SIGCONT)
        async with broken_and_back(a):
            pass
        async with linked(shared, "b") as b:
            await hears(a, b)


async def test_a_link_that_hears_nothing_any_more_is_told_from_a_quiet_one(shared: Store) -> None:
    """As behind a pooler, which gives the connection to another."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    ended = asyncio.Event()
    async with shared.node_link(heard.put_nowait, ended.set) as link:
        await link.tell(None)
        await link.tell("news")
        async with asyncio.timeout(PATIENCE):
            assert await heard.get() == "news"
        connection = vars(link)["_connection"]
        await connection.execute("UNLISTEN *")
        for text in (None, "more"):
            with pytest.raises(DatabaseUnreachable, match="does not arrive"):
                await link.tell(text)
        assert not ended.is_set()
    assert ended.is_set()


async def test_a_node_that_starts_before_its_server_is_linked_later(
    shared: Store, cluster: Cluster
) -> None:
    cluster.stop()
    try:
        async with relaying(shared, "a") as a:
            await a.passes(lambda: not a.part.ok, step=0.0)
            cluster.start()
            async with broken_and_back(a):
                pass
    finally:
        if not cluster.is_running:
            cluster.start()
