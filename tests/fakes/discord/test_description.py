"""The table cut from Discord's description, and the validator that reads it."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from tests.fakes.discord.api.description import TABLE, description
from tests.fakes.discord.api.routing import HANDLERS
from tests.fakes.discord.test_messages import BUTTON, WRONG, WRONG_BUTTONS

RIGHT: list[dict[str, Any]] = [
    {"content": "x", "nonce": "n", "enforce_nonce": True, "flags": 4096},
    {"content": "x", "nonce": 5},
    {"embeds": [{"title": "x", "color": 255, "fields": [{"name": "a", "value": "b"}]}]},
    {"content": "x", "components": [{"type": 1, "components": [BUTTON] * 5}]},
    {"content": "x", "allowed_mentions": {"parse": [], "roles": ["123"]}},
    {"content": "x", "attachments": [{"id": "0", "filename": "a.png"}]},
    {"flags": 32768, "components": [{"type": 10, "content": "x"}]},
]
_ROWS = [
    {"components": [{"type": 1, "components": row}]} for row, _ in WRONG_BUTTONS.values() if row
]
SAMPLES = [*RIGHT, *(body for body, _ in WRONG.values()), *_ROWS]


def the_standard_one() -> jsonschema.Draft202012Validator:
    """jsonschema's validator of a new message; it lets unknown fields pass."""
    find = description().find("POST", "/channels/1/messages")
    assert find is not None
    schema = {**find.operation["body"], "components": {"schemas": description().schemas.named}}
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("body", SAMPLES, ids=str)
def test_what_jsonschema_refuses_is_refused(body: dict[str, Any]) -> None:
    route = description().find("POST", "/channels/1/messages")
    assert route is not None
    ours = description().faults(route, {}, body, False)
    theirs = list(the_standard_one().iter_errors(body))
    if theirs:
        assert ours
    else:
        assert all("not known" in why or "no URL" in why for _, why in ours)


@pytest.mark.parametrize("body", RIGHT, ids=str)
def test_what_is_right_passes(body: dict[str, Any]) -> None:
    route = description().find("POST", "/channels/1/messages")
    assert route is not None
    assert description().faults(route, {}, body, False) == []


@pytest.mark.parametrize(("method", "route"), HANDLERS)
def test_every_answered_route_is_described(method: str, route: str) -> None:
    found = description().find(method, route.replace("{", "").replace("}", ""))
    assert found is not None
    assert found.template == route


def test_the_table_is_small_and_names_its_source() -> None:
    text = TABLE.read_text()
    assert len(text) < 150_000
    assert "discord-api-spec" in text[:300]
    assert "MIT" in text[:300]
