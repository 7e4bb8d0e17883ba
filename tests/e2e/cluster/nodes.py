"""Several services on one PostgreSQL database, each a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bot.demo.ports import free_port
from bot.demo.running import PACE
from bot.demo.service import Service
from bot.demo.world import World
from tests.databases.postgres import Cluster
from tests.patience import PATIENCE

TERM = 3
"""Seconds: the shortest that the settings allow."""


@dataclass(frozen=True)
class Nodes:
    """The services have a folder each, and nothing in common but the database."""

    cluster: Cluster
    database: str
    folder: Path
    told: Mapping[str, str]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.cluster.fetch(sql, (), self.database)

    def holder(self, lease: str) -> str:
        """The name of the node that has it; empty: nobody ever had."""
        found = self.rows(f"SELECT holder FROM leases WHERE name = '{lease}'")
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


@contextlib.asynccontextmanager
async def open_nodes(
    cluster: Cluster, folder: Path, told: Mapping[str, str]
) -> AsyncIterator[Nodes]:
    """None runs yet. `told` is in the environment of each."""
    await asyncio.to_thread(cluster.execute, "CREATE DATABASE nodes")
    async with World(livekit=False) as world:
        yield Nodes(cluster, "nodes", folder, {**world.environment, **PACE, **told})
    await asyncio.to_thread(cluster.execute, "DROP DATABASE nodes WITH (FORCE)")
