"""Chats of all four kinds, their members and topics."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.state.messages import Content, Message
from tests.fakes.telegram.state.permissions import PERMISSIONS, Membership, membership
from tests.fakes.telegram.state.texts import Text

if TYPE_CHECKING:
    from tests.fakes.telegram.people.users import User
    from tests.fakes.telegram.state.world import World

Json = dict[str, Any]

GENERAL = 1
"""The id of the General topic, which is none to send to."""

_KEPT = frozenset({"can_change_info", "can_pin_messages", "can_manage_topics"})


@dataclass(slots=True, eq=False, repr=False)
class Topic:
    """A topic of a forum. `id` is that of its first message, `root`; General has neither.
    `forgotten` is a deleted topic of which Telegram no longer knows that it ever was."""

    chat: Chat
    id: int
    name: str
    root: Message | None = None
    closed: bool = False
    deleted: bool = False
    forgotten: bool = False

    def __repr__(self) -> str:
        return f"<Topic {self.id} {self.name!r} in {self.chat.title!r}>"

    @property
    def messages(self) -> list[Message]:
        """The bot's, oldest first, deleted ones too."""
        return [one for one in self.chat.messages if one.topic is self]

    def close(self) -> None:
        """Only who may manage topics can write there now; a service message tells."""
        self.closed = True
        self.chat.serve(self.chat.owner, {"forum_topic_closed": {}}, topic=self)

    def reopen(self) -> None:
        """The opposite."""
        self.closed = False
        self.chat.serve(self.chat.owner, {"forum_topic_reopened": {}}, topic=self)

    def delete(self, *, forgotten: bool = False) -> None:
        """With all that is in it; no update tells."""
        self.deleted, self.forgotten = True, forgotten
        for message in self.chat.history:
            if message.topic is self:
                message.deleted = True


@dataclass(slots=True, eq=False, repr=False)
class Chat:
    """`user` is the person of a private chat, `owner` whose group or channel it is.

    `permissions` are what its ordinary members may do; `members` holds the bot too.
    Message 1 of a supergroup or a channel is its creation, which nobody looks at. `hides_members`
    is what a bot that is no administrator is told where it asks about one.
    """

    world: World
    id: int
    kind: str
    title: str
    user: User | None = None
    owner: User | None = None
    username: str = ""
    started: bool = True
    is_forum: bool = False
    members: dict[int, Membership] = field(default_factory=dict)
    permissions: set[str] = field(default_factory=lambda: set(PERMISSIONS) - _KEPT)
    topics: dict[int, Topic] = field(default_factory=dict)
    history: list[Message] = field(default_factory=list)
    migrated_to: int | None = None
    hides_members: str = ""
    last_id: int = 1

    def __repr__(self) -> str:
        return f"<Chat {self.id} {self.kind} {self.title!r}>"

    @property
    def is_group(self) -> bool:
        """A basic group or a supergroup."""
        return self.kind in ("group", "supergroup")

    @property
    def messages(self) -> list[Message]:
        """The bot's own, oldest first, deleted ones too; `history` has everybody's."""
        return [message for message in self.history if message.is_mine]

    @property
    def shown(self) -> list[Message]:
        """The bot's own that were not deleted."""
        return [message for message in self.messages if not message.deleted]

    @property
    def bot_member(self) -> Membership:
        """What the bot is here."""
        return self.members.get(self.world.bot.id, Membership("left"))

    @property
    def general(self) -> Topic:
        """A forum's General topic."""
        return self.topics[GENERAL]

    def member(self, user: User) -> Membership:
        """What somebody is here."""
        return self.members.get(user.id, Membership("left"))

    def add_member(
        self, user: User, status: str = "member", rights: Iterable[str] | None = None
    ) -> None:
        """Somebody comes, or becomes something else. The bot is not told."""
        self.members[user.id] = membership(status, rights, self.kind)

    def bot(
        self,
        status: str,
        rights: Iterable[str] | None = None,
        *,
        by: User | None = None,
        until: datetime | None = None,
    ) -> None:
        """The bot becomes a member, administrator, restricted, left or kicked; my_chat_member,
        and where it was added to a group a service message. An administrator has the usual rights
        where none are named, a restricted one none: for ever, or `until` then."""
        old = self.bot_member
        new = membership(status, rights, self.kind)
        if until is not None:
            new = replace(new, until=int(until.timestamp()))
        self.members[self.world.bot.id] = new
        self.world.tell_membership(self, old, new, by)
        if self.is_group and new.is_in and not old.is_in:
            self.serve(by or self.owner, {"new_chat_members": [self.world.bot.as_json()]})

    def end_restriction(self) -> None:
        """The time of the bot's restriction is over. It is not told."""
        self.members[self.world.bot.id] = Membership("member")

    def add_topic(self, name: str) -> Topic:
        """In a forum."""
        assert self.is_forum, f"{self.title} is no forum"
        topic = Topic(self, 0, name)
        topic.root = self.serve(
            self.owner,
            {"forum_topic_created": {"name": name, "icon_color": 7322096}},
            topic=topic,
        )
        return topic

    def find(self, message_id: int) -> Message | None:
        """A message that is there."""
        for message in reversed(self.history):
            if message.id == message_id:
                return None if message.deleted else message
        return None

    def next_id(self) -> int:
        """Supergroups and channels count for themselves, all other chats together."""
        if self.kind in ("supergroup", "channel"):
            self.last_id += 1
            return self.last_id
        return self.world.next_message_id()

    def put(self, sender: User | None, content: Content, topic: Topic | None = None) -> Message:
        """A new message, told to nobody."""
        message = Message(
            self, self.next_id(), content, self.world.now(), time.monotonic(), sender, topic=topic
        )
        self.history.append(message)
        self.world.changed()
        return message

    def serve(self, sender: User | None, told: Json, *, topic: Topic | None = None) -> Message:
        """A service message, which reaches the bot even in privacy mode."""
        message = self.put(sender, Content(Text()), topic)
        message.service = told
        if topic is not None and topic.id == 0:
            topic.id = message.id
            self.topics[topic.id] = topic
        if topic is not None and topic.id != GENERAL:
            message.thread_id = topic.id
        self.world.tell_message(message)
        return message

    def as_json(self) -> Json:
        """As messages name it."""
        told: Json = {"id": self.id, "type": self.kind}
        if self.user is not None:
            told["first_name"] = self.user.name
        else:
            told["title"] = self.title
        username = self.user.username if self.user else self.username
        return told | ({"username": username} if username else {}) | self._forum()

    def _forum(self) -> Json:
        return {"is_forum": True} if self.is_forum else {}


Where = Chat | Topic


def place_of(where: Where) -> tuple[Chat, Topic | None]:
    """A chat and a topic there; in a forum without one it is General."""
    if isinstance(where, Topic):
        return where.chat, where
    return where, where.topics.get(GENERAL)
