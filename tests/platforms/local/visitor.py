"""Somebody at the page, without a browser."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp

from tests.patience import PATIENCE

Json = dict[str, Any]


@dataclass(frozen=True)
class Event:
    """One server-sent event; `name` is `message` where it has none of its own."""

    id: int
    name: str
    data: Json


class Events:
    """An open event stream."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.comments = 0

    async def next(self, within: float = PATIENCE) -> Event:
        """The next event; comments are counted and skipped."""
        async with asyncio.timeout(within):
            while True:
                fields = await self._block()
                if "data" in fields:
                    name = fields.get("event", "message")
                    return Event(int(fields["id"]), name, json.loads(fields["data"]))

    async def comment(self, within: float = PATIENCE) -> None:
        """Wait for a heartbeat."""
        before = self.comments
        async with asyncio.timeout(within):
            while self.comments == before:
                await self._block()

    async def _block(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        while line := (await self.response.content.readline()).decode():
            if line == "\n":
                return fields
            name, _, value = line.rstrip("\n").partition(": ")
            self.comments += not name
            fields[name] = value
        raise EOFError("the stream has ended")


class Visitor:
    """`async with Visitor(origin) as visitor:` speaks the page's API."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    async def __aenter__(self) -> Self:
        self.http = aiohttp.ClientSession(self.origin)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.http.close()

    async def get(self, path: str, status: int = 200) -> Any:
        async with self.http.get(path) as response:
            assert response.status == status, await response.text()
            return await response.json()

    async def post(self, path: str, body: object, status: int = 200) -> Any:
        data = io.BytesIO(json.dumps(body).encode())
        async with self.http.post(path, data=data) as response:
            assert response.status == status, await response.text()
            return await response.json()

    async def say(self, text: str) -> str:
        return str((await self.post("/api/messages", {"text": text}))["id"])

    async def press(self, message: str, button: str) -> Json:
        body = {"message": message, "button": button}
        return dict(await self.post("/api/buttons", body))

    async def history(self) -> list[Json]:
        return list(await self.get("/api/messages"))

    @contextlib.asynccontextmanager
    async def events(self, last: int | None = None, query: str = "") -> AsyncIterator[Events]:
        headers = {} if last is None else {"Last-Event-ID": str(last)}
        async with self.http.get(f"/api/events{query}", headers=headers) as response:
            assert response.status == 200
            assert response.content_type == "text/event-stream"
            yield Events(response)
