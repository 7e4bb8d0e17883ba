"""Two services that share a bot of Discord and a PostgreSQL database; one of them is killed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases.postgres import Cluster
from tests.e2e.cluster.nodes import Nodes, open_nodes
from tests.e2e.seed import until
from tests.fakes.discord import FakeDiscord

SHARDS = 2
LEASES = "SELECT won_at - last_until FROM lease_history WHERE name LIKE 'shards:%' AND epoch = 2"


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        fake.gateway.max_concurrency = SHARDS
        yield fake
    assert fake.rejected == []


@pytest.fixture
async def nodes(cluster: Cluster, discord: FakeDiscord, tmp_path: Path) -> AsyncIterator[Nodes]:
    told = {
        "DISCORD_TOKEN": discord.token,
        "MINTCAST_DISCORD__API_URL": discord.api_url,
        "MINTCAST_DISCORD__GATEWAY_URL": discord.gateway_url,
        "MINTCAST_DISCORD__SHARDS": str(SHARDS),
    }
    async with open_nodes(cluster, tmp_path, told) as opened:
        yield opened


@pytest.mark.soak
async def test_the_shards_of_a_killed_node_are_taken_over_and_commands_answered(
    nodes: Nodes, discord: FakeDiscord
) -> None:
    guild = discord.add_guild("Moon")
    here = guild.add_text_channel("general")
    al = guild.add_member(discord.add_user("al"))
    gateway = discord.gateway
    async with nodes.node("a") as (a, _):
        await until(lambda: len(gateway.connected) == SHARDS, "it has all shards")
        async with nodes.node("b") as (_, port):
            assert (await nodes.health(port))["discord"]["detail"] == "another node does it"
            assert gateway.identifies == SHARDS
            await a.kill()
            await until(lambda: gateway.identifies == 2 * SHARDS, "the other identifies")
            await until(lambda: len(gateway.connected) == SHARDS, "the other has them")
            asked = await al.slash(here, "help")
            await asked.until(lambda one: bool(one.answers))
    assert {nodes.holder(f"shards:discord:{n}/{SHARDS}") for n in range(SHARDS)} == {"b"}
    assert all(waited >= 0 for (waited,) in nodes.rows(LEASES)), "won before the term was over"
    assert gateway.too_soon == 0
