"""The page's own files."""

from __future__ import annotations

import hashlib
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
_FRESH = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
_PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
_LINK = '="page/'


class Assets:
    """By name, none but those that are there: their folders are for whoever works on them."""

    def __init__(self) -> None:
        self._files = {file.name: file for file in _PAGE.rglob("*") if file.suffix in _TYPES}

    async def index(self, request: web.Request) -> web.StreamResponse:
        """Its links are relative, so that it works below any path. Only where a proxy has taken off
        `/mintcast` with no slash after it would they lead past it: so it is put before them."""
        page = _INDEX.read_text(encoding="utf-8")
        prefix = request.headers.get("X-Forwarded-Prefix", "").rstrip("/")
        if _PREFIX.fullmatch(prefix):
            page = page.replace(_LINK, f'="{prefix}/page/')
        return _served(request, page, _INDEX.suffix)

    async def named(self, request: web.Request) -> web.StreamResponse:
        """One of the files that the page names."""
        file = self._files.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound
        return _served(request, file.read_text(encoding="utf-8"), file.suffix)


def _served(request: web.Request, text: str, suffix: str) -> web.Response:
    """Compressed for whoever takes that; nothing at all for whoever has it already."""
    tag = hashlib.sha256(text.encode()).hexdigest()[:16]
    headers = {**_FRESH, "ETag": f'"{tag}"'}
    if any(known.value == tag for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    response = web.Response(
        text=text, content_type=_TYPES[suffix], charset="utf-8", headers=headers
    )
    response.enable_compression()
    return response
