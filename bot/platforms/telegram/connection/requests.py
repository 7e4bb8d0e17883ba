"""How PTB's requests leave here: two clients of httpx, with time limits of our own."""

from __future__ import annotations

from typing import Any

import httpx
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.kit import untrusted_json
from bot.kit.tls import tls_context
from bot.model.network import DIRECT, Network

_CONNECTIONS = 64


class Request(HTTPXRequest):
    """For all that is asked. PTB's own logs a traceback for each answer that is no JSON, and while
    Telegram is in trouble each answer is a proxy's page."""

    __slots__ = ()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer. Raises TelegramError."""
        try:
            answer = untrusted_json.parse(payload.decode(errors="replace"))
        except ValueError as error:
            raise TelegramError("Invalid server response") from error
        if not isinstance(answer, dict):
            raise TelegramError("Invalid server response")
        return answer


class PollRequest(Request):
    """The request object of `getUpdates` alone: it remembers which updates came, so that one
    that cannot be read can be passed over."""

    __slots__ = ("newest",)

    newest: int | None

    def parse_json_payload(self, payload: bytes) -> dict[str, Any]:  # type: ignore[override]
        """The answer; its updates' last id is noted."""
        answer = Request.parse_json_payload(payload)
        told = answer.get("result")
        ids = [one.get("update_id") for one in told] if isinstance(told, list) else []
        self.newest = max((i for i in ids if isinstance(i, int)), default=None)
        return answer


def requests(network: Network = DIRECT, api_url: str = "") -> tuple[Request, PollRequest]:
    """For all that is asked, and for long polling alone: PTB's own time limits are too short for
    files of 50 MB. The environment is read by nobody but our settings."""
    how = {"verify": tls_context(network.ca_file, network.ca_folder), "trust_env": False}
    proxy = network.proxy_for(api_url)
    through = proxy.url if proxy is not None else None
    asking = Request(
        connection_pool_size=_CONNECTIONS,
        read_timeout=20,
        write_timeout=20,
        connect_timeout=10,
        pool_timeout=10,
        media_write_timeout=120,
        proxy=through,
        httpx_kwargs=how,
    )
    polling = PollRequest(
        connection_pool_size=2,
        read_timeout=10,
        write_timeout=10,
        connect_timeout=10,
        proxy=through,
        httpx_kwargs=how,
    )
    return asking, polling


def trouble(error: BaseException) -> str:
    """What it is called in a sentence: what the network did, where it was that. Never the text of
    an error, which may hold an address with the token."""
    cause = error.__cause__
    return type(cause if isinstance(cause, httpx.HTTPError) else error).__name__
