"""The page's own files."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from aiohttp import web

_PAGE = Path(__file__).parent / "page"
_INDEX = "index.html"
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
    """By name, none but those that are there: their folders are for whoever works on them. Read
    once, so that an update beside a running service mixes no versions."""

    def __init__(self) -> None:
        files = [file for file in _PAGE.rglob("*") if file.suffix in _TYPES]
        self._texts = {file.name: file.read_text(encoding="utf-8") for file in files}

    async def index(self, request: web.Request) -> web.StreamResponse:
        """Its links are relative, so that it works below any path. Only where a proxy has taken off
        `/mintcast` with no slash after it would they lead past it: so it is put before them."""
        page = self._texts[_INDEX]
        prefix = request.headers.get("X-Forwarded-Prefix", "").rstrip("/")
        if _PREFIX.fullmatch(prefix):
            page = page.replace(_LINK, f'="{prefix}/page/')
        return _served(request, page, _INDEX)

    async def named(self, request: web.Request) -> web.StreamResponse:
        """One of the files that the page names."""
        name = request.match_info["name"]
        if name not in self._texts:
            raise web.HTTPNotFound
        return _served(request, self._texts[name], name)


def _served(request: web.Request, text: str, name: str) -> web.Response:
    """Compressed for whoever takes that; nothing at all for whoever has it already."""
    tag = hashlib.sha256(text.encode()).hexdigest()[:16]
    headers = {**_FRESH, "ETag": f'"{tag}"'}
    if any(known.value == tag for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    kind = _TYPES[Path(name).suffix]
    response = web.Response(text=text, content_type=kind, charset="utf-8", headers=headers)
    response.enable_compression()
    return response
