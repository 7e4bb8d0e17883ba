"""Where Mintcast stands below an address that it shares with others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aiohttp import web


def inner(base: str, path: str) -> str:
    """The path within Mintcast: a proxy may have taken `base` off already, or not."""
    return path.removeprefix(base) if base and path.startswith(f"{base}/") else path


def below(base: str, routes: Iterable[web.RouteDef]) -> Iterator[web.RouteDef]:
    """Each route as it is and below `base`, and the way from `/mintcast` to `/mintcast/`."""
    for route in routes:
        yield route
        if base:
            yield web.RouteDef(route.method, base + route.path, route.handler, route.kwargs)
    if base:
        yield web.get(base, _add_slash)


async def _add_slash(request: web.Request) -> web.StreamResponse:
    raise web.HTTPPermanentRedirect(f"{request.path}/")
