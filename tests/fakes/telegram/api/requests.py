"""A request as it comes over the wire: in the path, as JSON, as a form or in parts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aiohttp import BodyPartReader, web

from tests.fakes.telegram.api.calls import Upload
from tests.fakes.telegram.api.refusals import Refused, bad
from tests.fakes.telegram.state.media import MOST_UPLOAD

Json = dict[str, Any]

_SLACK = 1_000_000
"""Bytes of everything else that comes with a file."""


async def read(request: web.Request, on_file: Callable[[Json], None]) -> tuple[Json, list[Upload]]:
    """The raw parameters and the files. `on_file` is called when a file begins to come, with the
    parameters before it. Raises `Refused` where it is too much or unreadable."""
    raw: Json = dict(request.query)
    if (request.content_length or 0) > MOST_UPLOAD + _SLACK:
        await _drain(request)
        raise _too_large()
    kind = request.content_type
    if request.method == "GET" or not request.can_read_body:
        return raw, []
    if kind == "multipart/form-data":
        return await _parts(request, raw, on_file)
    if kind == "application/json":
        return raw | _object(await request.text()), []
    return raw | {name: str(value) for name, value in (await request.post()).items()}, []


async def _parts(
    request: web.Request, raw: Json, on_file: Callable[[Json], None]
) -> tuple[Json, list[Upload]]:
    uploads: list[Upload] = []
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader), "Telegram takes no parts inside parts"
        name = part.name or ""
        if part.filename is None:
            raw[name] = await part.text()
            continue
        begin = await part.read_chunk()
        on_file(raw)
        data = begin + bytes(await part.read())
        uploads.append(Upload(name, part.filename, data))
    if any(one.size > MOST_UPLOAD for one in uploads):
        raise _too_large()
    return raw, uploads


async def _drain(request: web.Request) -> None:
    async for _ in request.content.iter_any():
        pass


def _object(text: str) -> Json:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise bad("can't parse request JSON object")
    return value


def _too_large() -> Refused:
    return Refused(413, "Request Entity Too Large")
