"""The page's HTTP: its files, its chat, its events."""

from __future__ import annotations

import contextlib
import json
import logging
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter

from bot import texts
from bot.commands import Commands
from bot.errors import StoreError
from bot.kit.files import Files
from bot.platforms.local.assets import Assets
from bot.platforms.local.dispatcher import PAGE_ADDRESS, RequestDispatcher
from bot.platforms.local.events import Events
from bot.platforms.local.message_board import KEPT_MESSAGES
from bot.platforms.local.render import button_of, message_json, offers
from bot.platforms.local.status import Status
from bot.store import Store

_log = logging.getLogger(__name__)

LONGEST_TEXT = 8000
_LONGEST_GUESS = 200
_SUGGESTIONS = 12
_FILE_TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg"}
_FOR_EVER = "private, max-age=31536000, immutable"
_DATES = {
    hdrs.IF_MODIFIED_SINCE: "if_modified_since",
    hdrs.IF_UNMODIFIED_SINCE: "if_unmodified_since",
    hdrs.IF_RANGE: "if_range",
}
"""Headers, and how aiohttp calls what it reads there."""


class Api:
    """The routes, and what answers them. A StoreError is for whoever serves the routes."""

    def __init__(
        self,
        *,
        store: Store,
        files: Files,
        commands: Commands,
        dispatcher: RequestDispatcher,
        events: Events,
        status: Status,
    ) -> None:
        self._store = store
        self._files = files
        self._commands = commands
        self._dispatcher = dispatcher
        self._events = events
        self._status = status
        self._assets = Assets()

    def routes(self) -> tuple[web.RouteDef, ...]:
        """For whoever serves HTTP."""
        return (
            web.get("/", self._assets.index),
            web.get("/page/{name}", self._assets.named),
            web.get("/files/{key}", self._file),
            web.get("/api/messages", self._history),
            web.post("/api/messages", self._say),
            web.post("/api/buttons", self._press),
            web.get("/api/events", self._follow, allow_head=False),
            web.get("/api/status", self._read_status),
            web.get("/api/commands", self._catalogue),
            web.get("/api/suggest", self._suggest),
        )

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """A key is a plain name, so none leads out of the folder. Ranges are aiohttp's. Only of
        what is not there it is said that it is gone: a store or a disk may work again."""
        try:
            path = await self._files.fetch(request.match_info["key"])
            size = _size_of(path)
        except ValueError:
            return problem(404, texts.page.no_such_file())
        except OSError:  # FilesUnreachable for one
            return problem(503, texts.page.file_not_now())
        if size is None:
            return problem(404, texts.page.no_such_file())
        if _begins_beyond(request, size):
            return problem(416, texts.page.http_failed(416))
        way = "attachment" if "download" in request.query else "inline"
        headers = {
            "Content-Type": _FILE_TYPES[path.suffix],
            "Content-Disposition": f'{way}; filename="{path.name}"',
            "Cache-Control": _FOR_EVER,
        }
        return _FileResponse(path, headers=headers)

    async def _history(self, request: web.Request) -> web.Response:
        """`Last-Event-ID` says up to which event this is true: follow the events from there."""
        limit = _bounded(request.query.get("limit"), KEPT_MESSAGES)
        async with self._store.read() as unit:
            last = await unit.page.last_event()
            messages = await unit.page.history(limit)
        body = [message_json(message) for message in messages]
        return web.json_response(body, headers={"Last-Event-ID": str(last)})

    async def _say(self, request: web.Request) -> web.Response:
        body = await _json(request)
        text, answered = _clean(body.get("text")), body.get("reply_to")
        if not text:
            return problem(400, texts.page.not_a_text())
        if len(text) > LONGEST_TEXT:
            return problem(413, texts.page.text_too_long(LONGEST_TEXT))
        if answered is not None and not await self._is_there(answered):
            return problem(404, texts.page.no_such_message())
        if (refusal := self._dispatcher.refusal) is not None:
            return problem(503, refusal)
        return web.json_response({"id": await self._dispatcher.say(text, answered)})

    async def _press(self, request: web.Request) -> web.Response:
        body = await _json(request)
        named, pressed = body.get("message"), body.get("button")
        if not isinstance(named, str) or not isinstance(pressed, str):
            return problem(400, texts.page.not_a_press())
        async with self._store.read() as unit:
            message = await unit.page.get(named)
        if message is None:
            return problem(404, texts.page.no_such_message())
        button = button_of(message, pressed)
        if button is None and not offers(message, pressed):
            return problem(404, texts.page.no_such_button())
        if button is not None and button["url"]:
            return problem(400, texts.page.button_opens())
        if (refusal := self._dispatcher.refusal) is not None:
            return problem(503, refusal)
        outcome = await self._dispatcher.press(named, pressed)
        if outcome.is_refused:
            return problem(409, outcome.said)
        return web.json_response({"id": outcome.answer, "said": outcome.said or None})

    async def _is_there(self, message_id: object) -> bool:
        if not isinstance(message_id, str):
            return False
        async with self._store.read() as unit:
            return await unit.page.get(message_id) is not None

    async def _follow(self, request: web.Request) -> web.StreamResponse:
        """Ends when the reader is gone (the server cancels us), or when we close."""
        with self._events.seat() as is_free:
            if not is_free:
                return problem(503, texts.page.too_many_readers())
            return await self._stream(request)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        seen = request.headers.get("Last-Event-ID") or request.query.get("after")
        start = await self._events.start(seen)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        response.headers["X-Accel-Buffering"] = "no"
        await response.prepare(request)
        try:
            async with contextlib.aclosing(self._events.follow(start)) as events:
                async for event in events:
                    await response.write(event)
        except ConnectionResetError:
            pass  # the reader is gone
        except StoreError as error:
            _log.warning("the page's events end: %s", error)
        return response

    async def _read_status(self, request: web.Request) -> web.Response:
        return web.json_response(await self._status.read())

    async def _catalogue(self, request: web.Request) -> web.Response:
        rows = [
            {"name": command.name, "summary": command.summary, "usage": command.usage}
            for command in self._commands.catalogue
        ]
        return web.json_response(rows)

    async def _suggest(self, request: web.Request) -> web.Response:
        text = _clean(request.query.get("text"), strip=False)[:_LONGEST_GUESS]
        found = await self._commands.suggest(PAGE_ADDRESS, text, _SUGGESTIONS)
        return web.json_response([{"text": each.text, "label": each.label} for each in found])


