"""Stays connected to Discord's gateway.

discord.py's own `Client.connect` trips where the very first connection fails, waits up to 17
minutes between tries after a long outage, and logs a traceback for each. This does the same steps
with pauses of at most a minute, and says why it ends.
"""

from __future__ import annotations

import asyncio
import logging
from contextvars import ContextVar
from typing import Any

import aiohttp
import discord
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from bot.kit.backoff import Backoff
from bot.kit.timing.clock import Clock

_log = logging.getLogger(__name__)

FINAL_CODES = frozenset({4004, 4010, 4011, 4012, 4013, 4014})
"""Discord closes with one of these where trying again is of no use."""

TROUBLE = (OSError, aiohttp.ClientError, TimeoutError, discord.DiscordException)
"""What a network and a server in trouble look like; `TimeoutError` is asyncio's, too."""

_UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)
"""What discord.py's parsers raise for an event whose shape they do not expect."""

_MOST_UNREADABLE = 100
"""Of one connection; then it is made anew."""

_HELLO_SECONDS = 60.0
_STEADY_SECONDS = 60.0
"""A connection that held for so long was a good one."""

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


async def stay_connected(client: discord.Client, clock: Clock) -> None:
    """Until the client is closed; it must be logged in. Raises ClosedForGood."""
    backoff = Backoff(clock, steady=_STEADY_SECONDS)
    start: dict[str, Any] = {"initial": True}
    while not client.is_closed():
        backoff.begin()
        resume = True
        try:
            await _one_connection(client, start)
        except ReconnectWebSocket as reconnect:
            resume = reconnect.resume
        except discord.ConnectionClosed as closed:
            if closed.code in FINAL_CODES:
                raise ClosedForGood(closed.code) from None
        except TROUBLE as error:
            _log.info("no connection to Discord: %s", type(error).__name__)
        client.dispatch("disconnect")
        start = _next_start(client, resume=resume)
        if not start.get("resume") or backoff.lasted < _SHORTEST_SECONDS:
            await backoff.wait()


async def leave_gateway(client: discord.Client, seconds: float) -> None:
    """Say goodbye, for so many seconds at most. What is known of servers is forgotten: nobody tells
    what becomes of it."""
    socket: DiscordWebSocket | None = client.ws
    if socket is not None:
        await _close(socket, seconds)
    for guild in client.guilds:
        client._connection._remove_guild(guild)


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


async def _greeted(client: discord.Client, start: dict[str, Any]) -> DiscordWebSocket:
    """A connection that has identified or asked to resume."""
    opened: list[DiscordWebSocket] = []
    token = _opened.set(opened)
    try:
        async with asyncio.timeout(_HELLO_SECONDS):
            return await _Socket.from_client(client, **start)
    except BaseException:
        for socket in opened:
            await _close(socket, _CLOSE_SECONDS)
        raise
    finally:
        _opened.reset(token)


async def _one_connection(client: discord.Client, start: dict[str, Any]) -> None:
    """Connect, then take events until the connection ends, which raises."""
    client.ws = await _greeted(client, start)
    for _ in range(_MOST_UNREADABLE):
        try:
            while True:
                await client.ws.poll_event()
        except _UNREADABLE:
            _log.exception("Discord sent an event that cannot be read; the next one may")
    await client.ws.close()


def _next_start(client: discord.Client, *, resume: bool) -> dict[str, Any]:
    """How to connect after `client.ws`: where it was left, else anew."""
    socket: DiscordWebSocket | None = client.ws
    if socket is None:
        return {"initial": True}
    if not resume or socket.session_id is None:
        return {}
    return {
        "resume": True,
        "session": socket.session_id,
        "sequence": socket.sequence,
        "gateway": socket.gateway,
    }
