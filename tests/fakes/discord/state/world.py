"""The state of the stand-in, and how a test builds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.discord.gateway import DIRECT_MESSAGES, GUILDS, Gateway, Session
from tests.fakes.discord.people.actor import Actor
from tests.fakes.discord.people.interaction import Asked
from tests.fakes.discord.people.users import Member, User
from tests.fakes.discord.state import payloads
from tests.fakes.discord.state.messages import Attachment, Message
from tests.fakes.discord.state.places import DM, GROUP, Channel, Guild, Role, new_guild
from tests.fakes.discord.state.snowflakes import Snowflakes

__all__ = ["World"]

Json = dict[str, Any]


def _utc() -> datetime:
    return datetime.now(UTC)


class World:
    """Everything that exists. `now` gives the time; `advance` moves the stand-in ahead of it.

    `acknowledge_within` and `answer_within` are the seconds of Discord's two rules for
    interactions.
    """

    acknowledge_within = 3.0
    answer_within = 15 * 60.0
    nonce_lives = 180.0
    old_after = 3600.0
    old_edits = (3, 120.0)
    """So many edits of old messages in so many seconds, for each channel."""

    def __init__(self, *, token: str, now: Callable[[], datetime] = _utc) -> None:
        self.token = token
        self.ids = Snowflakes(self.now)
        self._now = now
        self._offset = timedelta()
        self.application_id = self.ids.next()
        self.bot = User(self, self.application_id, "Mintcast", bot=True)
        self.owner = User(self, self.ids.next(), "developer")
        self.users = {one.id: one for one in (self.bot, self.owner)}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, Message] = {}
        self.commands: dict[int, dict[str, Json]] = {}
        self.asked: dict[int, Asked] = {}
        self.nonces: dict[str, tuple[Message, datetime]] = {}
        self.files: dict[int, Attachment] = {}
        self.syncs = 0
        self.cdn = ""
        self.gateway = Gateway(token, self._ready)

    def now(self) -> datetime:
        """The stand-in's time."""
        return self._now() + self._offset

    def advance(self, seconds: float) -> None:
        """Let so much time pass here: tokens and nonces expire, messages grow old."""
        self._offset += timedelta(seconds=seconds)

    @property
    def all_messages(self) -> list[Message]:
        """All that were ever there, deleted and ephemeral ones too, oldest first."""
        return list(self.messages.values())

    def add_guild(
        self,
        name: str,
        *,
        premium_tier: int = 0,
        attachment_limit: int | None = None,
        member: bool = True,
    ) -> Guild:
        """A server that the bot is a member of, or, with `member=False`, is not; GUILD_CREATE."""
        guild = new_guild(self, name, self.add_user(f"owner of {name}"))
        guild.premium_tier, guild.attachment_limit = premium_tier, attachment_limit
        guild.has_bot = member
        self.guilds[guild.id] = guild
        self._tell_guild(guild, joined=True)
        return guild

    def remove_guild(self, guild: Guild) -> None:
        """The bot is thrown out; GUILD_DELETE."""
        guild.has_bot = False
        self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)}, intent=GUILDS)

    def restore_guild(self, guild: Guild) -> None:
        """The bot is invited again; GUILD_CREATE."""
        guild.has_bot = True
        self._tell_guild(guild, joined=True)

    def outage(self, guild: Guild) -> None:
        """Discord loses a server for a while: GUILD_DELETE that says `unavailable`."""
        guild.available = False
        told = {"id": str(guild.id), "unavailable": True}
        self.gateway.dispatch("GUILD_DELETE", told, intent=GUILDS)

    def end_outage(self, guild: Guild) -> None:
        """GUILD_CREATE."""
        guild.available = True
        self._tell_guild(guild, joined=False)

    def add_user(self, name: str) -> User:
        """A person somewhere at Discord."""
        user = User(self, self.ids.next(), name)
        self.users[user.id] = user
        return user

    def add_group(self, *people: User) -> Channel:
        """A group conversation, which the bot is never a member of."""
        channel = self.add_channel(GROUP, "group", None)
        channel.recipients = people
        return channel

    def add_channel(
        self, kind: int, name: str, guild: Guild | None, parent: Channel | None = None
    ) -> Channel:
        """One channel, told to nobody."""
        channel = Channel(self, self.ids.next(), kind, name, guild, parent)
        self.channels[channel.id] = channel
        if guild is not None:
            guild.channels[channel.id] = channel
        return channel

    def dm_of(self, user: User) -> Channel:
        """The bot's conversation with somebody; there is only one."""
        for channel in self.channels.values():
            if channel.kind == DM and user in channel.recipients:
                return channel
        channel = self.add_channel(DM, "", None)
        channel.recipients = (user,)
        return channel

    def new_member(self, user: User, guild: Guild, roles: Iterable[Role]) -> Member:
        """A person in a server."""
        return Member(user, guild, tuple(roles))

    def actor(self, user: User, channel: Channel, brought_by: User | None) -> Actor:
        """Somebody who uses the bot somewhere."""
        return Actor(self, user, channel, brought_by)

    def who_brought(self, message: Message) -> User | None:
        """Who used a bot of their own for this message; None where it is at home there."""
        asked = self.asked.get(message.interaction_id or 0)
        return asked.user if asked is not None and asked.brought else None

    def tell(self, guild: Guild | None, event: str, data: Json) -> None:
        """An event of a server, where the bot is there to see it."""
        if guild is not None and guild.has_bot and guild.available:
            self.gateway.dispatch(event, data, intent=GUILDS)

    def write(self, user: User, text: str) -> Message:
        """Somebody writes to the bot in private; MESSAGE_CREATE, with the text: there it needs no
        privilege."""
        message = Message(self.ids.next(), self.dm_of(user), user.id, self.now(), content=text)
        message.remember()
        message.channel.posts.append(message)
        self.messages[message.id] = message
        told = payloads.message(message, user, application=self.application_id)
        self.gateway.dispatch("MESSAGE_CREATE", told, intent=DIRECT_MESSAGES)
        return message

    def synced(self, guild: Guild | None) -> dict[str, Json]:
        """The commands that one can use there, by name."""
        own = self.commands.get(guild.id, {}) if guild is not None else {}
        return self.commands.get(0, {}) | own

    def bot_member(self, guild: Guild) -> Json:
        """The bot, in a server."""
        return payloads.member(
            Member(self.bot, guild, (guild.bot_role,), timed_out_until=guild.bot_timed_out_until)
        )

    def _tell_guild(self, guild: Guild, *, joined: bool) -> None:
        self.tell(guild, "GUILD_CREATE", self._guild_create(guild, joined=joined))

    def _guild_create(self, guild: Guild, *, joined: bool) -> Json:
        return payloads.guild_create(guild, self.bot_member(guild), joined=joined)

    def _ready(self, session: Session) -> list[tuple[str, Any]]:
        """The first events of a new session."""
        mine = [
            guild for guild in self.guilds.values() if guild.has_bot and session.hears_of(guild.id)
        ]
        ready = {
            "v": 10,
            "user": payloads.user(self.bot) | {"verified": True, "mfa_enabled": True, "flags": 0},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in mine],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.gateway.resume_url or self.gateway.url,
            "application": {"id": str(self.application_id), "flags": 0},
        }
        if session.shard is not None:
            ready["shard"] = list(session.shard)
        events: list[tuple[str, Any]] = [("READY", ready)]
        if session.intents & GUILDS:
            events += [
                ("GUILD_CREATE", self._guild_create(guild, joined=False))
                for guild in mine
                if guild.available
            ]
        return events
