"""One asking over HTTP: within the budget, bounded in time and bytes, retried by the table.

No error from here holds a request, a response or a cause: the request for the regions carries
a token, and an httpx error carries its request.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import httpx
import stamina
from aiolimiter import AsyncLimiter

from bot import __version__
from bot.errors import PumpfunError
from bot.model import Reason
from bot.pumpfun.failures import AskError, Endpoint, Symptom, judge, pause_before_retry

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from types import TracebackType

_ERROR_BODY = 16 * 1024
_HEADERS = {
    "User-Agent": f"Mintcast/{__version__}",
    # A few bytes that unpack to gigabytes pass no cap that counts what came over the wire.
    "Accept-Encoding": "identity",
}
_OK = frozenset({200})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with one of the accepted statuses; `body` is within the cap."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def _group_budgets() -> dict[Endpoint, AsyncLimiter]:
    """Of 60 requests in any 60 s (measured 2026-09-12): 10 at once and 50 more as they drip."""
    return {endpoint: AsyncLimiter(10, 12.0) for endpoint in (Endpoint.COIN, Endpoint.ROSTER)}


class Http:
    """Owns the HTTP client and the budget. Open it with `async with`.

    `timeout` (seconds) bounds each try as a whole, so that a trickle ends too; the wait for
    the budget is not counted. `patience` (seconds) is the longest stated wait that is waited
    for; `attempts` counts the first try.
    """

    def __init__(
        self,
        *,
        requests_per_second: float,
        timeout: float,
        attempts: int,
        patience: float,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._timeout = timeout
        self._attempts = attempts
        self._patience = patience
        burst = max(1.0, requests_per_second)
        self._budget = AsyncLimiter(burst, burst / requests_per_second)
        self._group_budgets = _group_budgets()
        self._client = httpx.AsyncClient(
            headers=_HEADERS,
            timeout=timeout,
            limits=httpx.Limits(max_connections=20, max_keepalive_connections=10),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def ask(
        self,
        endpoint: Endpoint,
        url: str | httpx.URL,
        *,
        most_bytes: int,
        accept: Collection[int] = _OK,
        post: Mapping[str, object] | None = None,
        bearer: str | None = None,
    ) -> Answer:
        """The answer, if its status is one of `accept`. Raises `AskError`.

        Sends a GET, or `post` as JSON. `bearer` is a token for the Authorization header.
        """
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        request = self._client.build_request(
            "GET" if post is None else "POST", url, json=post, headers=headers
        )
        # A context, not a decorator: stamina logs the arguments of what it decorates.
        async for attempt in stamina.retry_context(
            on=lambda error: pause_before_retry(error, self._patience),
            attempts=self._attempts,
            timeout=None,
            wait_initial=0.25,
            wait_jitter=0.25,
            wait_max=2.0,
        ):
            with attempt:
                return await self._try(endpoint, request, most_bytes, accept)
        raise AssertionError("stamina ends with an answer or an error")

    async def _try(
        self, endpoint: Endpoint, request: httpx.Request, most_bytes: int, accept: Collection[int]
    ) -> Answer:
        await self._wait_for_budget(endpoint)
        # Failures are raised after the handlers, not in them: see the head of this file.
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._exchange(request, most_bytes, accept)
        except (TimeoutError, httpx.TimeoutException):
            symptom, detail = Symptom(endpoint, Reason.TIMEOUT), ""
        except httpx.HTTPError as error:
            symptom, detail = Symptom(endpoint, Reason.UNREACHABLE), type(error).__name__
        except PumpfunError as error:
            symptom, detail = Symptom(endpoint, error.reason, error.status), error.detail
        else:
            text = answer.body[:_ERROR_BODY].decode("utf-8", "replace")
            symptom, detail = Symptom(endpoint, None, answer.status, text, answer.headers), ""
            if answer.status in accept and symptom.edge_code is None:
                return answer
        raise AskError(judge(symptom, datetime.now(UTC)), detail)

    async def _wait_for_budget(self, endpoint: Endpoint) -> None:
        if (group := self._group_budgets.get(endpoint)) is not None:
            await group.acquire()
        await self._budget.acquire()

    async def _exchange(
        self, request: httpx.Request, most_bytes: int, accept: Collection[int]
    ) -> Answer:
        response = await self._client.send(request, stream=True)
        try:
            body = await _body(response, most_bytes if response.status_code in accept else None)
        finally:
            await response.aclose()
        return Answer(response.status_code, response.headers, body)


async def _body(response: httpx.Response, most_bytes: int | None) -> bytes:
    """The whole body, within `most_bytes`; or with None, the beginning of what is an error's.

    Raises `PumpfunError`: TOO_LARGE, or WRONG_SHAPE for an encoding that we did not ask for.
    """
    status = response.status_code
    if response.headers.get("content-encoding", "identity") != "identity":
        if most_bytes is None:
            return b""
        raise PumpfunError(Reason.WRONG_SHAPE, status=status, detail="a compressed body")
    collected = bytearray()
    async for chunk in response.aiter_bytes():
        collected += chunk
        if most_bytes is None and len(collected) >= _ERROR_BODY:
            return bytes(collected[:_ERROR_BODY])
        if most_bytes is not None and len(collected) > most_bytes:
            raise PumpfunError(Reason.TOO_LARGE, status=status, detail=f"over {most_bytes} bytes")
    return bytes(collected)
