"""The stand-in as a server on this machine."""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
from email.utils import formatdate
from typing import Any, Self

from aiohttp import web

from tests.fakes.outage import cut, restored
from tests.fakes.telegram.api.calls import Call, Upload
from tests.fakes.telegram.api.description import Described, description
from tests.fakes.telegram.api.faults import (
    Answer,
    Refuse,
    Reset,
    RetryAfter,
    ServerError,
    Slow,
    When,
)
from tests.fakes.telegram.api.method_call import Ask
from tests.fakes.telegram.api.methods import METHODS
from tests.fakes.telegram.api.refusals import NotAsDescribed, Refused, too_many
from tests.fakes.telegram.api.requests import read
from tests.fakes.telegram.state.world import World

Json = dict[str, Any]

_TOKEN = re.compile(r"\d+:[\w-]{35}")
_PAGE = "<html><head><title>{0}</title></head><body>nginx</body></html>"


class _Broken(Exception):
    """The connection ends here, without an answer."""


class _Page(Exception):
    """An answer that is none of the Bot API's."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class FakeTelegram(World):
    """A Bot API on a port of its own, from `async with` to its end. See the package."""

    def __init__(self, username: str = "mintcast_bot") -> None:
        super().__init__(username)
        self.token = f"{self.bot.id}:{secrets.token_urlsafe(26)[:35]:A<35}"
        self.port = 0
        self._closing = asyncio.Event()
        self._held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    @property
    def api_url(self) -> str:
        """The setting `telegram.api_url`; PTB adds `/bot` or `/file/bot`."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        # Bound and never listening, it keeps the port ours while `down`.
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind(("127.0.0.1", 0))
        self.port = self._held.getsockname()[1]
        app = web.Application(client_max_size=2**30)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_route("*", "/{rest:.*}", self._nothing)
        app.on_response_prepare.append(self._date)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await self.up()
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._runner is not None
        self._closing.set()
        self.updates.close()
        await self._runner.cleanup()
        self._held.close()

    async def down(self) -> None:
        """Connections break and new ones are refused."""
        await cut(self._runner, self._site)
        self._site = None

    async def up(self) -> None:
        """It answers again, on the same port."""
        self._site = await restored(self._runner, self.port)

    def made(self, *methods: str) -> list[Call]:
        """The calls of those methods, in their order."""
        return [call for call in self.calls if call.method in methods]

    async def _date(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = formatdate(self.now(), usegmt=True)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        refused = self._token_refused(request.match_info["token"])
        if refused is not None:
            await request.read()
            return _answer(refused.code, refused.body)
        described = description().methods.get(request.match_info["method"].lower())
        if described is None:
            await request.read()
            self.rejected.append(f"{request.match_info['method']}: is no method of the table")
            return _answer(404, Refused(404, "Not Found: method not found").body)
        call = Call(described.name)
        self.calls.append(call)
        self.changed()
        try:
            return await self._answered(request, described, call)
        finally:
            self.changed()

    async def _answered(
        self, request: web.Request, described: Described, call: Call
    ) -> web.StreamResponse:
        try:
            call.result = await self._carry_out(request, described, call)
        except Refused as refused:
            if isinstance(refused, NotAsDescribed):
                self.rejected.append(refused.description)
            call.code, call.error = refused.code, refused.description
            return _answer(refused.code, refused.body)
        except _Page as page:
            call.code = page.status
            said = _PAGE.format(page.status)
            return web.Response(status=page.status, text=said, content_type="text/html")
        except (_Broken, ConnectionError, web.RequestPayloadError):
            # The second and third: whoever asked died in the middle of it.
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        # Whoever has hung up by now hears nothing.
        call.code = 0 if request.transport is None else 200
        return _answer(200, {"ok": True, "result": call.result})

    async def _carry_out(self, request: web.Request, described: Described, call: Call) -> Any:
        struck: list[Answer | None] = []

        def strike(raw: Json) -> None:
            call.parameters = description().read(described, raw)
            if not struck:
                struck.append(self.faults.strike(call.method, call.chat_id))
            if isinstance(struck[0], Reset) and struck[0].when is When.UPLOAD:
                raise _Broken

        raw, uploads = await read(request, strike)
        call.files = tuple((one.part, one.name, one.size) for one in uploads)
        strike(raw)
        await self._go_wrong(struck[0], When.BEFORE)
        call.result = await self._do(described, call, uploads)
        call.done = True
        self.changed()
        await self._go_wrong(struck[0], When.AFTER)
        return call.result

    async def _do(self, described: Described, call: Call, uploads: list[Upload]) -> Any:
        files = {one.part: one for one in uploads}
        faults = description().faults(described, call.parameters, set(files))
        if faults:
            raise NotAsDescribed(call.method, faults)
        return await METHODS[call.method](Ask(self, call, call.parameters, files))

    async def _go_wrong(self, answer: Answer | None, when: When) -> None:
        """Do what a fault does at that time, if it does anything then."""
        at = getattr(answer, "when", When.BEFORE)
        if answer is None or at is not when:
            return
        if isinstance(answer, Refuse):
            raise Refused(answer.code, answer.description)
        if isinstance(answer, RetryAfter):
            raise too_many(answer.seconds)
        if isinstance(answer, ServerError):
            raise _Page(answer.status)
        if isinstance(answer, Reset):
            raise _Broken
        await self._pause(answer)

    async def _pause(self, slow: Slow) -> None:
        try:
            async with asyncio.timeout(slow.seconds):
                await self._closing.wait()
        except TimeoutError:
            return

    def _token_refused(self, token: str) -> Refused | None:
        if not _TOKEN.fullmatch(token):
            return Refused(404, "Not Found")
        return None if token == self.token else Refused(401, "Unauthorized")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        refused = self._token_refused(request.match_info["token"])
        stored = self.files.by_path.get(request.match_info["path"])
        if refused is None and stored is None:
            refused = Refused(404, "Not Found")
        if refused is not None or stored is None:
            refused = refused or Refused(404, "Not Found")
            return _answer(refused.code, refused.body)
        return web.Response(body=stored.data, content_type="application/octet-stream")

    async def _nothing(self, request: web.Request) -> web.StreamResponse:
        return _answer(404, Refused(404, "Not Found").body)


def _answer(status: int, body: Json) -> web.Response:
    return web.json_response(body, status=status)
