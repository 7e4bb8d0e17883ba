"""Two services that share a bot of Telegram and a PostgreSQL database; one of them is killed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.databases.postgres import Cluster
from tests.e2e.cluster.nodes import Nodes, open_nodes
from tests.e2e.seed import until
from tests.e2e.telegram.harness import environment
from tests.fakes.telegram import FakeTelegram, Slow
from tests.patience import PATIENCE

pytestmark = pytest.mark.xdist_group("tests/e2e/cluster/test_telegram.py")  # of one server

LEASE = "updates:telegram"


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        fake.updates.pause = 0.0
        yield fake
    assert fake.rejected == []


@pytest.fixture
async def nodes(cluster: Cluster, telegram: FakeTelegram, tmp_path: Path) -> AsyncIterator[Nodes]:
    async with open_nodes(cluster, tmp_path, environment(telegram)) as opened:
        yield opened


async def test_what_a_killed_node_had_taken_is_done_once_by_the_other(
    nodes: Nodes, telegram: FakeTelegram
) -> None:
    al, ben = telegram.add_user("Al"), telegram.add_user("Ben")
    async with nodes.node("a") as (a, _):
        await until(lambda: telegram.made("getUpdates"), "it polls")
        async with nodes.node("b") as (_, port):
            assert nodes.holder(LEASE) == "a"
            assert (await nodes.health(port))["telegram"]["detail"] == "another node does it"
            slow = telegram.faults.add("sendMessage", Slow(PATIENCE))
            await al.say(al.chat, "/help")
            await until(lambda: slow.hits, "it is being answered")
            await until(lambda: not telegram.updates.queue, "Telegram has forgotten it")
            await a.kill()
            telegram.faults.remove(slow)
            await until(lambda: al.chat.messages, "the other has answered it")
            assert nodes.holder(LEASE) == "b"
            await ben.say(ben.chat, "/help")
            await until(lambda: ben.chat.messages, "it goes on")
            await until(lambda: not nodes.rows("SELECT * FROM taken_updates"), "all is done")
    assert (len(al.chat.messages), len(ben.chat.messages)) == (1, 1)
    (waited,) = nodes.rows(
        f"SELECT won_at - last_until FROM lease_history WHERE name = '{LEASE}' AND epoch = 2"
    )
    assert waited[0] >= 0, "won before the term was over"


@pytest.mark.soak
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
