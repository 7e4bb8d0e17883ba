"""The state of the stand-in, and how a test builds and changes it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Literal

from tests.fakes.telegram.api.calls import Call
from tests.fakes.telegram.api.faults import Faults
from tests.fakes.telegram.api.limits import Limits
from tests.fakes.telegram.people.actions import Pressed
from tests.fakes.telegram.people.users import User
from tests.fakes.telegram.state.chats import GENERAL, Chat, Topic
from tests.fakes.telegram.state.files import Files
from tests.fakes.telegram.state.messages import Message
from tests.fakes.telegram.state.permissions import Membership, membership
from tests.fakes.telegram.state.updates import Updates
from tests.patience import PATIENCE

Json = dict[str, Any]

BOT_ID = 7_100_200_300
ANONYMOUS_ID = 1_087_968_824
CHANNEL_BOT_ID = 136_817_688
_SUPERGROUPS = 1_000_000_000_000


class World:
    """Everything that exists.

    `calls` are all requests in their order; `rejected` what broke the published description, each
    with its reasons; `uploads` how many files came by kind; `commands` what setMyCommands left, by
    scope (`default`, `all_group_chats`, `chat:<id>` …) and language; `privacy` is the bot's
    privacy mode, which BotFather changes; `callback_lives` the seconds in which a pressed button
    can be answered.
    """

    callback_lives = 15.0

    def __init__(self, username: str = "mintcast_bot") -> None:
        self.bot = User(self, BOT_ID, "Mintcast", username, is_bot=True)
        self.anonymous = User(self, ANONYMOUS_ID, "Group", "GroupAnonymousBot", is_bot=True)
        self.channel_bot = User(self, CHANNEL_BOT_ID, "Channel", "Channel_Bot", is_bot=True)
        self.users = {each.id: each for each in (self.bot, self.anonymous, self.channel_bot)}
        self.chats: dict[int, Chat] = {}
        self.updates = Updates()
        self.files = Files()
        self.faults = Faults()
        self.limits = Limits()
        self.calls: list[Call] = []
        self.rejected: list[str] = []
        self.uploads: Counter[str] = Counter()
        self.commands: dict[tuple[str, str], dict[str, str]] = {}
        self.callbacks: dict[str, Pressed] = {}
        self.actions: list[tuple[int, str]] = []
        self.privacy = True
        self._ahead = 0.0
        self._number = 1000
        self._message_id = 100
        self._next_change = asyncio.Event()

    def now(self) -> float:
        """The time here, in seconds since 1970."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let so much time pass here: messages grow old."""
        self._ahead += seconds

    def next_number(self) -> int:
        """Ids of people, chats and callbacks."""
        self._number += 1
        return self._number

    def next_message_id(self) -> int:
        """Of private chats and basic groups."""
        self._message_id += 1
        return self._message_id

    def add_user(self, name: str, *, started: bool = True) -> User:
        """A person, and the private chat; with `started=False` the bot may not write first."""
        user = User(self, 5_000_000_000 + self.next_number(), name, name.lower().replace(" ", "_"))
        self.users[user.id] = user
        chat = self._add(Chat(self, user.id, "private", name, user, user, started=started))
        chat.members[self.bot.id] = Membership("member")
        return user

    def add_group(self, title: str, *, bot: str = "member", rights: Iterable[str] = ()) -> Chat:
        """A basic group, where the bot already is what `bot` says."""
        chat = self._add(Chat(self, -4_000_000 - self.next_number(), "group", title))
        return self._people(chat, bot, rights or None)

    def add_supergroup(
        self, title: str, *, forum: bool = False, bot: str = "member", rights: Iterable[str] = ()
    ) -> Chat:
        """A supergroup; with `forum` it has topics, General among them."""
        number = -_SUPERGROUPS - 1_500_000_000 - self.next_number()
        chat = self._add(Chat(self, number, "supergroup", title, is_forum=forum))
        if forum:
            chat.topics[GENERAL] = Topic(chat, GENERAL, "General")
        return self._people(chat, bot, rights or None)

    def add_channel(
        self, title: str, *, bot: str = "administrator", rights: Iterable[str] = ()
    ) -> Chat:
        """A channel, in which bots can only be administrators."""
        number = -_SUPERGROUPS - 1_600_000_000 - self.next_number()
        return self._people(self._add(Chat(self, number, "channel", title)), bot, rights or None)

    def block(self, user: User) -> None:
        """my_chat_member: kicked from a private chat."""
        user.chat.bot("kicked", by=user)

    def unblock(self, user: User) -> None:
        """The opposite."""
        user.chat.bot("member", by=user)

    def migrate(self, group: Chat, *, told: Literal["after", "before", "silent"] = "after") -> Chat:
        """A basic group becomes a supergroup, which is a new chat without its messages. The
        updates of the bot's membership come before or after the two service messages; silent: only
        an error will tell."""
        assert group.kind == "group", "only a basic group becomes a supergroup"
        supergroup = self.add_supergroup(group.title, bot="left")
        supergroup.owner, supergroup.members = group.owner, dict(group.members)
        supergroup.permissions = set(group.permissions)
        was, left = group.bot_member, Membership("left")
        moves = ((group, was, left), (supergroup, left, was))
        if told == "before":
            for chat, old, new in moves:
                self.tell_membership(chat, old, new)
        if told != "silent":
            group.serve(group.owner, {"migrate_to_chat_id": supergroup.id})
            supergroup.serve(self.anonymous, {"migrate_from_chat_id": group.id})
        group.migrated_to = supergroup.id
        if told == "after":
            for chat, old, new in moves:
                self.tell_membership(chat, old, new)
        return supergroup

    def expire_file_ids(self) -> None:
        """No file_id that was given out so far is good any more."""
        self.files.expire()

    def set_webhook(self, url: str) -> None:
        """As if somebody else had set one: polling is refused until deleteWebhook."""
        self.updates.set_webhook(url)

    def tell(self, kind: str, told: Json) -> None:
        """An update for the bot."""
        self.updates.add(kind, told)

    def tell_message(self, message: Message) -> None:
        """An update, where the bot is there to see it and privacy mode lets it."""
        chat = message.chat
        if message.sender is self.bot or not chat.bot_member.is_in or not chat.started:
            return
        if chat.is_group and self.privacy and not self._meets_bot(message):
            return
        self.tell("channel_post" if chat.kind == "channel" else "message", message.as_json())

    def tell_membership(
        self, chat: Chat, old: Membership, new: Membership, by: User | None = None
    ) -> None:
        """my_chat_member, where something changed."""
        who = by or chat.owner
        if old == new or who is None:
            return
        told = {
            "chat": chat.as_json(),
            "from": who.as_json(),
            "date": int(self.now()),
            "old_chat_member": old.as_json(self.bot, chat),
            "new_chat_member": new.as_json(self.bot, chat),
        }
        self.tell("my_chat_member", told)

    def changed(self) -> None:
        """Whoever waits looks again."""
        event, self._next_change = self._next_change, asyncio.Event()
        event.set()

    async def until(self, holds: Callable[[], object], *, within: float = PATIENCE) -> None:
        """Wait until something holds, looked at after every request and message. Raises
        `TimeoutError`."""
        async with asyncio.timeout(within):
            while not holds():
                await self._next_change.wait()

    def _add(self, chat: Chat) -> Chat:
        self.chats[chat.id] = chat
        return chat

    def _people(self, chat: Chat, bot: str, rights: Iterable[str] | None) -> Chat:
        chat.owner = self.add_user(f"owner of {chat.title}")
        chat.members[chat.owner.id] = Membership("creator")
        chat.members[self.bot.id] = membership(bot, rights, chat.kind)
        return chat

    def _meets_bot(self, message: Message) -> bool:
        """What privacy mode lets through: commands that are not another bot's, answers to the bot
        and service messages; an administrator sees all."""
        if message.service or message.chat.bot_member.manages:
            return True
        if message.reply_to is not None and message.reply_to.is_mine:
            return True
        named, *_ = message.content.body.text.split(maxsplit=1) or [""]
        other = "@" in named and named.rpartition("@")[2].lower() != self.bot.username.lower()
        return named.startswith("/") and not other
