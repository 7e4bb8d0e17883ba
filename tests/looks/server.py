"""A port of this machine where one looks at a view and uses it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator

from aiohttp import web

from tests.looks import shell
from tests.looks.view import Eyes, Json, Messages, View

_AGAIN_SECONDS = 0.2
"""So often it is looked whether a message has changed: stand-ins do not tell of it."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline';"
    " img-src 'self' data:; media-src 'self'; connect-src 'self'"
)


@contextlib.asynccontextmanager
async def serving(view: View, port: int = 0) -> AsyncIterator[str]:
    """The view's origin, for as long as this is open; `port` 0 is any."""
    server = _Server(view)
    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        host, taken = runner.addresses[0][:2]
        yield f"http://{host}:{taken}"
    finally:
        server.closing.set()
        await runner.cleanup()


class _Server:
    def __init__(self, view: View) -> None:
        self._view = view
        self.closing = asyncio.Event()
        self._drawn: dict[Eyes, tuple[float, Messages]] = {}

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_static("/page", shell.PAGE)
        app.router.add_get("/events", self._events)
        app.router.add_get("/suggest", self._suggest)
        app.router.add_post("/act", self._act)
        app.router.add_get("/{path:.+}", self._file)
        return app

    async def _page(self, request: web.Request) -> web.Response:
        theme = request.query.get("theme", "")
        chosen = theme if theme in shell.THEMES else shell.THEMES[0]
        html = shell.page(self._view, self._eyes(request), chosen)
        headers = {"Content-Security-Policy": _POLICY}
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """What there is, then what changes."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        eyes, known = self._eyes(request), dict[str, str]()
        with contextlib.suppress(ConnectionError):  # a page that was closed
            await response.prepare(request)
            while not self.closing.is_set():
                for told in changes(known, self._messages(eyes)):
                    await response.write(f"data: {json.dumps(told)}\n\n".encode())
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.closing.wait(), _AGAIN_SECONDS)
        return response

    def _messages(self, eyes: Eyes) -> Messages:
        """Drawn once for all windows that show the same."""
        now = time.monotonic()
        since, drawn = self._drawn.get(eyes, (0.0, ()))
        if now - since >= _AGAIN_SECONDS / 2:
            drawn = self._view.messages(eyes)
            self._drawn[eyes] = (now, drawn)
        return drawn

    async def _suggest(self, request: web.Request) -> web.Response:
        line = request.query.get("line", "")
        try:
            offers = await self._view.suggest(self._eyes(request), line)
        except AssertionError:
            offers = []  # what is typed so far makes no sense yet
        return web.json_response(offers)

    async def _act(self, request: web.Request) -> web.Response:
        try:
            seen = await self._view.act(self._eyes(request), await request.json())
        except AssertionError as refused:
            seen = {"toast": str(refused).splitlines()[0] if str(refused) else "Not possible"}
        return web.json_response(seen)

    async def _file(self, request: web.Request) -> web.Response:
        """The part of it that is asked for: players jump in it."""
        found = self._view.file(request.match_info["path"])
        if found is None:
            raise web.HTTPNotFound
        headers = {"Accept-Ranges": "bytes", "X-Content-Type-Options": "nosniff"}
        part = request.http_range
        if part.start is None and part.stop is None:
            return web.Response(body=found.data, content_type=found.kind, headers=headers)
        first, last, _ = part.indices(len(found.data))
        headers["Content-Range"] = f"bytes {first}-{last - 1}/{len(found.data)}"
        data = found.data[first:last]
        return web.Response(status=206, body=data, content_type=found.kind, headers=headers)

    def _eyes(self, request: web.Request) -> Eyes:
        """Whose they are; the first person's, and its first place, where nothing else is named."""
        person = request.query.get("person", "")
        person = person if person in self._view.people else self._view.people[0]
        places = [one.id for one in self._view.places(person)]
        place = request.query.get("place", "")
        return Eyes(person, place if place in places else places[0])


def changes(known: dict[str, str], shown: Messages) -> list[Json]:
    """What a page that knows some messages is told to show all of them; then it knows them."""
    told: list[Json] = []
    before = None
    for key, html in shown:
        if known.get(key) != html:
            told.append({"id": key, "html": html, "after": before})
        before = key
    gone = set(known) - {key for key, _ in shown}
    known.clear()
    known.update(shown)
    return [{"id": key, "html": None} for key in sorted(gone)] + told
