"""One asking over HTTP: within the budget, bounded in time and bytes, retried by the table.

No error from here holds a request, a response or a cause: the request for the regions carries
a token, and an httpx error carries its request.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import httpx
import stamina

from bot import __version__
from bot.errors import PumpfunError
from bot.kit.timing.clock import Clock, SystemClock
from bot.kit.timing.far_clock import FarClock
from bot.model import SERVICE, Asker, AskerKind, Reason
from bot.model.network import DIRECT, Network
from bot.pumpfun.budget import Budget
from bot.pumpfun.failures import AskError, Endpoint, Symptom, judge, pause_before_retry
from bot.pumpfun.routes import Routes, WithoutCookies

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping
    from types import TracebackType

    Keep = Callable[[bytes], Awaitable[object]]

_ERROR_BODY = 16 * 1024
_HEADERS = {
    "User-Agent": f"Mintcast/{__version__}",
    # A few bytes that unpack to gigabytes pass no cap that counts what was received.
    "Accept-Encoding": "identity",
}
_OK = frozenset({200})

_NO_ANSWER = (httpx.HTTPError, httpx.InvalidURL, ValueError, ssl.SSLError)
"""httpx reads where an answer redirects, also where nobody follows it: of a host that is no name in
IDNA (`xn--`), and of brackets, that raises a ValueError. What breaks TLS after the handshake, as a
record that was changed on its way, passes as it is (httpcore 1.0.9, `AnyIOStream.read`). No other
OSError is the network's: `keep` raises those."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with one of the accepted statuses, from `url`; `body` is within the cap. Of one
    that was kept elsewhere it is the beginning."""

    url: httpx.URL = field(repr=False)
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


_POLL_ATTEMPTS = {Endpoint.ROSTER: 2}
"""One page that fails costs the rest of the roster; all else is asked again by the next poll."""
_RESERVE = 0.4
"""Of a group's burst: the next token is more than a second away."""
_CONNECTIONS = 40
"""More than the budget lets be under way at once, however slowly the site answers: who waits for a
connection would wait behind everybody, out of turn."""
_LIMITS = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=10)


def _budget(clock: Clock, per_second: float) -> Budget:
    """One second's worth at once, but one request at least."""
    return Budget(clock, per_second, max(1.0, per_second))


def _group_budgets(clock: Clock, per_minute: float) -> dict[Endpoint, Budget]:
    """A fifth of a minute's worth at once, the rest as it drips; for each group its own."""
    burst = max(1.0, per_minute / 5)
    groups = (Endpoint.COIN, Endpoint.ROSTER)
    return {each: Budget(clock, per_minute / 60, burst, reserve=_RESERVE) for each in groups}


class ContextOwner:
    """Open it with `async with`, once: so does all that it `owns`, in that order."""

    def __init__(self, *owns: AbstractAsyncContextManager[object]) -> None:
        self._owns = owns
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            for one in self._owns:
                await opening.enter_async_context(one)
            self._opened = opening.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._opened.__aexit__(kind, error, trace)


