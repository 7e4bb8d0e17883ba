"""`/healthz`: what it answers, and how `mintcast check` asks a service that runs for it.

To everybody it says one word, to whoever may know each part of the service.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot import __version__
from bot.kit.health import Health, Part

_SECONDS = 4.0
_STATUS = frozenset({"ok", "failing", "starting", "stopping"})
_LONGEST = 300
"""Characters of what is shown of it."""
_MOST_BYTES = 1 << 20
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104

Json = dict[str, object]


def health_report(health: Health, *, in_detail: bool) -> tuple[int, Json]:
    """The status, 200 or 503, and the body. A version and an error are of use to an attacker."""
    body: Json = {"status": health.status}
    if in_detail:
        body["version"] = __version__
        body["parts"] = {part.name: _told(part) for part in health.parts()}
    return 200 if health.ok else 503, body


def _told(part: Part) -> Json:
    since = part.since.isoformat().replace("+00:00", "Z") if part.since else None
    age = None if part.age is None else round(part.age, 1)
    return {"ok": part.ok, "detail": part.detail, "since": since, "age": age}


@dataclass(frozen=True, slots=True)
class ToldPart:
    """A part of the service that was asked; `age` in seconds."""

    name: str
    ok: bool
    detail: str
    age: float | None


@dataclass(frozen=True, slots=True)
class Told:
    """What it says. `version` and `parts` are empty where it wants a password that we lack."""

    origin: str
    status: str
    version: str
    parts: tuple[ToldPart, ...]


async def ask_health(host: str, port: int, password: str | None) -> Told | None:
    """None: no Mintcast answers there."""
    host = _EVERYWHERE.get(host, host)
    origin = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    login = base64.b64encode(f"check:{password}".encode()).decode()
    tries = [{"Authorization": f"Basic {login}"}, {}] if password else [{}]
    try:
        async with asyncio.timeout(_SECONDS), aiohttp.ClientSession() as session:
            for headers in tries:
                told = await _ask(session, origin, headers)
                if told is not None:
                    return told
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError, RecursionError):
        pass  # another program may answer whatever it likes
    return None


async def _ask(
    session: aiohttp.ClientSession, origin: str, headers: Mapping[str, str]
) -> Told | None:
    """Raises ValueError for what is no JSON, and what aiohttp raises."""
    async with session.get(f"{origin}/healthz", headers=headers, allow_redirects=False) as response:
        body = json.loads(await response.content.read(_MOST_BYTES))
    status = body.get("status") if isinstance(body, dict) else None
    if status not in _STATUS:
        return None
    parts = body.get("parts")
    rows = parts.items() if isinstance(parts, dict) else ()
    told = tuple(_part(name, row) for name, row in rows if isinstance(row, dict))
    return Told(origin, status, _text(body.get("version")), told)


def _part(name: str, row: Mapping[str, Any]) -> ToldPart:
    age = row.get("age")
    return ToldPart(
        _text(name),
        row.get("ok") is True,
        _text(row.get("detail")),
        float(age) if isinstance(age, int | float) else None,
    )


def _text(value: object) -> str:
    """Without what would move about in a terminal."""
    text = value[:_LONGEST] if isinstance(value, str) else ""
    return "".join(filter(str.isprintable, text))
