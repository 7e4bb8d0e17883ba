"""Servers, channels, threads and roles, and the events that tell of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.discord.state import payloads
from tests.fakes.discord.state.messages import Message
from tests.fakes.discord.state.permissions import ALL, BOT_BY_DEFAULT, Overwrite, bits, in_channel
from tests.fakes.discord.state.permissions import MEMBER_BY_DEFAULT as MEMBER

if TYPE_CHECKING:
    from tests.fakes.discord.people.users import Member, User
    from tests.fakes.discord.state.world import World

TEXT, DM, VOICE, GROUP, NEWS, NEWS_THREAD, THREAD, FORUM = 0, 1, 2, 3, 5, 10, 11, 15

TIER_LIMITS = {0: 10 << 20, 1: 10 << 20, 2: 50 << 20, 3: 100 << 20}
"""Bytes of one file, by the server's boosts."""


@dataclass(slots=True, eq=False)
class Role:
    """A role of one server."""

    id: int
    name: str
    permissions: int = 0
    mentionable: bool = False
    managed: bool = False
    position: int = 1

    @property
    def mention(self) -> str:
        """As one writes it."""
        return f"<@&{self.id}>"


@dataclass(slots=True, eq=False)
class Channel:
    """A channel, a thread, a forum or a direct conversation. `messages` are those that are there
    for everybody; what was deleted is gone from them and still in `world.all_messages`."""

    world: World = field(repr=False)
    id: int
    kind: int
    name: str
    guild: Guild | None = field(default=None, repr=False)
    parent: Channel | None = None
    archived: bool = False
    locked: bool = False
    nsfw: bool = False
    overwrites: list[Overwrite] = field(default_factory=list)
    recipients: tuple[User, ...] = ()
    posts: list[Message] = field(default_factory=list, repr=False)
    old_edits: list[float] = field(default_factory=list)

    @property
    def is_thread(self) -> bool:
        """Threads, and the posts of a forum."""
        return self.kind in (NEWS_THREAD, THREAD)

    @property
    def messages(self) -> list[Message]:
        """What anybody there can read, oldest first."""
        return [one for one in self.posts if not one.deleted and not one.ephemeral]

    @property
    def mention(self) -> str:
        """As one writes it."""
        return f"<#{self.id}>"

    def bot_permissions(self) -> int:
        """What the bot may do here; everything in a direct conversation."""
        if self.guild is None:
            return ALL
        if not self.guild.has_bot:
            return 0
        return self.permissions_of(self.world.bot.id, {self.guild.bot_role.id})

    def permissions_of(self, member: int, roles: set[int]) -> int:
        """What a member with these roles may do here."""
        assert self.guild is not None, "there are no roles in a direct conversation"
        held = self.guild.base_permissions(roles)
        place = self.parent or self
        return in_channel(
            held, place.overwrites, everyone=self.guild.id, roles=roles, member=member
        )

    def deny(self, *names: str) -> None:
        """Take permissions from the bot here; CHANNEL_UPDATE."""
        one = self._overwrite()
        one.deny |= bits(names)
        one.allow &= ~bits(names)
        self.changed()

    def allow(self, *names: str) -> None:
        """Give the bot permissions here, whatever its roles say; CHANNEL_UPDATE."""
        one = self._overwrite()
        one.allow |= bits(names)
        one.deny &= ~bits(names)
        self.changed()

    def add_thread(self, name: str, *, archived: bool = False, locked: bool = False) -> Channel:
        """A thread, or a post in a forum; THREAD_CREATE. Of an archived one nobody is told."""
        kind = NEWS_THREAD if self.kind == NEWS else THREAD
        thread = self.world.add_channel(kind, name, self.guild, parent=self)
        thread.archived, thread.locked = archived, locked
        if not archived:
            self.world.tell(self.guild, "THREAD_CREATE", payloads.channel(thread))
        return thread

    def set_thread(self, *, archived: bool | None = None, locked: bool | None = None) -> None:
        """Archive, reopen, lock or unlock; THREAD_UPDATE."""
        self.archived = self.archived if archived is None else archived
        self.locked = self.locked if locked is None else locked
        self.changed()

    def restrict(self, *, nsfw: bool = True) -> None:
        """Let in only people who confirm their age; CHANNEL_UPDATE."""
        self.nsfw = nsfw
        self.changed()

    def changed(self) -> None:
        """Tell the bot how it is now."""
        event = "THREAD_UPDATE" if self.is_thread else "CHANNEL_UPDATE"
        self.world.tell(self.guild, event, payloads.channel(self))

    def _overwrite(self) -> Overwrite:
        bot = self.world.bot.id
        for one in self.overwrites:
            if one.id == bot:
                return one
        self.overwrites.append(Overwrite(bot, 1))
        return self.overwrites[-1]