class Http(ContextOwner):
    """Owns the HTTP client and the budget.

    `timeout` (seconds) bounds each try as a whole, so that a trickle ends too; the wait for
    the budget is not counted. `patience` (seconds) is the longest stated wait that is waited
    for; `attempts` counts the first try. `group_per_minute` is for each group of the frontend's
    endpoints; after a rest, a fifth of it comes on top.

    Who asks has a queue in each budget (`bot.pumpfun.budget`). The watcher gets one try, since it
    will ask again; so does a person who has asked for much lately.
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
        network: Network = DIRECT,
        clock: Clock | None = None,
    ) -> None:
        clock = clock or SystemClock()
        self.tries: Counter[Endpoint] = Counter()
        """How many requests were sent so far, failed ones included."""
        self._far_clock = FarClock(clock.elapsed)
        self._timeout = timeout
        self._attempts = attempts
        self._patience = patience
        self._budget = _budget(clock, requests_per_second)
        self._group_budgets = _group_budgets(clock, group_per_minute)
        self._client = httpx.AsyncClient(
            headers=_HEADERS,
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
            transport=WithoutCookies(transport or Routes(network, _LIMITS)),
        )
        super().__init__(self._client)

    @property
    def site_time(self) -> datetime | None:
        """What time it is by those who answer, whatever the clock of this machine says; None
        while nobody has answered."""
        return self._far_clock.now

    async def ask(
        self,
        endpoint: Endpoint,
        url: str | httpx.URL,
        *,
        most_bytes: int,
        accept: Collection[int] = _OK,
        post: Mapping[str, object] | None = None,
        bearer: str | None = None,
        asker: Asker = SERVICE,
        keep: Keep | None = None,
    ) -> Answer:
        """The answer, if its status is one of `accept`. Raises `AskError`, and what `keep` raises.

        Sends a GET, or `post` as JSON. `bearer` is a token for the Authorization header. `keep`
        takes the body of a 200 as it comes, so that it need not fit into memory; it is for who
        has one attempt.
        """
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        request = self._client.build_request(
            "GET" if post is None else "POST", url, json=post, headers=headers
        )
        # A context, not a decorator: stamina logs the arguments of what it decorates.
        async for attempt in stamina.retry_context(
            on=lambda error: pause_before_retry(error, self._patience),
            attempts=self._attempts_of(endpoint, asker),
            timeout=None,
            wait_initial=0.25,
            wait_jitter=0.25,
            wait_max=2.0,
        ):
            with attempt:
                await self._wait_for_budget(endpoint, asker)
                return await self._try(endpoint, request, most_bytes, accept, keep)
        raise AssertionError("stamina ends with an answer or an error")

    async def _try(
        self,
        endpoint: Endpoint,
        request: httpx.Request,
        most_bytes: int,
        accept: Collection[int],
        keep: Keep | None,
    ) -> Answer:
        self.tries[endpoint] += 1
        # Failures are raised after the handlers, not in them: see the head of this file.
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._exchange(request, most_bytes, accept, keep)
        except (TimeoutError, httpx.TimeoutException):
            symptom, detail = Symptom(endpoint, Reason.TIMEOUT), ""
        except _NO_ANSWER as error:
            symptom, detail = Symptom(endpoint, Reason.UNREACHABLE), type(error).__name__
        except PumpfunError as error:
            symptom, detail = Symptom(endpoint, error.reason, error.status), error.detail
        else:
            text = answer.body[:_ERROR_BODY].decode("utf-8", "replace")
            symptom, detail = Symptom(endpoint, None, answer.status, text, answer.headers), ""
            if answer.status in accept and symptom.edge_code is None:
                return answer
        raise AskError(judge(symptom, datetime.now(UTC)), detail)

    def _attempts_of(self, endpoint: Endpoint, asker: Asker) -> int:
        if asker.kind in (AskerKind.POLL, AskerKind.LATER):
            return _POLL_ATTEMPTS.get(endpoint, 1)
        return self._attempts if self._budget.asks_little(asker) else 1

    async def _wait_for_budget(self, endpoint: Endpoint, asker: Asker) -> None:
        if (group := self._group_budgets.get(endpoint)) is not None:
            await group.take(asker)
        await self._budget.take(asker)

    async def _exchange(
        self,
        request: httpx.Request,
        most_bytes: int,
        accept: Collection[int],
        keep: Keep | None,
    ) -> Answer:
        response = await self._client.send(request, stream=True)
        # Now, since the body may take seconds. With an age, a cache has answered, with the date at
        # which that was made (RFC 9111, 5.1).
        if "age" not in response.headers:
            self._far_clock.hear(response.headers.get("date", ""))
        try:
            if keep is None:
                body = await _body(response, most_bytes if response.status_code in accept else None)
            elif response.status_code == 200:
                body = await _kept(response, most_bytes, keep)
            else:
                body = await _body(response, None)
        finally:
            await response.aclose()
        return Answer(request.url, response.status_code, response.headers, body)


async def _body(response: httpx.Response, most_bytes: int | None) -> bytes:
    """The whole body, within `most_bytes`; or with None, the beginning of what is an error's.

    Raises `PumpfunError`: TOO_LARGE, or WRONG_SHAPE for an encoding that we did not ask for.
    """
    collected = bytearray()
    if most_bytes is not None:

        async def collect(data: bytes) -> None:
            collected.extend(data)

        await _kept(response, most_bytes, collect)
        return bytes(collected)
    if _is_plain(response):
        async for chunk in response.aiter_bytes():
            collected += chunk
            if len(collected) >= _ERROR_BODY:
                break
    return bytes(collected[:_ERROR_BODY])


async def _kept(response: httpx.Response, most_bytes: int, keep: Keep) -> bytes:
    """The beginning of the body, all of which was given to `keep`. Raises as `_body` does."""
    status = response.status_code
    if not _is_plain(response):
        raise PumpfunError(Reason.WRONG_SHAPE, status=status, detail="a compressed body")
    beginning, count = bytearray(), 0
    async for chunk in response.aiter_bytes():
        count += len(chunk)
        if count > most_bytes:
            raise PumpfunError(Reason.TOO_LARGE, status=status, detail=f"over {most_bytes} bytes")
        beginning += chunk[: _ERROR_BODY - len(beginning)]
        await keep(chunk)
    return bytes(beginning)


def _is_plain(response: httpx.Response) -> bool:
    return bool(response.headers.get("content-encoding", "identity") == "identity")
