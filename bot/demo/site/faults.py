"""How each endpoint of the look-alike can be told to fail, and what is answered then."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web

from bot.demo.site import payloads

FORBIDDEN_PAGE = (
    "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head>"
    "<body><h1>Sorry, you have been blocked</h1></body></html>"
)
ELSEWHERE = "http://192.0.2.1/elsewhere"
"""An address that is reserved for documentation (RFC 5737)."""


class Fault(StrEnum):
    """A way for an endpoint to fail."""

    RATE_LIMITED = "rate-limited"
    SERVER_ERROR = "server-error"
    BAD_GATEWAY_TEXT = "bad-gateway-text"
    GARBAGE = "garbage"
    EMPTY = "empty"
    FORBIDDEN = "forbidden"
    UNAUTHORIZED = "unauthorized"
    ROUTE_GONE = "route-gone"
    NOT_FOUND = "not-found"
    ORIGIN_DOWN = "origin-down"
    REDIRECT = "redirect"
    HANG = "hang"
    SLOW = "slow"
    RESET = "reset"
    HUGE = "huge"
    WRONG_SHAPE = "wrong-shape"


@dataclass(frozen=True, slots=True)
class _Canned:
    status: int
    text: str
    kind: str = "application/json"


CANNED: Mapping[Fault, _Canned] = {
    Fault.RATE_LIMITED: _Canned(429, "error code: 1015", "text/plain"),
    Fault.SERVER_ERROR: _Canned(500, '{"statusCode":500,"message":"Internal server error"}'),
    Fault.BAD_GATEWAY_TEXT: _Canned(504, "error code: 504", "text/plain"),
    Fault.GARBAGE: _Canned(200, "<html><body>We'll be right back</body></html>", "text/html"),
    Fault.EMPTY: _Canned(200, ""),
    Fault.FORBIDDEN: _Canned(403, FORBIDDEN_PAGE, "text/html"),
    Fault.UNAUTHORIZED: _Canned(401, '{"statusCode":401,"message":"Unauthorized"}'),
    Fault.NOT_FOUND: _Canned(404, json.dumps(payloads.nest(404, "Not found", "Not Found"))),
    Fault.ORIGIN_DOWN: _Canned(530, "error code: 1016", "text/plain"),
}
"""Texts as observed: 1015, 504 and 1016 are Cloudflare's plain ones (last seen 2026-08-22)."""


@dataclass(slots=True)
class Rule:
    """One standing order to fail. `left` is how often still; None is until healed."""

    fault: Fault
    left: int | None = None
    share: float = 1.0
    retry_after: float | None = None
    seconds: float = 5.0
    body: str | None = None

    def spend(self, dice: random.Random) -> bool:
        """Whether this request fails, counting it if so."""
        if self.left == 0 or (self.share < 1.0 and dice.random() >= self.share):
            return False
        if self.left is not None:
            self.left -= 1
        return True


class FaultPlan:
    """Which endpoints fail, and how. The latest order for an endpoint stands."""

    def __init__(self, seed: int) -> None:
        self._rules: dict[str, Rule] = {}
        self._dice = random.Random(seed)

    def order(self, endpoints: Iterable[str], rule: Rule) -> None:
        """Endpoints that are ordered together share one count."""
        self._rules |= dict.fromkeys(endpoints, rule)

    def lift(self, endpoints: Iterable[str]) -> None:
        for endpoint in endpoints:
            self._rules.pop(endpoint, None)

    def drawn(self, endpoint: str) -> Rule | None:
        """The rule that hits this request, if one does."""
        rule = self._rules.get(endpoint)
        return rule if rule and rule.spend(self._dice) else None


async def perform(
    rule: Rule, request: web.Request, endpoint: str, closing: asyncio.Event
) -> web.StreamResponse | None:
    """Fail as ordered. None means: go on and answer as usual (a slow answer, its time over)."""
    match rule.fault:
        case Fault.SLOW:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(closing.wait(), rule.seconds)
            return None
        case Fault.HANG:
            await closing.wait()
            return _cut(request)
        case Fault.RESET:
            return _cut(request)
        case Fault.HUGE:
            return await _endless(request, closing)
        case _:
            return _answer(rule, request, endpoint)


def _answer(rule: Rule, request: web.Request, endpoint: str) -> web.Response:
    canned = CANNED.get(rule.fault) or _made(rule.fault, request, endpoint)
    headers = {}
    if rule.fault is Fault.REDIRECT:
        headers["Location"] = rule.body or ELSEWHERE
    if rule.retry_after is not None:
        headers["Retry-After"] = f"{rule.retry_after:g}"
    text = canned.text if rule.body is None else rule.body
    return web.Response(status=canned.status, text=text, content_type=canned.kind, headers=headers)


def _made(fault: Fault, request: web.Request, endpoint: str) -> _Canned:
    """Answers that depend on what was asked."""
    if fault is Fault.ROUTE_GONE:
        return _Canned(404, json.dumps(payloads.cannot(request.method, request.path)))
    if fault is Fault.REDIRECT:
        return _Canned(302, "", "text/plain")
    return _Canned(200, json.dumps(payloads.WRONG.get(endpoint, payloads.WRONG_ELSEWHERE)))


def _cut(request: web.Request) -> web.Response:
    """Reset the connection: no answer, not even a polite end."""
    if request.transport is not None:
        plug = request.transport.get_extra_info("socket")
        if plug is not None:
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response()


async def _endless(request: web.Request, closing: asyncio.Event) -> web.StreamResponse:
    """A body without a length that does not end before the client or the site does."""
    answer = web.StreamResponse(headers={"Content-Type": "application/json"})
    await answer.prepare(request)
    with contextlib.suppress(ConnectionResetError):
        while not closing.is_set():
            await answer.write(b" " * 65_536)
    return _cut(request)