@dataclass(slots=True, eq=False)
class Guild:
    """A server. `attachment_limit` in bytes is by the boosts where it is None. `has_bot` is false
    where the bot is not, or is no more, a member. `external_apps` false: what an app that somebody
    brought along answers, only they can see."""

    world: World = field(repr=False)
    id: int
    name: str
    owner: User
    bot_role: Role
    bot_timed_out_until: datetime | None = None
    premium_tier: int = 0
    attachment_limit: int | None = None
    has_bot: bool = True
    available: bool = True
    external_apps: bool = True
    system_channel: Channel | None = None
    opened: set[str] = field(default_factory=set)
    roles: dict[int, Role] = field(default_factory=dict, repr=False)
    channels: dict[int, Channel] = field(default_factory=dict, repr=False)
    members: dict[int, Member] = field(default_factory=dict, repr=False)

    @property
    def file_limit(self) -> int:
        """Bytes of one file in a message of the bot."""
        return self.attachment_limit or TIER_LIMITS[self.premium_tier]

    def base_permissions(self, roles: set[int]) -> int:
        """What these roles, and everybody's, add up to."""
        value = 0
        for role in roles | {self.id}:
            value |= self.roles[role].permissions if role in self.roles else 0
        return value

    def add_text_channel(
        self, name: str, *, news: bool = False, deny: Iterable[str] = (), allow: Iterable[str] = ()
    ) -> Channel:
        """A text or announcement channel; CHANNEL_CREATE. `deny` and `allow` are for the bot."""
        return self._add(NEWS if news else TEXT, name, deny, allow)

    def add_voice_channel(self, name: str, *, deny: Iterable[str] = ()) -> Channel:
        """One for voices, which has messages as well."""
        return self._add(VOICE, name, deny, ())

    def add_forum(
        self, name: str, *, deny: Iterable[str] = (), allow: Iterable[str] = ()
    ) -> Channel:
        """A forum; its posts are `add_thread`."""
        return self._add(FORUM, name, deny, allow)

    def delete_channel(self, channel: Channel) -> None:
        """With its threads; CHANNEL_DELETE or THREAD_DELETE."""
        for one in [one for one in self.channels.values() if one.parent is channel]:
            self._forget(one)
        self._forget(channel)
        event = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
        self.world.tell(self, event, payloads.channel(channel))

    def add_role(
        self, name: str, *, mentionable: bool = False, permissions: Iterable[str] = ()
    ) -> Role:
        """GUILD_ROLE_CREATE."""
        role = Role(self.world.ids.next(), name, bits(permissions), mentionable)
        self.roles[role.id] = role
        self._tell_role("GUILD_ROLE_CREATE", role)
        return role

    def set_role(self, role: Role, *, mentionable: bool) -> None:
        """GUILD_ROLE_UPDATE."""
        role.mentionable = mentionable
        self._tell_role("GUILD_ROLE_UPDATE", role)

    def delete_role(self, role: Role) -> None:
        """GUILD_ROLE_DELETE."""
        del self.roles[role.id]
        gone = {"guild_id": str(self.id), "role_id": str(role.id)}
        self.world.tell(self, "GUILD_ROLE_DELETE", gone)

    def set_bot_permissions(self, *names: str) -> None:
        """All that the bot may do in this server; GUILD_ROLE_UPDATE of its own role."""
        self.bot_role.permissions = bits(names)
        self._tell_role("GUILD_ROLE_UPDATE", self.bot_role)

    def time_out_bot(self, until: datetime | None) -> None:
        """A moderator lets the bot write nothing until then; GUILD_MEMBER_UPDATE."""
        self.bot_timed_out_until = until
        told = self.world.bot_member(self) | {"guild_id": str(self.id)}
        self.world.tell(self, "GUILD_MEMBER_UPDATE", told)

    def add_member(
        self, user: User, *, permissions: Iterable[str] = (), roles: Iterable[Role] = ()
    ) -> Member:
        """A person comes in, with these permissions beside the usual ones."""
        own = Role(self.world.ids.next(), f"of {user.name}", bits([*MEMBER, *permissions]))
        self.roles[own.id] = own
        self._tell_role("GUILD_ROLE_CREATE", own)
        self.members[user.id] = self.world.new_member(user, self, (own, *roles))
        return self.members[user.id]

    def open_command(self, name: str) -> None:
        """An administrator lets everybody use a command, whatever its default permissions."""
        self.opened.add(name)

    def _add(self, kind: int, name: str, deny: Iterable[str], allow: Iterable[str]) -> Channel:
        channel = self.world.add_channel(kind, name, self)
        allowed, denied = bits(allow), bits(deny)
        if allowed or denied:
            channel.overwrites.append(Overwrite(self.world.bot.id, 1, allowed, denied))
        self.world.tell(self, "CHANNEL_CREATE", payloads.channel(channel))
        return channel

    def _forget(self, channel: Channel) -> None:
        del self.channels[channel.id]
        self.world.channels.pop(channel.id)

    def _tell_role(self, event: str, role: Role) -> None:
        told: dict[str, Any] = {"guild_id": str(self.id), "role": payloads.role(role)}
        self.world.tell(self, event, told)


def new_guild(world: World, name: str, owner: User) -> Guild:
    """A server with the role of everybody, who may nothing, and the bot's own."""
    own_id = world.ids.next()
    everyone = Role(own_id, "@everyone", position=0)
    own = Role(world.ids.next(), world.bot.name, bits(BOT_BY_DEFAULT), managed=True)
    guild = Guild(world, own_id, name, owner, own)
    guild.roles = {everyone.id: everyone, own.id: own}
    return guild
