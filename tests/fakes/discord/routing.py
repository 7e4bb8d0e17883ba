"""Which function answers which request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.fakes.discord import api_interactions, api_lookups, api_messages

if TYPE_CHECKING:
    from tests.fakes.discord.requests import Query
    from tests.fakes.discord.world import World

Handler = Callable[["World", "Query"], tuple[int, Any]]

_MESSAGES = "/channels/{channel_id}/messages"
_ONE = f"{_MESSAGES}/{{message_id}}"
_HOOK = "/webhooks/{webhook_id}/{webhook_token}"
_ORIGINAL = f"{_HOOK}/messages/@original"
_FOLLOWUP = f"{_HOOK}/messages/{{message_id}}"
_COMMANDS = "/applications/{application_id}/commands"
_GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"

HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "/users/@me"): api_lookups.me,
    ("GET", "/oauth2/applications/@me"): api_lookups.application,
    ("GET", "/applications/@me"): api_lookups.application,
    ("GET", "/gateway"): api_lookups.gateway,
    ("GET", "/gateway/bot"): api_lookups.gateway,
    ("GET", "/channels/{channel_id}"): api_lookups.channel,
    ("PATCH", "/channels/{channel_id}"): api_messages.change_thread,
    ("GET", "/guilds/{guild_id}"): api_lookups.guild,
    ("GET", "/guilds/{guild_id}/channels"): api_lookups.guild_channels,
    ("GET", "/guilds/{guild_id}/threads/active"): api_lookups.guild_threads,
    ("GET", "/guilds/{guild_id}/roles"): api_lookups.guild_roles,
    ("GET", "/guilds/{guild_id}/members/{user_id}"): api_lookups.guild_member,
    ("GET", "/users/@me/guilds"): api_lookups.my_guilds,
    ("DELETE", "/users/@me/guilds/{guild_id}"): api_lookups.leave,
    ("GET", "/users/{user_id}"): api_lookups.user,
    ("POST", "/users/@me/channels"): api_lookups.open_dm,
    ("GET", _COMMANDS): api_lookups.commands,
    ("PUT", _COMMANDS): api_lookups.set_commands,
    ("GET", _GUILD_COMMANDS): api_lookups.commands,
    ("PUT", _GUILD_COMMANDS): api_lookups.set_commands,
    ("POST", _MESSAGES): api_messages.create,
    ("GET", _MESSAGES): api_messages.history,
    ("GET", _ONE): api_messages.get,
    ("PATCH", _ONE): api_messages.edit,
    ("DELETE", _ONE): api_messages.delete,
    ("POST", f"{_ONE}/crosspost"): api_messages.crosspost,
    ("POST", "/channels/{channel_id}/typing"): api_messages.typing,
    (
        "POST",
        "/interactions/{interaction_id}/{interaction_token}/callback",
    ): api_interactions.callback,
    ("POST", _HOOK): api_interactions.follow_up,
    ("GET", _ORIGINAL): api_interactions.get,
    ("PATCH", _ORIGINAL): api_interactions.edit,
    ("DELETE", _ORIGINAL): api_interactions.delete,
    ("GET", _FOLLOWUP): api_interactions.get,
    ("PATCH", _FOLLOWUP): api_interactions.edit,
    ("DELETE", _FOLLOWUP): api_interactions.delete,
}

WITHOUT_TOKEN = ("/interactions/", "/webhooks/")
"""Paths that carry a token of their own. They are not counted in the global limit either."""
