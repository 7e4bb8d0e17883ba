"""A request as it came over the wire."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from tests.fakes.discord.api.description import Route
from tests.fakes.discord.api.refusals import Refused

_FILE = re.compile(r"files\[(\d)\]")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came along; `index` is the number in `files[n]`."""

    index: int
    name: str
    data: bytes


@dataclass(slots=True)
class Call:
    """A request and what became of it, for the test to look at.

    `path` is below `/api/v10`; `route` the same with names in place of ids; `files` are names and
    sizes; `at` is `time.monotonic`. `status` is 0 where no answer was given, `code` Discord's.
    """

    method: str
    path: str
    route: str = ""
    at: float = field(default_factory=time.monotonic)
    json: Any = None
    files: tuple[tuple[str, int], ...] = ()
    status: int = 0
    code: int = 0


@dataclass(frozen=True, slots=True)
class Query:
    """A request that is known, allowed and well formed."""

    route: Route
    params: dict[str, str]
    json: Any
    uploads: tuple[Upload, ...] = ()

    def id(self, name: str) -> int:
        """An id in the path; 0, which is nobody's, where it is no number."""
        text = self.route.ids[name]
        return int(text) if text.isdecimal() else 0


async def read_body(request: web.Request) -> tuple[Any, tuple[Upload, ...]]:
    """The JSON, None where there is none, and the files."""
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request)
    text = await request.text()
    if not text:
        return None, ()
    if request.content_type != "application/json":
        raise Refused(400, 50109)
    return _parse(text), ()


async def _read_multipart(request: web.Request) -> tuple[Any, tuple[Upload, ...]]:
    told: Any = None
    uploads = []
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader), "Discord takes no nested parts"
        data = bytes(await part.read())
        match = _FILE.fullmatch(part.name or "")
        if part.name == "payload_json":
            told = _parse(data.decode())
        elif match:
            uploads.append(Upload(int(match[1]), part.filename or "", data))
        else:
            raise Refused(400, 50035)
    return told, tuple(uploads)


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Refused(400, 50109) from None
