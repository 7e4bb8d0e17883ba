"""A visitor of the local page, without a browser: speaks the page's own HTTP API."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Self

import aiohttp

from bot.errors import PageError
from bot.kit.tasks import cancel_and_wait, spawn

Message = dict[str, Any]
"""One message of the page, as `docs/http.md` has it."""


class Page:
    """`async with Page(origin) as page:` follows the page's events from now on."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.events: list[Message] = []
        """All that has happened since we came, oldest first."""
        self._session: aiohttp.ClientSession | None = None
        self._news = asyncio.Event()
        self._follow: asyncio.Task[None] | None = None
        self._last = ""

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30.0))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._follow is not None:
            await cancel_and_wait(self._follow)
        if self._session is not None:
            await self._session.close()

    async def reachable(self, within: float = 60.0) -> float:
        """Wait until `/healthz` answers 200, and follow events; how long it took, in seconds.

        Raises PageError after `within` seconds.
        """
        began = time.monotonic()
        while not await self._healthy():
            if time.monotonic() - began > within:
                raise PageError(f"{self.origin}/healthz didn't answer within {within:g} s")
            await asyncio.sleep(0.1)
        took = time.monotonic() - began
        if self._follow is None:
            self._last = await self._newest()
            self._follow = spawn(self._keep_events(), "page-events")
        return took

    async def say(self, text: str, reply_to: str | None = None) -> str:
        """Type `text`, as an answer to that message; the id of what was typed. Raises PageError."""
        more = {} if reply_to is None else {"reply_to": reply_to}
        answer = await self._post("/api/messages", {"text": text, **more})
        return str(answer["id"])

    async def press(self, message: str, button: str) -> None:
        """Press a button of a message. Raises PageError."""
        await self._post("/api/buttons", {"message": message, "button": button})

    async def history(self) -> list[Message]:
        """Every message as it reads now. Raises PageError."""
        return list(json.loads(await self.fetch("/api/messages")))

    async def fetch(self, path: str) -> bytes:
        """What is at `path`. Raises PageError unless it answers 200."""
        async with self._http().get(f"{self.origin}{path}") as response:
            if response.status != 200:
                raise PageError(f"GET {path} answered {response.status}")
            return await response.read()

    async def until(
        self, what: str, wanted: Callable[[Message], bool], within: float, since: int = 0
    ) -> Message:
        """The first event from the `since`-th on that is wanted. Raises PageError."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                async for event in self.news(since):
                    if wanted(event):
                        return event
        raise PageError(f"{what} didn't come within {within:g} s")

    async def news(self, since: int = 0) -> AsyncIterator[Message]:
        """Every event from the `since`-th on, for ever."""
        index = since
        while True:
            self._news.clear()
            while index < len(self.events):
                yield self.events[index]
                index += 1
            await self._news.wait()

    async def _keep_events(self) -> None:
        """Read server-sent events; after a break go on where we were."""
        while True:
            headers = {"Last-Event-ID": self._last}
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with self._http().get(
                    f"{self.origin}/api/events",
                    headers=headers,
                    timeout=aiohttp.ClientTimeout(total=None, sock_read=60.0),
                ) as response:
                    async for line in response.content:
                        field, _, value = line.decode().rstrip("\r\n").partition(": ")
                        if field == "id":
                            self._last = value
                        elif field == "data":
                            self.events.append(json.loads(value))
                            self._news.set()
            await asyncio.sleep(0.5)

    async def _newest(self) -> str:
        """The id of the last event so far: what comes after it is news, with no gap."""
        async with self._http().get(f"{self.origin}/api/messages?limit=1") as response:
            return response.headers.get("Last-Event-ID", "0")

    async def _post(self, path: str, body: dict[str, str]) -> Message:
        async with self._http().post(f"{self.origin}{path}", json=body) as response:
            text = await response.text()
            if response.status not in (200, 201, 202):
                raise PageError(f"POST {path} answered {response.status}: {text[:200]}")
            return dict(json.loads(text))

    async def _healthy(self) -> bool:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with self._http().get(f"{self.origin}/healthz") as response:
                return response.status == 200
        return False

    def _http(self) -> aiohttp.ClientSession:
        assert self._session is not None, "open it first"
        return self._session
