"""Requests about the application, its commands, servers and people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.discord.api.messages import find_channel
from tests.fakes.discord.api.refusals import Invalid, forbidden, gone
from tests.fakes.discord.state import payloads
from tests.fakes.discord.state.places import Guild

if TYPE_CHECKING:
    from tests.fakes.discord.api.requests import Query
    from tests.fakes.discord.state.world import World

Answer = tuple[int, Any]
Json = dict[str, Any]

COMMANDS = 100
CHARACTERS = 8000
"""Of the names, descriptions and values of one command."""


def me(world: World, query: Query) -> Answer:
    """GET /users/@me."""
    return 200, payloads.user(world.bot) | {"verified": True, "mfa_enabled": True, "flags": 0}


def application(world: World, query: Query) -> Answer:
    """GET /oauth2/applications/@me and /applications/@me."""
    owner = payloads.user(world.owner)
    return 200, {
        "id": str(world.application_id),
        "name": world.bot.name,
        "icon": None,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "owner": owner,
        "team": None,
        "flags": 0,
        "integration_types_config": {"0": {}, "1": {}},
    }


def gateway(world: World, query: Query) -> Answer:
    """GET /gateway and /gateway/bot."""
    most = world.gateway.max_concurrency
    limit = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": most}
    bot = query.route.template.endswith("/bot")
    more = {"shards": 1, "session_start_limit": limit} if bot else {}
    return 200, {"url": world.gateway.url, **more}


def channel(world: World, query: Query) -> Answer:
    """GET /channels/{c}."""
    return 200, payloads.channel(find_channel(world, query))


def guild(world: World, query: Query) -> Answer:
    """GET /guilds/{g}."""
    return 200, payloads.guild(_guild(world, query))


def guild_channels(world: World, query: Query) -> Answer:
    """GET /guilds/{g}/channels."""
    found = _guild(world, query).channels.values()
    return 200, [payloads.channel(one) for one in found if not one.is_thread]


def guild_threads(world: World, query: Query) -> Answer:
    """GET /guilds/{g}/threads/active."""
    found = _guild(world, query).channels.values()
    threads = [payloads.channel(one) for one in found if one.is_thread and not one.archived]
    return 200, {"threads": threads, "members": []}


def guild_roles(world: World, query: Query) -> Answer:
    """GET /guilds/{g}/roles."""
    return 200, [payloads.role(one) for one in _guild(world, query).roles.values()]


def guild_member(world: World, query: Query) -> Answer:
    """GET /guilds/{g}/members/{u}."""
    found = _guild(world, query)
    user = query.id("user_id")
    if user == world.bot.id:
        return 200, world.bot_member(found)
    if user not in found.members:
        raise gone(10007)
    return 200, payloads.member(found.members[user])


def my_guilds(world: World, query: Query) -> Answer:
    """GET /users/@me/guilds."""
    mine = [one for one in world.guilds.values() if one.has_bot]
    return 200, [
        {"id": str(one.id), "name": one.name, "icon": None, "owner": False, "features": []}
        | {"permissions": str(one.base_permissions({one.bot_role.id}))}
        for one in mine
    ]


def leave(world: World, query: Query) -> Answer:
    """DELETE /users/@me/guilds/{g}."""
    world.remove_guild(_guild(world, query))
    return 204, None


def user(world: World, query: Query) -> Answer:
    """GET /users/{u}."""
    found = world.users.get(query.id("user_id"))
    if found is None:
        raise gone(10013)
    return 200, payloads.user(found)


def open_dm(world: World, query: Query) -> Answer:
    """POST /users/@me/channels."""
    found = world.users.get(int(query.json.get("recipient_id") or 0))
    if found is None or found.bot:
        raise gone(10013)
    return 200, payloads.channel(world.dm_of(found))


def commands(world: World, query: Query) -> Answer:
    """GET …/commands."""
    return 200, list(world.commands.get(_scope(world, query), {}).values())


def set_commands(world: World, query: Query) -> Answer:
    """PUT …/commands: all of them, in place of those before."""
    scope = _scope(world, query)
    before = world.commands.get(scope, {})
    told: list[Json] = query.json or []
    names = [one["name"] for one in told]
    if len(set(names)) < len(names) or len(names) > COMMANDS:
        raise Invalid({"_": f"{len(names)} commands, {len(set(names))} names"})
    for index, one in enumerate(told):
        _check_command(str(index), one)
    world.commands[scope] = {one["name"]: _stored(world, scope, one, before) for one in told}
    world.syncs += 1
    return 200, list(world.commands[scope].values())


def _stored(world: World, scope: int, told: Json, before: dict[str, Json]) -> Json:
    kept = before.get(told["name"], {}).get("id")
    permissions = told.get("default_member_permissions")
    known: Json = {
        "type": 1,
        "description": "",
        "options": [],
        "nsfw": False,
        "contexts": None,
        "integration_types": [0],
        **told,
        "id": kept or str(world.ids.next()),
        "application_id": str(world.application_id),
        "version": str(world.ids.next()),
        "default_member_permissions": None if permissions is None else str(permissions),
    }
    return known | ({"guild_id": str(scope)} if scope else {})


def _check_command(place: str, told: Json) -> None:
    if told.get("type", 1) == 1 and not told.get("description"):
        raise Invalid({f"{place}.description": "is required"})
    if told["name"] != told["name"].lower() or " " in told["name"]:
        raise Invalid({f"{place}.name": "is in small letters, without blanks"})
    optional = False
    for number, option in enumerate(told.get("options") or ()):
        if option.get("required") and optional:
            raise Invalid({f"{place}.options.{number}": "required ones stand first"})
        optional = optional or not option.get("required")
    if _characters(told) > CHARACTERS:
        raise Invalid({place: f"more than {CHARACTERS} characters"})


def _characters(told: Json) -> int:
    inner = [*(told.get("options") or ()), *(told.get("choices") or ())]
    own = len(told.get("name", "")) + len(told.get("description", ""))
    return own + len(str(told.get("value", ""))) + sum(map(_characters, inner))


def _scope(world: World, query: Query) -> int:
    """0 for everywhere, or the server's id."""
    if query.id("application_id") != world.application_id:
        raise forbidden(50001)
    return query.id("guild_id") if "guild_id" in query.route.ids else 0


def _guild(world: World, query: Query) -> Guild:
    found = world.guilds.get(query.id("guild_id"))
    if found is None or not found.has_bot:
        raise gone(10004)
    return found
