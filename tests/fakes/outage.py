"""What the stand-ins of the platforms do to be gone for a while."""

from __future__ import annotations

from aiohttp import web


async def cut(runner: web.AppRunner | None, site: web.TCPSite | None) -> None:
    """Connections break, and new ones are refused."""
    assert runner is not None
    assert runner.server is not None
    assert site is not None, "it is down"
    await site.stop()
    for connection in runner.server.connections:
        if connection.transport is not None:
            connection.transport.abort()


async def restored(runner: web.AppRunner | None, port: int) -> web.TCPSite:
    """It answers again, on the same port."""
    assert runner is not None
    site = web.TCPSite(runner, "127.0.0.1", port, reuse_address=True)
    await site.start()
    return site