def _size_of(path: Path) -> int | None:
    """None where there is no such file, or no longer. Raises OSError where nobody can tell now."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _begins_beyond(request: web.Request, size: int) -> bool:
    """Whether no byte of the file is in the range that is asked for."""
    start: int | None = request.http_range.start
    return start is not None and start >= size and "If-Range" not in request.headers


class _FileResponse(web.FileResponse):
    """aiohttp's, to which a date that is none means nothing. By itself, a year beyond all ends the
    connection without an answer (3.14.5, tried 2026-12)."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """See aiohttp."""
        odd = [name for name, read in _DATES.items() if not _can_be_read(request, read)]
        if odd:
            headers = request.headers.copy()
            unreadable = [name for name, value in headers.items() if not _is_text(value)]
            for name in (*odd, *unreadable):
                headers.popall(name, None)
            request = request.clone(headers=headers)
        return await super().prepare(request)


def _is_text(value: str) -> bool:
    """Bytes that are no UTF-8 are half characters here, which aiohttp can't write again."""
    return not any("\ud800" <= char <= "\udfff" for char in value)


def _can_be_read(request: web.BaseRequest, date: str) -> bool:
    try:
        getattr(request, date)
    except (ValueError, OverflowError):
        return False
    return True


def problem(status: int, sentence: str) -> web.Response:
    """An error as the API gives it."""
    return web.json_response({"error": sentence}, status=status)


async def _json(request: web.Request) -> Mapping[str, Any]:
    """The body as an object; empty for what is none. Raises HTTPRequestEntityTooLarge."""
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest from None
    return body if isinstance(body, dict) else {}


def _clean(text: object, *, strip: bool = True) -> str:
    """Text that a database takes: no half characters, no control characters but line breaks."""
    if not isinstance(text, str):
        return ""
    plain = "".join(map(_plain, text))
    return plain.strip() if strip else plain


def _plain(char: str) -> str:
    if char.isprintable() or char == "\n":
        return char
    return " " if char.isspace() else ""


def _bounded(text: str | None, most: int) -> int:
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 9:
        return most
    return max(1, min(int(text), most))
