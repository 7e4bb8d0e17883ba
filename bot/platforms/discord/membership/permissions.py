"""What the bot may do in a channel, from what Discord has told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import discord
from discord import ChannelType

from bot import texts
from bot.commands import Readiness
from bot.kit.untrusted import inert
from bot.platforms.discord.connection.invitation import PURPOSES

_POSTABLE = frozenset(
    {
        ChannelType.text,
        ChannelType.news,
        ChannelType.voice,
        ChannelType.stage_voice,
        ChannelType.public_thread,
        ChannelType.private_thread,
        ChannelType.news_thread,
    }
)
_THREADS = frozenset(
    {ChannelType.public_thread, ChannelType.private_thread, ChannelType.news_thread}
)
_VOICE = frozenset({ChannelType.voice, ChannelType.stage_voice})
_FORUMS = frozenset({ChannelType.forum, ChannelType.media})
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class ChannelContext:
    """A channel or thread of a server that the bot is in. `channel_id` is the channel whose
    permissions count: for a thread its parent. `is_joined`: the bot is in this private thread."""

    guild: discord.Guild
    id: int
    name: str
    type: ChannelType
    channel_id: int
    archived: bool = False
    locked: bool = False
    is_joined: bool = True

    @classmethod
    def of(cls, guild: discord.Guild, channel: Any) -> Self:
        """From any of discord.py's channels: a cached one, or one out of an interaction."""
        known = guild.get_thread(channel.id)
        return cls(
            guild=guild,
            id=channel.id,
            name=channel.name or "",
            type=channel.type,
            channel_id=channel.parent_id if channel.type in _THREADS else channel.id,
            archived=getattr(channel, "archived", False),
            locked=getattr(channel, "locked", False),
            is_joined=channel.type is not ChannelType.private_thread
            or (known is not None and known.me is not None),
        )

    def granted(self) -> discord.Permissions:
        """What the bot may do there; nothing where the channel is not known."""
        channel = self.guild.get_channel(self.channel_id)
        if channel is None:
            return discord.Permissions.none()
        # Not what the channel's own class makes of it: that takes away whatever is of no use while
        # another permission is missing, and each that is missing is to be named by itself.
        return discord.abc.GuildChannel.permissions_for(channel, self.guild.me)


def missing(granted: discord.Permissions, kind: ChannelType) -> tuple[str, ...]:
    """The names of permissions without which nothing of ours can be posted in such a channel. One
    for voices lets nobody at its messages who may not connect ("Missing Access":
    discord/discord-api-docs#5111, of reading them; JDA asks for it before it sends)."""
    send = "send_messages_in_threads" if kind in _THREADS else "send_messages"
    lacking = _names(("view_channel", send, "embed_links", "attach_files"), granted)
    may_enter = granted.connect or kind not in _VOICE
    return lacking if may_enter else (*lacking, texts.discord.CONNECT)


def missing_in(guild: discord.Guild) -> tuple[str, ...]:
    """Whatever an invitation asks for and the server as a whole does not give."""
    return _names(tuple(PURPOSES), guild.me.guild_permissions)


def _names(wanted: tuple[str, ...], granted: discord.Permissions) -> tuple[str, ...]:
    return tuple(PURPOSES[name][0] for name in wanted if not getattr(granted, name))


def refusal(channel: ChannelContext, granted: discord.Permissions) -> str | None:
    """Why nothing can be posted there that no permission of `missing` would mend; else None."""
    if channel.type in _FORUMS:
        return texts.discord.choose_a_post()
    if channel.type not in _POSTABLE:
        return texts.discord.not_a_channel()
    if channel.locked and not granted.manage_threads:
        return texts.discord.thread_locked()
    if not channel.is_joined and not granted.manage_threads:
        return texts.discord.thread_private()
    return None


def readiness(
    channel: ChannelContext, role: discord.Role | None, granted: discord.Permissions
) -> Readiness:
    """What stands in the way of posting there, and of mentioning that role."""
    lacking = missing(granted, channel.type)
    notes = []
    if role is not None and not may_mention(role, granted):
        notes.append(texts.discord.role_not_mentionable(inert(role.name, _LONGEST_NAME)))
    if not granted.read_message_history:
        notes.append(texts.discord.no_history())
    if channel.archived and not lacking:
        notes.append(texts.discord.archived())
    return Readiness(lacking, tuple(notes))


def may_mention(role: discord.Role, granted: discord.Permissions) -> bool:
    """Whether a message of ours pings those who have the role."""
    return role.mentionable or granted.mention_everyone


def may_see(guild: discord.Guild, channel_id: str, person: discord.Member) -> bool:
    """Whether that person sees that channel or thread; not where it is not known, as an archived
    thread. Of who is in a private thread Discord tells us only ourselves and its owner."""
    found = guild.get_channel_or_thread(int(channel_id)) if channel_id.isdecimal() else None
    if not isinstance(found, discord.Thread):
        return found is not None and found.permissions_for(person).view_channel
    parent = guild.get_channel(found.parent_id)
    granted = parent.permissions_for(person) if parent is not None else discord.Permissions.none()
    is_inside = person.id in (found.owner_id, *(one.id for one in found.members))
    return granted.view_channel and (not found.is_private() or is_inside or granted.manage_threads)


def can_post(guild: discord.Guild, channel_id: str) -> bool | None:
    """Whether alerts can go to that channel or thread of the server; None where it is not known,
    which an archived thread and a deleted channel have in common: Discord tells of neither."""
    if not channel_id.isdecimal():
        return False
    found = guild.get_channel_or_thread(int(channel_id))
    if found is None:
        return None
    channel = ChannelContext.of(guild, found)
    granted = channel.granted()
    return refusal(channel, granted) is None and not missing(granted, channel.type)
