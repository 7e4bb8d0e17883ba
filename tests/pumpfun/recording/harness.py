"""A site that serves one recording, or what an attacker would."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import web

LONGEST = 60.0
"""Seconds of the longest clip that is cut in the tests of fetching."""
SEGMENT_SECONDS = 1.96
FOLDER = "/mint/2069049_20260826_101500/"
MASTER = "master_playlist_20260826_101500.m3u8"
PACKET = b"\x47" + bytes(187)


def segment(number: int, packets: int = 100) -> bytes:
    """Whole packets, which differ from those of other numbers."""
    return (b"\x47" + number.to_bytes(4, "big") + bytes(183)) * packets


def master(*rungs: str) -> bytes:
    """A master playlist of them."""
    lines = [f"#EXT-X-STREAM-INF:BANDWIDTH=1000,RESOLUTION=1280x720\n{rung}" for rung in rungs]
    return "\n".join(["#EXTM3U", *lines]).encode()


def listed(*uris: str) -> bytes:
    """A list of segments."""
    return "\n".join(["#EXTM3U", *(f"#EXTINF:{SEGMENT_SECONDS},\n{uri}" for uri in uris)]).encode()


@dataclass
class Site:
    """Serves `files` by path; a text among them is where it redirects to, a number a status.
    `asked`: each path in turn. Answers to what begins with `holds` wait for `release`, and `held`
    is set as soon as one does."""

    origin: str = ""
    files: dict[str, bytes | str | int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    holds: str | None = None
    held: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def master(self) -> str:
        """Its address."""
        return f"{self.origin}{FOLDER}{MASTER}"

    def put(self, name: str, content: bytes | str | int) -> None:
        """In the recording's folder."""
        self.files[FOLDER + name] = content

    async def answer(self, request: web.Request) -> web.Response:
        """To any request."""
        self.asked.append(request.raw_path)
        if self.holds is not None and request.path.startswith(self.holds):
            self.held.set()
            await self.release.wait()
        content = self.files.get(request.path, 404)
        if isinstance(content, int):
            return web.Response(status=content, text="<html>")
        if isinstance(content, str):
            return web.Response(status=302, headers={"Location": content})
        return web.Response(body=content)


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Site]:
    """A site on a port of its own."""
    site, app = Site(), web.Application()
    app.router.add_route("*", "/{tail:.*}", site.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    site.origin = f"http://{host}:{port}"
    try:
        yield site
    finally:
        await runner.cleanup()


def a_recording(site: Site, count: int = 4) -> None:
    """One rung of `count` segments."""
    names = [f"seg_{number}.ts" for number in range(count)]
    site.put(MASTER, master("low.m3u8"))
    site.put("low.m3u8", listed(*names))
    for number, name in enumerate(names):
        site.put(name, segment(number))
