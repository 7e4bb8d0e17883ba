"""A fan-out, or a clip, of the whole service on a PostgreSQL server that something happens to."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.databases.by_path import databases, instead_of_files
from tests.databases.postgres import Cluster
from tests.e2e.discord.harness import DiscordHarness, alerts, discord_harness
from tests.e2e.seed import until
from tests.patience import PATIENCE

FOLLOWERS = 300
BEFORE = 40
"""Messages that are there when it happens: the rest is under way or owed."""
BACK_WITHIN = 5.0
"""Seconds, from PostgreSQL's first answer to the next message."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A fan-out on that server."""

    harness: DiscordHarness
    server: Cluster

    @property
    def sent(self) -> int:
        return sum(len(alerts(channel)) for channel in self.harness.followers)

    async def begins(self) -> None:
        """Until some have their message, and most do not."""
        self.harness.coin.go_live("For everybody")
        await until(lambda: self.sent >= BEFORE, "it is under way")

    async def is_well_after(self, lost: Callable[[], None], back: Callable[[], None]) -> float:
        """What happens, and how it is made good once health has told of it; the seconds until
        the next message."""
        await asyncio.to_thread(lost)
        await self.health(503)
        await asyncio.to_thread(back)
        there, sent = time.monotonic(), self.sent
        await until(lambda: self.sent > sent or self.sent == FOLLOWERS, "sending goes on")
        took = time.monotonic() - there
        await until(lambda: self.sent == FOLLOWERS, "everybody")
        await self.health(200)
        return took

    async def health(self, status: int) -> None:
        url = f"http://127.0.0.1:{self.harness.port}/healthz"
        deadline = time.monotonic() + PATIENCE
        async with aiohttp.ClientSession() as http:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get(url) as answer:
                        if answer.status == status:
                            return
                        told = await answer.text()
                assert time.monotonic() < deadline, told
                await asyncio.sleep(0.1)

    def nothing_is_missing_or_doubled(self) -> None:
        assert [len(alerts(channel)) for channel in self.harness.followers] == [1] * FOLLOWERS
        assert self.harness.discord.rejected == []


@contextlib.asynccontextmanager
async def scene_on(
    cluster: Cluster, folder: Path, *, followers: int = FOLLOWERS, livekit: bool = False
) -> AsyncIterator[Scene]:
    with contextlib.ExitStack() as stack:
        made = await asyncio.to_thread(stack.enter_context, databases(cluster))
        stack.enter_context(instead_of_files(made))
        async with discord_harness(folder, livekit=livekit, followers=followers) as harness:
            yield Scene(harness, cluster)
