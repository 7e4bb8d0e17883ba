"""Discord's published description of requests, from the table under `tests/data`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.fakes.discord.api.schemas import UNKNOWN, Fault, Schemas

Json = dict[str, Any]

TABLE = Path(__file__).parents[3] / "data" / "discord-api.json"

NOT_DESCRIBED = re.compile(
    r"(\d+\.)?nsfw|(data\.)?(tts|embeds\.\d+\.flags"
    r"|attachments\.\d+\.(proxy_url|size|url|spoiler|height|width|content_type))"
)
"""What discord.py sends and Discord takes, though the description does not know it there."""

QUERIES_TOO = {"with_components", "with_response", "wait", "thread_id"}
"""Flags that discord.py writes as 0 and 1, and sends wherever they do no harm."""


@dataclass(frozen=True, slots=True)
class Route:
    """A request that is described: `template` with names in braces, `ids` what stood there."""

    method: str
    template: str
    ids: dict[str, str]
    operation: Json


@dataclass(frozen=True, slots=True)
class Description:
    """All routes of the table, and the schemas of their bodies."""

    patterns: list[tuple[re.Pattern[str], str, Json]]
    schemas: Schemas

    def find(self, method: str, path: str) -> Route | None:
        """The route of a request; None where there is none, or not in this table."""
        for pattern, template, methods in self.patterns:
            match = pattern.fullmatch(path)
            if match and method in methods:
                return Route(method, template, match.groupdict(), methods[method])
        return None

    def faults(self, route: Route, query: dict[str, str], body: Any, files: bool) -> list[Fault]:
        """What the description says against a request. `body` is None where there is none."""
        described = route.operation
        found = [
            (name, "is no parameter of this route")
            for name in query
            if name not in described.get("query", {}) and name not in QUERIES_TOO
        ]
        if files and not described.get("files"):
            found.append(("files", "this route takes none"))
        if "body" not in described:
            return found if body is None else [*found, ("", "this route takes no body")]
        if body is None:
            return [*found, ("", "the body is missing")]
        faults = self.schemas.faults(described["body"], body)
        return found + [one for one in faults if not _is_usual(one)]


@cache
def description() -> Description:
    """Read once."""
    table = json.loads(TABLE.read_text())
    # Names stand before what takes any name: `@original` before `{message_id}`.
    ordered = sorted(table["routes"], key=lambda route: (route.count("{"), route))
    patterns = [
        (re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route)), route, table["routes"][route])
        for route in ordered
    ]
    return Description(patterns, Schemas(table["schemas"]))


def _is_usual(fault: Fault) -> bool:
    path, reason = fault
    return reason == UNKNOWN and NOT_DESCRIBED.fullmatch(path) is not None
