"""What an interaction says of who acts, and of what the bot may do there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.discord.state import payloads
from tests.fakes.discord.state.permissions import ALL, bits

if TYPE_CHECKING:
    from tests.fakes.discord.people.actor import Actor
    from tests.fakes.discord.people.users import User
    from tests.fakes.discord.state.places import Channel

Json = dict[str, Any]


def who(actor: Actor) -> Json:
    """The person; in a server as its member, with the server."""
    guild = actor.channel.guild
    if guild is None:
        return {"user": payloads.user(actor.user)}
    held = actor.member.permissions_in(actor.channel)
    return {
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": "en-US", "features": ["COMMUNITY"]},
        "guild_locale": "en-US",
        "member": payloads.member(actor.member, permissions=held),
    }


def app_permissions(channel: Channel) -> int:
    """Of the bot here; where it is no member, what Discord gives every app there."""
    if channel.guild is None:
        return ALL if channel.kind == 1 else bits(["embed_links", "attach_files"])
    if not channel.guild.has_bot:
        return bits(["embed_links", "attach_files", "mention_everyone"])
    return channel.bot_permissions()


def owners(channel: Channel, brought_by: User | None) -> dict[str, str]:
    """Where the bot is installed: for whom (1), in which server (0)."""
    guild = channel.guild
    found = {"1": str(brought_by.id)} if brought_by else {}
    if guild is not None and guild.has_bot:
        found["0"] = str(guild.id)
    return found or {"0": "0"}
