"""One request to Discord: ended in time, heard while it is under way, and its failure a SendError.

discord.py sleeps on a 429 and repeats a 5xx in the middle of a request, for up to half a minute.
`trace_config` listens to its HTTP session (`http_trace`, an option of `discord.Client`) and ends
such a request with what Discord answered. It also hears whether anything was written yet, which
tells a send that surely did not arrive from one that may have; and what was answered, so that
nobody waits while discord.py rests after the last request that a bucket allowed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import aiohttp
import discord

from bot.alerts import Fault, SendError
from bot.kit.leadership import require_lease
from bot.kit.timing.far_clock import FarClock
from bot.kit.untrusted import parse_json
from bot.platforms.discord.connection.limits import patience
from bot.platforms.discord.messages.error_mapping import ErrorResponse, failure, refused

T = TypeVar("T")

_HELD_SECONDS = 1.5
"""discord.py holds back what Discord would refuse; for longer, the caller's slot is worth more."""
_REST_SECONDS = 0.1
_WHOLE_REST_SECONDS = 5.0
_NOTHING = object()


@dataclass(slots=True)
class _Call:
    """A request under way, as the trace hears of it. `answer` is the body of a good response,
    `refusal` any other response."""

    seconds: float
    limit: asyncio.Timeout
    rest: float = _REST_SECONDS
    is_begun: bool = False
    is_written: bool = False
    answer: object = _NOTHING
    refusal: ErrorResponse | None = None

    def rest_now(self) -> None:
        """All is known: discord.py has little time left to tidy up."""
        self.limit.reschedule(asyncio.get_running_loop().time() + self.rest)


_current: ContextVar[_Call | None] = ContextVar("discord_call", default=None)


class Answered(discord.DiscordException):
    """Discord answered what discord.py would have slept on."""

    def __init__(self, response: ErrorResponse) -> None:
        super().__init__(response.status)
        self.response = response


async def ask(request: Awaitable[T], *, size: int = 0, is_webhook: bool = False) -> T:
    """What Discord answers to `request`, a raw one of discord.py's. Raises SendError, and LeaseLost
    where the right to ask it is gone by the time that it would leave: then it has not.

    `size` is what it uploads, in bytes. `is_webhook`: it answers an interaction; discord.py rests
    with a lock in its hand there, which it would not let go if that were cut short.
    """
    rest = _WHOLE_REST_SECONDS if is_webhook else _REST_SECONDS
    call = _Call(patience(size), asyncio.timeout(_HELD_SECONDS), rest)
    previous = _current.set(call)
    try:
        async with call.limit:
            return await request
    except TimeoutError as error:
        if call.answer is not _NOTHING:
            return cast(T, call.answer)
        if call.refusal is not None:
            raise refused(call.refusal) from None
        if call.limit.expired() and not call.is_begun:
            raise SendError(
                Fault.RATE_LIMITED, retry_after=_HELD_SECONDS, detail="held back"
            ) from None
        raise failure(error, is_written=call.is_written) from None
    except Answered as error:
        raise refused(error.response) from None
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        raise failure(error, is_written=call.is_written) from error
    except RuntimeError as error:
        if call.is_begun:
            raise
        raise SendError(Fault.NOT_SENT, detail=str(error)) from error  # the session was closed
    finally:
        _current.reset(previous)


def trace_config(far_clock: FarClock | None = None) -> aiohttp.TraceConfig:
    """For `discord.Client(http_trace=…)`. What others ask through the client is left alone, but
    for its date, which `far_clock` hears."""
    far_clock = far_clock or FarClock()

    async def answered(_session: Any, _context: Any, what: aiohttp.TraceRequestEndParams) -> None:
        far_clock.hear(what.response.headers.get("Date", ""))

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(answered)
    trace.on_request_start.append(_begun)
    trace.on_request_headers_sent.append(_written)
    trace.on_request_end.append(_ended)
    return trace


async def _begun(_session: Any, _context: Any, _what: aiohttp.TraceRequestStartParams) -> None:
    call = _current.get()
    if call is not None:
        call.is_begun = True
        call.limit.reschedule(asyncio.get_running_loop().time() + call.seconds)


async def _written(
    _session: Any, _context: Any, _what: aiohttp.TraceRequestHeadersSentParams
) -> None:
    """Connected, and about to write: aiohttp calls it before the first byte (3.14,
    `StreamWriter.write_headers`), so that all that had to be waited for is over."""
    call = _current.get()
    if call is not None:
        require_lease()
        call.is_written = True


async def _ended(_session: Any, _context: Any, what: aiohttp.TraceRequestEndParams) -> None:
    call = _current.get()
    if call is None:
        return
    response = what.response
    body = await response.read()  # kept there, for discord.py to read again
    if response.status == 429 or response.status >= 500:
        call.refusal = ErrorResponse.read(response.status, response.headers, _json(body))
        call.rest_now()
        raise Answered(call.refusal)
    if response.status < 300:
        call.answer = _json(body)
        call.rest_now()


def _json(body: bytes) -> Any:
    try:
        return parse_json(body) if body else None
    except ValueError:
        return None
