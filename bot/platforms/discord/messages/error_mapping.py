"""What Discord's answers, and the failures to get one, mean for a delivery: one table. Pure.

The codes are those of Discord's documentation, "JSON error codes".

A 403 is FORBIDDEN, which stops a channel's alerts, only where `TABLE` knows that its code speaks of
the channel, its server or that person. Others may be about this machine or the bot's account, and
are tried again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self, cast

import aiohttp
import discord

from bot.alerts import Fault, SendError
from bot.platforms.discord.connection.limits import OLD_EDIT_SECONDS

UNKNOWN_MESSAGE = 10008
UNKNOWN_WEBHOOK = 10015
UNKNOWN_INTERACTION = 10062
TOO_MANY_FOLLOW_UPS = 40094
ALREADY_ANSWERED = 40060
INVALID_TOKEN = 50027
ARCHIVED = 50083

_LATER_SECONDS = 300.0

TABLE = MappingProxyType(
    {
        10003: Fault.TARGET_GONE,  # unknown channel
        10004: Fault.TARGET_GONE,  # unknown guild
        UNKNOWN_MESSAGE: Fault.MESSAGE_GONE,
        UNKNOWN_WEBHOOK: Fault.MESSAGE_GONE,
        UNKNOWN_INTERACTION: Fault.MESSAGE_GONE,
        20016: Fault.RATE_LIMITED,  # slow mode
        20022: Fault.NOT_YET,  # edits of an announcement are rationed
        20028: Fault.RATE_LIMITED,  # of the channel
        20029: Fault.RATE_LIMITED,  # of the server
        30046: Fault.NOT_YET,  # edits of messages older than an hour are rationed
        40001: Fault.UNAUTHORIZED,
        40002: Fault.UNAUTHORIZED,  # the bot's account has to be verified
        40003: Fault.RATE_LIMITED,  # private conversations were opened too fast
        40004: Fault.RATE_LIMITED,  # sending is switched off for a while
        40005: Fault.TOO_LARGE,
        40007: Fault.FORBIDDEN,  # banned there
        40058: Fault.TARGET_CLOSED,  # a forum post that its author has not begun
        ALREADY_ANSWERED: Fault.REFUSED,
        TOO_MANY_FOLLOW_UPS: Fault.MESSAGE_GONE,
        40333: Fault.NOT_SENT,  # Cloudflare blocks this machine (discord/discord-api-docs#6473)
        50001: Fault.FORBIDDEN,  # missing access
        50005: Fault.MESSAGE_GONE,  # a message of somebody else
        50007: Fault.FORBIDDEN,  # that person takes no messages
        50008: Fault.TARGET_CLOSED,  # no text channel
        50009: Fault.FORBIDDEN,  # the server's verification level
        50013: Fault.FORBIDDEN,  # missing permission
        50024: Fault.TARGET_CLOSED,  # not in this type of channel
        INVALID_TOKEN: Fault.MESSAGE_GONE,  # an interaction's, whose quarter of an hour is over
        ARCHIVED: Fault.TARGET_CLOSED,
        50178: Fault.UNAUTHORIZED,  # the same as 40002
        50278: Fault.FORBIDDEN,  # no server in common with that person
        160002: Fault.FORBIDDEN,  # a reply needs Read Message History
        160005: Fault.TARGET_CLOSED,  # a locked thread
        160006: Fault.RATE_LIMITED,  # too many open threads
        160007: Fault.RATE_LIMITED,  # too many open announcement threads
        400001: Fault.REFUSED,  # the server may upload no files for now
    }
)

_RESPONSE_CLOSED = frozenset(
    {UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION, INVALID_TOKEN, TOO_MANY_FOLLOW_UPS}
)

_PAUSES = MappingProxyType(
    {
        20022: OLD_EDIT_SECONDS,
        30046: OLD_EDIT_SECONDS,
        40003: _LATER_SECONDS,
        40004: _LATER_SECONDS,
        160006: _LATER_SECONDS,
        160007: _LATER_SECONDS,
    }
)
"""Seconds to wait, where Discord does not say."""


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """What Discord answered in place of what was asked for. `code` is Discord's own, 0 where the
    body was none of Discord's. `retry_after` is in seconds; `everywhere`: it is the whole token
    that has to wait."""

    status: int
    code: int = 0
    text: str = ""
    retry_after: float | None = None
    everywhere: bool = False

    @classmethod
    def read(cls, status: int, headers: Mapping[str, str], body: Any) -> Self:
        """From an HTTP response; `body` is its JSON, None where it has none."""
        fields = body if isinstance(body, dict) else {}
        code = fields.get("code", 0)
        pause = _seconds(fields.get("retry_after", headers.get("Retry-After")))
        is_limit = status == 429
        return cls(
            status,
            code=code if isinstance(code, int) else 0,
            text=str(fields.get("message", "")),
            retry_after=pause if is_limit else None,
            # A 429 that is not Discord's own is of the proxy before it, and meant for this machine.
            everywhere=is_limit and (bool(fields.get("global")) or not fields),
        )


class DiscordRefused(SendError):
    """A SendError that knows what Discord answered."""

    def __init__(self, fault: Fault, response: ErrorResponse) -> None:
        pause = response.retry_after
        super().__init__(
            fault,
            retry_after=_PAUSES.get(response.code) if pause is None else pause,
            everywhere=response.everywhere,
            detail=f"{response.status}/{response.code} {response.text}".strip()[:200],
        )
        self.response = response

    @property
    def code(self) -> int:
        """Discord's own."""
        return self.response.code

    @property
    def is_response_closed(self) -> bool:
        """The interaction cannot be answered any more."""
        return self.response.code in _RESPONSE_CLOSED


_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError)


def refused(response: ErrorResponse) -> DiscordRefused:
    """What a refusal means."""
    return DiscordRefused(_fault(response), response)


def failure(
    error: discord.DiscordException | aiohttp.ClientError | OSError, *, is_written: bool = True
) -> SendError:
    """What it means that a request ended in `error`. `is_written`: some of it had left us."""
    if isinstance(error, discord.HTTPException):
        return refused(ErrorResponse(error.status, error.code, error.text))
    if isinstance(error, discord.RateLimited):
        return SendError(Fault.RATE_LIMITED, retry_after=error.retry_after, detail="held back")
    if isinstance(error, discord.LoginFailure):
        return SendError(Fault.UNAUTHORIZED)
    name = type(error).__name__
    if isinstance(error, _NOT_SENT) or not is_written:
        return SendError(Fault.NOT_SENT, detail=name)
    return SendError(Fault.MAYBE_SENT, detail=name)


def _fault(response: ErrorResponse) -> Fault:
    known = TABLE.get(response.code)
    if response.status == 429 and known is not Fault.NOT_YET:
        return Fault.RATE_LIMITED
    if known is not None:
        return known
    if response.status == 401:
        return Fault.UNAUTHORIZED
    if response.status == 413:
        return Fault.TOO_LARGE
    if response.status >= 500:
        return Fault.SERVER_ERROR
    if response.status == 403 or (response.code == 0 and response.status in (404, 405)):
        return Fault.NOT_SENT  # a proxy's page, a wrong address: it says nothing of the target
    return Fault.REFUSED


def _seconds(value: object) -> float | None:
    try:
        seconds = float(cast(Any, value))
    except (TypeError, ValueError, OverflowError):
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
