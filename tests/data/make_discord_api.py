"""Cut the compact table of what a bot may send from Discord's published description.

    python tests/data/make_discord_api.py PATH_OF_discord-openapi.json

The description is `specs/openapi.json` of github.com/discord/discord-api-spec (MIT, © Discord
Inc.). The table beside this file keeps the requests of the routes below, with the types, lengths,
enumerations and required fields of their bodies and queries, and nothing that Discord answers.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("discord-api.json")

SOURCE = {
    "from": "github.com/discord/discord-api-spec, specs/openapi.json (v10)",
    "license": "MIT, Copyright (c) Discord Inc.",
    "made_by": "tests/data/make_discord_api.py",
}

ROUTES = {
    "/applications/@me": ("get",),
    "/applications/{application_id}/commands": ("get", "put", "post"),
    "/applications/{application_id}/commands/{command_id}": ("get", "delete", "patch"),
    "/applications/{application_id}/guilds/{guild_id}/commands": ("get", "put", "post"),
    "/channels/{channel_id}": ("get", "patch"),
    "/channels/{channel_id}/messages": ("get", "post"),
    "/channels/{channel_id}/messages/{message_id}": ("get", "delete", "patch"),
    "/channels/{channel_id}/messages/{message_id}/crosspost": ("post",),
    "/channels/{channel_id}/thread-members/@me": ("put", "delete"),
    "/channels/{channel_id}/typing": ("post",),
    "/gateway": ("get",),
    "/gateway/bot": ("get",),
    "/guilds/{guild_id}": ("get",),
    "/guilds/{guild_id}/channels": ("get",),
    "/guilds/{guild_id}/members/{user_id}": ("get",),
    "/guilds/{guild_id}/roles": ("get",),
    "/guilds/{guild_id}/threads/active": ("get",),
    "/interactions/{interaction_id}/{interaction_token}/callback": ("post",),
    "/oauth2/applications/@me": ("get",),
    "/users/@me": ("get", "patch"),
    "/users/@me/channels": ("post",),
    "/users/@me/guilds": ("get",),
    "/users/@me/guilds/{guild_id}": ("delete",),
    "/users/{user_id}": ("get",),
    "/webhooks/{webhook_id}/{webhook_token}": ("post",),
    "/webhooks/{webhook_id}/{webhook_token}/messages/@original": ("get", "delete", "patch"),
    "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}": ("get", "delete", "patch"),
}

_KEEP = {
    *("$ref", "type", "properties", "required", "items", "additionalProperties"),
    *("oneOf", "anyOf", "allOf", "enum", "const", "format", "pattern"),
    *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
    *("minimum", "maximum", "maxProperties"),
}
_REF = "#/components/schemas/"


def slim(schema: Any) -> Any:
    """A schema without what constrains nothing."""
    if isinstance(schema, list):
        return [slim(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: slim(value) for key, value in schema.items() if key in _KEEP}
    if "properties" in kept:
        kept["properties"] = {key: slim(value) for key, value in schema["properties"].items()}
    if "oneOf" in kept and all("const" in one for one in kept["oneOf"]):
        kept = {"enum": [one["const"] for one in kept["oneOf"]]}
    return kept


def referred(schema: Any) -> set[str]:
    """The names of all schemas that one points at."""
    if isinstance(schema, list):
        return set().union(*(referred(one) for one in schema))
    if not isinstance(schema, dict):
        return set()
    found = set().union(*(referred(value) for value in schema.values()))
    ref = schema.get("$ref")
    return found | {ref.removeprefix(_REF)} if isinstance(ref, str) else found


def operation(described: dict[str, Any]) -> dict[str, Any]:
    """What one method of one route takes."""
    query = {
        one["name"]: slim(one["schema"])
        for one in described.get("parameters", [])
        if one["in"] == "query"
    }
    taken: dict[str, Any] = {"query": query} if query else {}
    body = described.get("requestBody")
    if body is not None:
        content = body["content"]
        taken["body"] = slim(content["application/json"]["schema"])
        taken["files"] = "multipart/form-data" in content
    return taken


def table(description: dict[str, Any]) -> dict[str, Any]:
    """The whole table, with the schemas that its routes need and no others."""
    paths, schemas = description["paths"], description["components"]["schemas"]
    routes = {
        route: {method.upper(): operation(paths[route][method]) for method in methods}
        for route, methods in ROUTES.items()
    }
    needed: dict[str, Any] = {}
    missing = referred(routes)
    while missing:
        needed |= {name: slim(schemas[name]) for name in missing}
        missing = referred(needed) - set(needed)
    return {"source": SOURCE, "routes": routes, "schemas": dict(sorted(needed.items()))}


def main() -> None:
    """Write the table."""
    description = json.loads(Path(sys.argv[1]).read_text())
    TABLE.write_text(json.dumps(table(description), indent=1) + "\n")


if __name__ == "__main__":
    main()
