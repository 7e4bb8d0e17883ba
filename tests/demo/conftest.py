"""The real LiveKit server with a viewer in its own process, and the look-alike with a client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import httpx
import pytest

from bot.demo.livekit.server import LiveKitServer
from bot.demo.site.server import Site
from bot.kit.processes.child import Child, Message
from tests.conftest import require_livekit_server
from tests.patience import PATIENCE

ROOM = "stage"


class Watching:
    """What a viewer tells, waited for: `async with Watching(server) as viewer`."""

    def __init__(self, server: LiveKitServer, room: str = ROOM) -> None:
        self._server = server
        self._room = room
        self._child: Child | None = None

    async def __aenter__(self) -> Self:
        self._child = await Child.spawn("tests.demo.viewer")
        token = self._server.token(self._room, f"viewer-{self._room}")
        await self._child.send("watch", url=self._server.url, token=token)
        await self.until("watching")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._child is not None
        await self._child.stop()

    async def until(
        self, name: str, accept: Callable[[Message], bool] = lambda event: True
    ) -> Message:
        """The next event called `name` that is accepted; TimeoutError if none comes."""
        assert self._child is not None
        async with asyncio.timeout(PATIENCE):
            async for event in self._child.events():
                if event["event"] == name and accept(event):
                    return event
        raise AssertionError(f"the viewer ended:\n{self._child.last_words}")

    async def frame(self, accept: Callable[[Message], bool] = lambda event: True) -> Message:
        """The next picture of the card whose number can be read and that is accepted."""
        return await self.until("frame", lambda f: f["number"] is not None and accept(f))


@pytest.fixture
async def server() -> AsyncIterator[LiveKitServer]:
    """A server on loopback."""
    require_livekit_server()
    async with LiveKitServer() as running:
        yield running


class JumpingClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 9, 12, 5, 40, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def step(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
async def site(clock: JumpingClock) -> AsyncIterator[Site]:
    """The look-alike, served on loopback."""
    async with Site(clock=clock) as served:
        yield served


def plain_client(**options: Any) -> httpx.AsyncClient:
    """To speak with a server of ours. Nothing is encrypted here, and to read all certificates would
    take longer than most tests."""
    return httpx.AsyncClient(trust_env=False, verify=False, **options)


@pytest.fixture
async def web(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A plain client of the look-alike."""
    async with plain_client(base_url=site.origin) as client:
        yield client
