"""Which function answers which request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.fakes.discord.api import interactions, lookups, messages

if TYPE_CHECKING:
    from tests.fakes.discord.api.requests import Query
    from tests.fakes.discord.state.world import World

Handler = Callable[["World", "Query"], tuple[int, Any]]

_MESSAGES = "/channels/{channel_id}/messages"
_ONE = f"{_MESSAGES}/{{message_id}}"
_HOOK = "/webhooks/{webhook_id}/{webhook_token}"
_ORIGINAL = f"{_HOOK}/messages/@original"
_FOLLOWUP = f"{_HOOK}/messages/{{message_id}}"
_COMMANDS = "/applications/{application_id}/commands"
_GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"

HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "/users/@me"): lookups.me,
    ("GET", "/oauth2/applications/@me"): lookups.application,
    ("GET", "/applications/@me"): lookups.application,
    ("GET", "/gateway"): lookups.gateway,
    ("GET", "/gateway/bot"): lookups.gateway,
    ("GET", "/channels/{channel_id}"): lookups.channel,
    ("PATCH", "/channels/{channel_id}"): messages.change_thread,
    ("GET", "/guilds/{guild_id}"): lookups.guild,
    ("GET", "/guilds/{guild_id}/channels"): lookups.guild_channels,
    ("GET", "/guilds/{guild_id}/threads/active"): lookups.guild_threads,
    ("GET", "/guilds/{guild_id}/roles"): lookups.guild_roles,
    ("GET", "/guilds/{guild_id}/members/{user_id}"): lookups.guild_member,
    ("GET", "/users/@me/guilds"): lookups.my_guilds,
    ("DELETE", "/users/@me/guilds/{guild_id}"): lookups.leave,
    ("GET", "/users/{user_id}"): lookups.user,
    ("POST", "/users/@me/channels"): lookups.open_dm,
    ("GET", _COMMANDS): lookups.commands,
    ("PUT", _COMMANDS): lookups.set_commands,
    ("GET", _GUILD_COMMANDS): lookups.commands,
    ("PUT", _GUILD_COMMANDS): lookups.set_commands,
    ("POST", _MESSAGES): messages.create,
    ("GET", _MESSAGES): messages.history,
    ("GET", _ONE): messages.get,
    ("PATCH", _ONE): messages.edit,
    ("DELETE", _ONE): messages.delete,
    ("POST", f"{_ONE}/crosspost"): messages.crosspost,
    ("POST", "/channels/{channel_id}/typing"): messages.typing,
    (
        "POST",
        "/interactions/{interaction_id}/{interaction_token}/callback",
    ): interactions.callback,
    ("POST", _HOOK): interactions.follow_up,
    ("GET", _ORIGINAL): interactions.get,
    ("PATCH", _ORIGINAL): interactions.edit,
    ("DELETE", _ORIGINAL): interactions.delete,
    ("GET", _FOLLOWUP): interactions.get,
    ("PATCH", _FOLLOWUP): interactions.edit,
    ("DELETE", _FOLLOWUP): interactions.delete,
}

WITHOUT_TOKEN = ("/interactions/", "/webhooks/")
"""Paths that carry a token of their own. They are not counted in the global limit either."""
