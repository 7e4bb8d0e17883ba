"""Stays connected to Discord's gateway.

discord.py's own `Client.connect` trips where the very first connection fails, waits up to 17
minutes between tries after a long outage, and logs a traceback for each. This does the same steps
with pauses of at most a minute, and says why it ends.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from typing import Any, Protocol

import aiohttp
import discord
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from bot.kit.backoff import Backoff
from bot.kit.timing.clock import Clock

_log = logging.getLogger(__name__)

FINAL_CODES = frozenset({4004, 4010, 4011, 4012, 4013, 4014})
"""Discord closes with one of these where trying again is of no use."""

_SESSION_OVER = frozenset({4007, 4009})
"""With one of these it asks for a new session."""

TROUBLE = (OSError, aiohttp.ClientError, TimeoutError, discord.DiscordException)
"""What a network and a server in trouble look like; `TimeoutError` is asyncio's, too."""

_UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)
"""What discord.py's parsers raise for an event whose shape they do not expect."""

_MOST_UNREADABLE = 100
"""Of one connection; then it is made anew."""

_HELLO_SECONDS = 60.0
_STEADY_SECONDS = 60.0
"""A connection that held for so long was a good one."""

_MOST_RESUMES = 3
"""That were greeted, and told nothing; then a new session begins."""

_GOODBYE = 1000
"""The session ends with the connection."""

_CLOSE_SECONDS = 1.5

_SHORTEST_SECONDS = 1.0
"""One that ends sooner is not resumed at once."""


class ClosedForGood(Exception):
    """Discord closed the connection with one of `FINAL_CODES`."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class GatewayClient(Protocol):
    """What a shard needs of its client: who hears that its connection is lost, and being made anew,
    or left, after which nobody tells what becomes of its servers. `identifying` is entered before
    one is made that is to begin a session."""

    ws: Any

    def is_closed(self) -> bool: ...
    def lost(self, shard: int | None) -> None: ...
    def left(self, shard: int | None) -> None: ...
    def identifying(self, shard: int | None) -> AbstractAsyncContextManager[None]: ...


class Shard:
    """One connection of `client`, which must be logged in, to the gateway. `number`: it is that one
    of its shards; None: it has no other. `is_pinned`: the operator says where the gateway is, and
    sessions are resumed there, too, not where Discord says."""

    def __init__(
        self, client: GatewayClient, number: int | None, clock: Clock, *, is_pinned: bool = False
    ) -> None:
        self._client = client
        self._number = number
        self._clock = clock
        self._is_pinned = is_pinned
        self._socket: DiscordWebSocket | None = None
        self._in_vain = 0

    async def stay_connected(self) -> None:
        """Until the client is closed. Raises ClosedForGood."""
        backoff = Backoff(self._clock, steady=_STEADY_SECONDS)
        start: dict[str, Any] = {"initial": True}
        while not self._client.is_closed():
            backoff.begin()
            before, resume = self._socket, True
            try:
                await self._one_connection(start)
            except ReconnectWebSocket as reconnect:
                resume = reconnect.resume
            except discord.ConnectionClosed as closed:
                if closed.code in FINAL_CODES:
                    raise ClosedForGood(closed.code) from None
            except TROUBLE as error:
                _log.info("no connection to Discord: %s", type(error).__name__)
            self._client.lost(self._number)
            is_greeted = self._socket is not before
            start = self._next_start(start, is_greeted=is_greeted, resume=resume)
            if not start.get("resume") or backoff.lasted < _SHORTEST_SECONDS:
                await backoff.wait()

    async def leave(self, seconds: float) -> None:
        """Say goodbye, for so many seconds at most."""
        socket, self._socket = self._socket, None
        if socket is not None:
            await _close(socket, seconds)
        self._client.left(self._number)

    async def _one_connection(self, start: dict[str, Any]) -> None:
        """Connect, then take events until the connection ends, which raises."""
        if start.get("resume"):
            socket = await self._greeted(start)
        else:
            async with self._client.identifying(self._number):
                socket = await self._greeted(start)
        self._socket = self._client.ws = socket
        for _ in range(_MOST_UNREADABLE):
            try:
                while True:
                    await socket.poll_event()
            except _UNREADABLE:
                _log.exception("Discord sent an event that cannot be read; the next one may")
        await socket.close()

    async def _greeted(self, start: dict[str, Any]) -> DiscordWebSocket:
        """A connection that has identified or asked to resume."""
        opened: list[DiscordWebSocket] = []
        token = _opened.set(opened)
        try:
            async with asyncio.timeout(_HELLO_SECONDS):
                client: Any = self._client
                return await _Socket.from_client(client, shard_id=self._number, **start)
        except BaseException:
            for socket in opened:
                await _close(socket, _CLOSE_SECONDS)
            raise
        finally:
            _opened.reset(token)

    def _next_start(
        self, start: dict[str, Any], *, is_greeted: bool, resume: bool
    ) -> dict[str, Any]:
        """How to connect after what began as `start`: where it was left, else anew. A host that did
        not greet is not asked again: Discord may have named one that is gone by now."""
        if resume and not is_greeted:
            return {**start, "gateway": None}
        socket = self._socket
        if not resume or socket is None or socket.session_id is None:
            return {}
        is_in_vain = start.get("sequence") == socket.sequence
        self._in_vain = self._in_vain + 1 if is_in_vain else 0
        if self._in_vain >= _MOST_RESUMES or socket.socket.close_code in _SESSION_OVER:
            return {}
        return {
            "resume": True,
            "session": socket.session_id,
            "sequence": socket.sequence,
            "gateway": None if self._is_pinned else socket.gateway,
        }


async def _close(socket: DiscordWebSocket, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await socket.close(code=_GOODBYE)
    except TROUBLE:
        _log.info("the gateway did not say goodbye")


class _Socket(DiscordWebSocket):
    """Known from the moment that it is open: discord.py forgets one that is not greeted in time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _opened.get().append(self)


_opened: ContextVar[list[DiscordWebSocket]] = ContextVar("opened_sockets")
