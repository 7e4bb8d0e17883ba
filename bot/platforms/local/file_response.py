"""A file of ours as it is answered, whatever dates it is asked for with."""

from __future__ import annotations

from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter

_DATES = {
    hdrs.IF_MODIFIED_SINCE: "if_modified_since",
    hdrs.IF_UNMODIFIED_SINCE: "if_unmodified_since",
    hdrs.IF_RANGE: "if_range",
}
"""Headers, and how aiohttp calls what it reads there."""


class FileResponse(web.FileResponse):
    """aiohttp's, to which a date that is none means nothing. By itself, a year beyond all ends the
    connection without an answer (3.14.5, tried 2026-12)."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """See aiohttp."""
        odd = [name for name, read in _DATES.items() if not _can_be_read(request, read)]
        if odd:
            headers = request.headers.copy()
            for name in odd:
                headers.popall(name)
            request = request.clone(headers=headers)
        return await super().prepare(request)


def _can_be_read(request: web.BaseRequest, date: str) -> bool:
    try:
        getattr(request, date)
    except (ValueError, OverflowError):
        return False
    return True
