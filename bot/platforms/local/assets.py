"""The page's own files."""

from __future__ import annotations

import re
from pathlib import Path

from aiohttp import web

_PAGE = Path(__file__).parent / "page"
_INDEX = _PAGE / "index.html"
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_FRESH = {"Cache-Control": "no-cache"}
_PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
_LINK = '="page/'


class Assets:
    """By name, none but those that are there: their folders are for whoever works on them."""

    def __init__(self) -> None:
        self._files = {file.name: file for file in _PAGE.rglob("*") if file.suffix in _TYPES}

    async def index(self, request: web.Request) -> web.StreamResponse:
        """Its links are relative, so that it works below any path. Only where a proxy has taken off
        `/mintcast` with no slash after it would they lead past it: so it is put before them."""
        prefix = request.headers.get("X-Forwarded-Prefix", "").rstrip("/")
        if not _PREFIX.fullmatch(prefix):
            return _served(_INDEX)
        page = _INDEX.read_text(encoding="utf-8")
        text = page.replace(_LINK, f'="{prefix}/page/')
        return web.Response(text=text, content_type="text/html", charset="utf-8", headers=_FRESH)

    async def named(self, request: web.Request) -> web.StreamResponse:
        """One of the files that the page names."""
        file = self._files.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound
        return _served(file)


def _served(path: Path) -> web.FileResponse:
    kind = f"{_TYPES[path.suffix]}; charset=utf-8"
    return web.FileResponse(path, headers={"Content-Type": kind, **_FRESH})
