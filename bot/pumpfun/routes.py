"""Each request goes straight or through the proxy, as the network says of its own host: a client
asks several, and follows redirects to others."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from bot.kit.tls import tls_context
from bot.model.network import Network, Proxy

if TYPE_CHECKING:
    from types import TracebackType


class WithoutCookies(httpx.AsyncBaseTransport):
    """Everything is asked for anonymously. httpx keeps every cookie that it is handed and sends it
    back, until a server refuses so long a header; to read a hostile one takes a quarter of a
    second."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx."""
        response = await self._transport.handle_async_request(request)
        for name in ("set-cookie", "set-cookie2"):
            response.headers.pop(name, None)
        return response

    async def aclose(self) -> None:
        """See httpx."""
        await self._transport.aclose()


class Routes(httpx.AsyncBaseTransport):
    """A transport for each way; they open with the first request that takes them."""

    def __init__(self, network: Network, limits: httpx.Limits) -> None:
        self._network = network
        self._limits = limits
        self._ways: dict[Proxy | None, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx."""
        return await self._way(request.url).handle_async_request(request)

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """See httpx."""
        await asyncio.gather(*(way.aclose() for way in self._ways.values()))

    def _way(self, url: httpx.URL) -> httpx.AsyncHTTPTransport:
        proxy = self._network.proxy_for(str(url))
        if proxy not in self._ways:
            self._ways[proxy] = httpx.AsyncHTTPTransport(
                verify=tls_context(self._network.ca_file, self._network.ca_folder),
                limits=self._limits,
                proxy=httpx.Proxy(proxy.url) if proxy is not None else None,
                trust_env=False,
            )
        return self._ways[proxy]
