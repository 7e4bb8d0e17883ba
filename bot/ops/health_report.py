"""What `/healthz` answers: to everybody one word, to whoever may know each part of the service."""

from __future__ import annotations

from bot import __version__
from bot.kit.health import Health, Part

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
