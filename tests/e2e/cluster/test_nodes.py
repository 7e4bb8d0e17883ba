"""Services that share a PostgreSQL database, and what each says of itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases.postgres import Cluster
from tests.e2e.cluster.nodes import Nodes, open_nodes
from tests.e2e.seed import until

pytestmark = pytest.mark.xdist_group("tests/e2e/cluster/test_nodes.py")  # of one server

STANDBY = "another node does it"
OLD_WIN = "INSERT INTO lease_history (name, holder, epoch, won_at) VALUES ('old', 'x', 1, 0)"


@pytest.fixture
async def nodes(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Nodes]:
    async with open_nodes(cluster, tmp_path, {}) as opened:
        yield opened


@pytest.mark.soak
async def test_a_node_that_stands_by_from_its_start_says_so_and_takes_over(nodes: Nodes) -> None:
    async with nodes.node("a") as (first, port):
        await until(lambda: nodes.holder("watch") == "a", "it watches")
        await until_is(nodes, port, "watcher", False)
        async with nodes.node("b") as (_, port):
            parts = await nodes.health(port)
            standing_by = {name for name, one in parts.items() if one["detail"] == STANDBY}
            assert standing_by >= {"watcher", "whole streams", "pump.fun", "retention"}
            await first.kill()
            await until(lambda: nodes.holder("watch") == "b", "the other watches")
            await until_is(nodes, port, "watcher", False)


@pytest.mark.soak
async def test_a_node_that_does_not_watch_removes_what_is_old_and_misses_who_watches(
    nodes: Nodes,
) -> None:
    """Rows go by pump.fun's time as well, which it hears from nobody."""
    async with nodes.node("clips", MINTCAST_CLUSTER__ROLES='["clips"]') as (_, port):
        nodes.cluster.execute(OLD_WIN, database=nodes.database)
        await until(
            lambda: not nodes.rows("SELECT 1 FROM lease_history WHERE name = 'old'"), "gone"
        )
        await until_is(nodes, port, "cluster", True, "no node has the role watch")
        async with nodes.node("all"):
            await until_is(nodes, port, "cluster", False, "no node has")


async def until_is(nodes: Nodes, port: int, part: str, wanted: bool, detail: str = STANDBY) -> None:
    """Wait until that is said of the part, or is not any more."""
    while (detail in (await nodes.health(port))[part]["detail"]) is not wanted:
        pass
