"""The JSON that Discord makes of its objects."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.discord.state.messages import Attachment, Message

if TYPE_CHECKING:
    from tests.fakes.discord.people.users import Member, User
    from tests.fakes.discord.state.places import Channel, Guild, Role

Json = dict[str, Any]

THREAD_KINDS = (10, 11)


def stamp(at: datetime) -> str:
    """A time."""
    return at.isoformat()


def user(one: User) -> Json:
    """A person or the bot."""
    return {
        "id": str(one.id),
        "username": one.name,
        "discriminator": "0",
        "global_name": None if one.bot else one.name.capitalize(),
        "avatar": None,
        "bot": one.bot,
        "public_flags": 0,
    }


def member(one: Member, *, permissions: int | None = None) -> Json:
    """A person in a server; in an interaction with the permissions in that channel."""
    told: Json = {
        "user": user(one.user),
        "roles": [str(role.id) for role in one.roles],
        "joined_at": "2024-01-01T00:00:00+00:00",
        "nick": None,
        "avatar": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "premium_since": None,
        "communication_disabled_until": stamp(one.timed_out_until) if one.timed_out_until else None,
    }
    return told if permissions is None else told | {"permissions": str(permissions)}


def role(one: Role) -> Json:
    """A role."""
    return {
        "id": str(one.id),
        "name": one.name,
        "permissions": str(one.permissions),
        "mentionable": one.mentionable,
        "managed": one.managed,
        "position": one.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel(one: Channel) -> Json:
    """A channel, thread or conversation."""
    told: Json = {"id": str(one.id), "type": one.kind, "flags": 0, "last_message_id": None}
    if one.guild is None:
        told["recipients"] = [user(person) for person in one.recipients]
        return told | ({"name": one.name, "icon": None, "owner_id": "1"} if one.kind == 3 else {})
    told |= {"guild_id": str(one.guild.id), "name": one.name, "rate_limit_per_user": 0}
    told["parent_id"] = None if one.parent is None else str(one.parent.id)
    if one.kind in THREAD_KINDS:
        return told | _thread(one)
    return told | {
        "position": 0,
        "topic": None,
        "nsfw": one.nsfw,
        "available_tags": [],
        "bitrate": 64000,
        "user_limit": 0,
        "rtc_region": None,
        "permission_overwrites": [
            {"id": str(lay.id), "type": lay.kind, "allow": str(lay.allow), "deny": str(lay.deny)}
            for lay in one.overwrites
        ],
    }


def _thread(one: Channel) -> Json:
    return {
        "owner_id": "1",
        "message_count": len(one.posts),
        "member_count": 1,
        "total_message_sent": len(one.posts),
        "thread_metadata": {
            "archived": one.archived,
            "locked": one.locked,
            "auto_archive_duration": 1440,
            "archive_timestamp": "2024-01-01T00:00:00+00:00",
            "create_timestamp": "2024-01-01T00:00:00+00:00",
        },
    }


def guild(one: Guild) -> Json:
    """What `GET /guilds/{id}` says."""
    return {
        "id": str(one.id),
        "name": one.name,
        "icon": None,
        "splash": None,
        "banner": None,
        "owner_id": str(one.owner.id),
        "features": ["COMMUNITY"],
        "premium_tier": one.premium_tier,
        "premium_subscription_count": 0,
        "preferred_locale": "en-US",
        "system_channel_id": None if one.system_channel is None else str(one.system_channel.id),
        "system_channel_flags": 0,
        "verification_level": 1,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "afk_channel_id": None,
        "afk_timeout": 300,
        "emojis": [],
        "stickers": [],
        "roles": [role(each) for each in one.roles.values()],
    }


def guild_create(one: Guild, bot: Json, *, joined: bool) -> Json:
    """The event: the same, with channels, open threads and the bot as the only member told. It
    says `unavailable: false` where the bot was a member before: so discord.py tells them apart."""
    here = one.channels.values()
    return guild(one) | {
        "member_count": len(one.members) + 1,
        "large": False,
        "joined_at": "2024-01-01T00:00:00+00:00",
        "channels": [channel(each) for each in here if each.kind not in THREAD_KINDS],
        "threads": [
            channel(each) for each in here if each.kind in THREAD_KINDS and not each.archived
        ],
        "members": [bot],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        **({} if joined else {"unavailable": False}),
    }


def attachment(one: Attachment) -> Json:
    """A file."""
    told: Json = {
        "id": str(one.id),
        "filename": one.name,
        "size": len(one.data),
        "url": one.url,
        "proxy_url": one.url,
        "content_type": one.content_type,
        "flags": 0,
    }
    return told if one.description is None else told | {"description": one.description}


def message(one: Message, author: User, *, application: int, nonce: bool = False) -> Json:
    """A message. A file that an embed shows is not among its attachments, as at Discord
    (discord-api-docs#1340); the nonce is told to its sender only."""
    told: Json = {
        "id": str(one.id),
        "channel_id": str(one.channel.id),
        "type": 0 if one.interaction_id is None else 20,
        "author": user(author),
        "content": one.content,
        "timestamp": stamp(one.created),
        "edited_timestamp": None if one.edited_at is None else stamp(one.edited_at),
        "tts": False,
        "pinned": False,
        "mention_everyone": one.mention_everyone,
        "mentions": [],
        "mention_roles": [str(each) for each in one.mention_roles],
        "embeds": one.embeds,
        "components": one.components,
        "attachments": [
            attachment(each) for each in one.attachments if each.url not in one.in_embeds
        ],
        "flags": one.flags,
    }
    if one.interaction_id is not None:
        told |= {"application_id": str(application), "webhook_id": str(application)}
    return told | ({"nonce": one.nonce} if nonce and one.nonce is not None else {})
