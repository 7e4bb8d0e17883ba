"""What every answer carries; and what is answered when a request cannot be: a sentence as JSON,
never a traceback."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot import texts
from bot.errors import StoreError
from bot.ops.access import Verdict
from bot.ops.rules import Refusal

_log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What each answer tells a browser, refusals included."""

_CHALLENGE = {"WWW-Authenticate": 'Basic realm="Mintcast", charset="UTF-8"'}
_WITHOUT_BODY = frozenset({"GET", "HEAD"})
_STATUS = {Refusal.PASSWORD: 401, Refusal.GUESSES: 429}


def failed(status: int, sentence: str, more: Mapping[str, str] | None = None) -> web.Response:
    """An error as the API gives it."""
    return web.json_response({"error": sentence}, status=status, headers=more)


def said(error: web.HTTPException) -> web.Response:
    """aiohttp's exception, with our sentence."""
    allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return failed(error.status, texts.page.http_failed(error.status), allow)


def refused(verdict: Verdict) -> web.Response:
    """Why the gate stays shut."""
    refusal = verdict.refusal
    assert refusal is not None
    more = dict(_CHALLENGE) if refusal is Refusal.PASSWORD else {}
    wait = math.ceil(verdict.wait)
    if wait:
        more["Retry-After"] = str(wait)
    return failed(_STATUS.get(refusal, 403), texts.page.refused(refusal.value, wait), more)


async def answer(request: web.Request, handler: Handler, body_seconds: float) -> web.StreamResponse:
    """What `handler` answers, or a sentence for what went wrong. A body is waited for so long, if
    at all. Raises for a defect of ours."""
    try:
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return failed(400, texts.page.packed())
        _check_range(request)
        await _take_body(request, body_seconds)
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return said(error)
    except web.RequestPayloadError:  # broken off, or in chunks that are none
        return failed(400, texts.page.http_failed(400))
    except StoreError as error:
        _log.warning("%s %r: %s", request.method, request.path, error)
        return failed(503, texts.service.store_failed(error))


def _check_range(request: web.Request) -> None:
    """aiohttp would answer one that is none without a word."""
    try:
        _ = request.http_range
    except ValueError:
        raise web.HTTPRequestRangeNotSatisfiable from None


async def _take_body(request: web.Request, within: float) -> None:
    """Before anybody works with it; handlers read what is kept of it."""
    if not within or request.method in _WITHOUT_BODY or not request.can_read_body:
        return
    try:
        async with asyncio.timeout(within):
            await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
