"""Two services that share a bot of Telegram and a PostgreSQL database; one of them is killed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.demo.ports import free_port
from bot.demo.running import PACE
from bot.demo.service import Service
from bot.demo.world import World
from tests.databases.postgres import Cluster
from tests.databases.programs import require_postgres
from tests.e2e.seed import until
from tests.e2e.telegram.harness import environment
from tests.fakes.telegram import FakeTelegram, Slow
from tests.patience import PATIENCE

TERM = 3
LEASE = "updates:telegram"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    require_postgres()
    with Cluster() as running:
        yield running


@dataclass(frozen=True)
class Nodes:
    """The services have a folder each, and nothing in common but the database."""

    cluster: Cluster
    database: str
    folder: Path
    told: dict[str, str]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.cluster.fetch(sql, (), self.database)

    def holder(self) -> str:
        """The name of the node that polls; empty: none does."""
        found = self.rows(f"SELECT holder FROM leases WHERE name = '{LEASE}'")
        return found[0][0].partition("-")[0] if found else ""

    @contextlib.asynccontextmanager
    async def node(self, name: str, **more: str) -> AsyncIterator[tuple[Service, int]]:
        """It runs, and answers on that port."""
        port = free_port()
        told = {
            **self.told,
            "MINTCAST_STORAGE__DATABASE": self.cluster.address(self.database).url,
            "MINTCAST_CLUSTER__NODE": name,
            "MINTCAST_CLUSTER__LEASE_SECONDS": str(TERM),
            "MINTCAST_HTTP__PORT": str(port),
            **more,
        }
        async with Service(self.folder / name, told) as service:
            await self.health(port)
            yield service, port

    async def health(self, port: int) -> dict[str, Any]:
        """What it says of its parts."""
        url = f"http://127.0.0.1:{port}/healthz"
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as http:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get(url) as answer:
                        if answer.status == 200:
                            told = await answer.json()
                            return dict(told["parts"])
                await asyncio.sleep(0.05)


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        fake.updates.pause = 0.0
        yield fake
    assert fake.rejected == []


@pytest.fixture
async def nodes(cluster: Cluster, telegram: FakeTelegram, tmp_path: Path) -> AsyncIterator[Nodes]:
    await asyncio.to_thread(cluster.execute, "CREATE DATABASE nodes")
    async with World(livekit=False) as world:
        yield Nodes(
            cluster, "nodes", tmp_path, {**world.environment, **PACE, **environment(telegram)}
        )
    await asyncio.to_thread(cluster.execute, "DROP DATABASE nodes WITH (FORCE)")


async def test_what_a_killed_node_had_taken_is_done_once_by_the_other(
    nodes: Nodes, telegram: FakeTelegram
) -> None:
    al, ben = telegram.add_user("Al"), telegram.add_user("Ben")
    async with nodes.node("a") as (a, _):
        await until(lambda: telegram.made("getUpdates"), "it polls")
        async with nodes.node("b") as (_, port):
            assert nodes.holder() == "a"
            assert (await nodes.health(port))["telegram"]["detail"] == "another node does it"
            slow = telegram.faults.add("sendMessage", Slow(PATIENCE))
            await al.say(al.chat, "/help")
            await until(lambda: slow.hits, "it is being answered")
            await until(lambda: not telegram.updates.queue, "Telegram has forgotten it")
            await a.kill()
            telegram.faults.remove(slow)
            await until(lambda: al.chat.messages, "the other has answered it")
            assert nodes.holder() == "b"
            await ben.say(ben.chat, "/help")
            await until(lambda: ben.chat.messages, "it goes on")
            await until(lambda: not nodes.rows("SELECT * FROM taken_updates"), "all is done")
    assert (len(al.chat.messages), len(ben.chat.messages)) == (1, 1)
    (waited,) = nodes.rows(
        f"SELECT won_at - last_until FROM lease_history WHERE name = '{LEASE}' AND epoch = 2"
    )
    assert waited[0] >= 0, "won before the term was over"


async def test_a_node_does_nothing_but_what_its_roles_are(
    nodes: Nodes, telegram: FakeTelegram
) -> None:
    al = telegram.add_user("Al")
    async with nodes.node("a", MINTCAST_CLUSTER__ROLES="watch") as (_, port):
        parts = await nodes.health(port)
        others = ("telegram", "dispatcher", "clip service", "replay", "local")
        assert {parts[name]["detail"] for name in others} == {"not a role of this node"}
        async with aiohttp.ClientSession() as http:
            async with http.get(f"http://127.0.0.1:{port}/") as answer:
                assert answer.status == 404
            async with http.get(f"http://127.0.0.1:{port}/metrics") as answer:
                assert answer.status == 200
        held = "SELECT name FROM leases ORDER BY name"
        await until(lambda: nodes.rows(held) == [("tidy",), ("watch",)], "it watches")
        await al.say(al.chat, "/help")
    assert telegram.calls == []
