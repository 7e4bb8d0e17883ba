"""One asking over HTTP: within the budget, bounded in time and bytes, retried by the table.

No error from here holds a request, a response or a cause: the request for the regions carries
a token, and an httpx error carries its request.
"""

from __future__ import annotations

import asyncio
import functools
from collections import Counter
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
    import ssl
    from collections.abc import Collection, Mapping
    from types import TracebackType

_ERROR_BODY = 16 * 1024
_HEADERS = {
    "User-Agent": f"Mintcast/{__version__}",
    # A few bytes that unpack to gigabytes pass no cap that counts what came over the wire.
    "Accept-Encoding": "identity",
}
_OK = frozenset({200})


@functools.cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates count: to read them all takes 20 ms, for each client anew."""
    return httpx.create_ssl_context(trust_env=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with one of the accepted statuses; `body` is within the cap."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


_IN_BACKGROUND = 0.9
"""What share of the budget is for what nobody waits for."""
_BACKGROUND_ATTEMPTS = {Endpoint.ROSTER: 2}
"""One page that fails costs the rest of the board; all else is asked again by the next poll."""


def _limiter(per_second: float) -> AsyncLimiter:
    """One second's worth at once, but one request at least."""
    burst = max(1.0, per_second)
    return AsyncLimiter(burst, burst / per_second)


def _group_budgets(per_minute: float) -> dict[Endpoint, AsyncLimiter]:
    """A fifth of a minute's worth at once, the rest as it drips; for each group its own."""
    burst = max(1.0, per_minute / 5)
    groups = (Endpoint.COIN, Endpoint.ROSTER)
    return {endpoint: AsyncLimiter(burst, 60 * burst / per_minute) for endpoint in groups}


class Http:
    """Owns the HTTP client and the budget. Open it with `async with`.

    `timeout` (seconds) bounds each try as a whole, so that a trickle ends too; the wait for
    the budget is not counted. `patience` (seconds) is the longest stated wait that is waited
    for; `attempts` counts the first try. `group_per_minute` is for each group of the frontend's
    endpoints; after a rest, a fifth of it comes on top.

    What is asked in the background gets nine tenths of the budget, so that a question somebody
    waits for finds the rest; and one try, since whoever asks so will ask again.
    """

    def __init__(
        self,
        *,
        requests_per_second: float,
        timeout: float,
        attempts: int,
        patience: float,
        group_per_minute: float = 50.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.tries: Counter[Endpoint] = Counter()
        """How many requests were sent so far, failed ones included."""
        self._timeout = timeout
        self._attempts = attempts
        self._patience = patience
        self._budget = _limiter(requests_per_second)
        self._background = _limiter(requests_per_second * _IN_BACKGROUND)
        self._group_budgets = _group_budgets(group_per_minute)
        self._client = httpx.AsyncClient(
            headers=_HEADERS,
            timeout=timeout,
            limits=httpx.Limits(max_connections=20, max_keepalive_connections=10),
            follow_redirects=False,
            trust_env=False,
            verify=_trusted(),
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
        background: bool = False,
    ) -> Answer:
        """The answer, if its status is one of `accept`. Raises `AskError`.

        Sends a GET, or `post` as JSON. `bearer` is a token for the Authorization header.
        `background`: nobody waits for it.
        """
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        request = self._client.build_request(
            "GET" if post is None else "POST", url, json=post, headers=headers
        )
        # A context, not a decorator: stamina logs the arguments of what it decorates.
        async for attempt in stamina.retry_context(
            on=lambda error: pause_before_retry(error, self._patience),
            attempts=_BACKGROUND_ATTEMPTS.get(endpoint, 1) if background else self._attempts,
            timeout=None,
            wait_initial=0.25,
            wait_jitter=0.25,
            wait_max=2.0,
        ):
            with attempt:
                await self._wait_for_budget(endpoint, background=background)
                return await self._try(endpoint, request, most_bytes, accept)
        raise AssertionError("stamina ends with an answer or an error")

    async def _try(
        self, endpoint: Endpoint, request: httpx.Request, most_bytes: int, accept: Collection[int]
    ) -> Answer:
        self.tries[endpoint] += 1
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

    async def _wait_for_budget(self, endpoint: Endpoint, *, background: bool) -> None:
        if background:
            await self._background.acquire()
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
