"""Requests to the Bot API: `ask` makes one and maps its failure; `new_requests` says how
python-telegram-bot sends them: by two clients of httpx, with time limits of our own."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

import httpx
import telegram
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.errors import LeaseLost
from bot.kit.leadership import require_lease
from bot.kit.timing.far_clock import FarClock
from bot.kit.tls import tls_context
from bot.kit.untrusted import parse_json
from bot.model import Address
from bot.model.network import DIRECT, Network
from bot.platforms.telegram.connection.limits import patience
from bot.platforms.telegram.messages.error_mapping import ProxyPage, failure

_CONNECTIONS = 64

T = TypeVar("T")


class ClientPort(Protocol):
    """What everything that sends needs of the connection.

    `client` is the bot to ask with. It raises SendError where nothing may be sent: the token was
    refused, or another copy of the bot has taken over the updates.
    """

    def client(self) -> telegram.Bot: ...


async def ask(request: Coroutine[Any, Any, T], address: Address, *, size: int = 0) -> T:
    """What Telegram answers to `request`, a method of a `telegram.Bot` with the `timeouts` of
    `limits`. `address` is what it is about; `size` is what it uploads, in bytes. Raises SendError,
    and LeaseLost where the right to ask it is gone: then nothing was asked.
    """
    try:
        require_lease()
    except LeaseLost:
        request.close()
        raise
    try:
        async with asyncio.timeout(patience(size) + 1.0):
            return await request
    except (TelegramError, TimeoutError) as error:
        raise failure(error, address) from None


class ApiRequest(HTTPXRequest):
    """For everything but polling. PTB takes a page of a proxy for Telegram's refusal, by its status
    alone, and its own logs a traceback for each."""

    __slots__ = ()

    async def do_request(self, *about: Any, **more: Any) -> tuple[int, bytes]:
        """Status and answer. Raises TelegramError."""
        status, payload = await super().do_request(*about, **more)
        if status >= HTTPStatus.MULTIPLE_CHOICES and _answer(payload) is None:
            raise ProxyPage(status)
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer. Raises ProxyPage."""
        answer = _answer(payload)
        if answer is None:
            raise ProxyPage(HTTPStatus.OK)
        return answer


class PollRequest(ApiRequest):
    """For `getUpdates` alone: it remembers which updates came, so that one that cannot be read can
    be skipped."""

    __slots__ = ("newest",)

    newest: int | None

    def parse_json_payload(self, payload: bytes) -> dict[str, Any]:  # type: ignore[override]
        """The answer; the id of its last update is noted."""
        answer = ApiRequest.parse_json_payload(payload)
        updates = answer.get("result")
        ids = [one.get("update_id") for one in updates] if isinstance(updates, list) else []
        self.newest = max((i for i in ids if isinstance(i, int)), default=None)
        return answer


def new_requests(
    network: Network = DIRECT, api_url: str = "", far_clock: FarClock | None = None
) -> tuple[ApiRequest, PollRequest]:
    """One for everything but polling, one for long polling alone: PTB's own time limits are too
    short for files of 50 MB. Proxies come from our settings, never from the environment.
    `far_clock` hears the date of each answer."""
    far_clock = far_clock or FarClock()

    async def answered(response: httpx.Response) -> None:
        far_clock.hear(response.headers.get("date", ""))

    options = {
        "verify": tls_context(network.ca_file, network.ca_folder),
        "trust_env": False,
        "event_hooks": {"response": [answered]},
    }
    proxy = network.proxy_for(api_url)
    through = proxy.url if proxy is not None else None
    general = ApiRequest(
        connection_pool_size=_CONNECTIONS,
        read_timeout=20,
        write_timeout=20,
        connect_timeout=10,
        pool_timeout=10,
        media_write_timeout=120,
        proxy=through,
        httpx_kwargs=options,
    )
    polling = PollRequest(
        connection_pool_size=2,
        read_timeout=10,
        write_timeout=10,
        connect_timeout=10,
        proxy=through,
        httpx_kwargs=options,
    )
    return general, polling


def _answer(payload: bytes) -> dict[str, Any] | None:
    """None: it is none of Telegram's, which all say whether they are `ok`."""
    try:
        answer = parse_json(payload.decode(errors="replace"))
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and "ok" in answer else None


def reason(error: BaseException) -> str:
    """A failure's name for a sentence: what the network did, where it was that. Never the text of
    an error, which may hold an address with the token."""
    cause = error.__cause__
    return type(cause if isinstance(cause, httpx.HTTPError) else error).__name__
