"""What people write to the bot in private: a coin that is sent there is answered with an offer.

Discord tells a bot what is in such messages without any privilege; in servers it does not.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

import discord

from bot.commands import Commands, Reply, Request, pasted_coin
from bot.model import Address, Message, MessageKind, Person
from bot.platforms.discord.addresses import NAME
from bot.platforms.discord.requests.replies import Posts

Serve = Callable[[Coroutine[Any, Any, None], Reply], None]


class DirectReply:
    """A `bot.commands.Reply`: a message in the same conversation."""

    pace = 2.0

    def __init__(self, posts: Posts, address: Address, message_id: int) -> None:
        self.request_id = str(message_id)
        self.reply_to: str | None = None
        self.message_id: str | None = None
        self._posts = posts
        self._address = address

    async def show(self, message: Message) -> None:
        """Raises SendError."""
        if message.kind is MessageKind.TOAST:
            return
        if self.message_id is not None:
            await self._posts.replace(self._address, self.message_id, message)
            return
        digest = hashlib.sha256(f"direct\0{self.request_id}".encode()).digest()[:18]
        nonce = base64.urlsafe_b64encode(digest).decode()
        self.message_id = await self._posts.post(self._address, message, nonce=nonce)

    async def change(self, message: Message) -> None:
        """Raises SendError."""
        if self.message_id is not None:
            await self.show(message)

    async def remove(self) -> None:
        """Raises SendError."""
        if self.message_id is not None:
            await self._posts.remove(self._address, self.message_id)
            self.message_id = None


class Writer:
    """A `bot.commands.Caller`: in private everybody decides for themselves."""

    def __init__(self, author: discord.User | discord.Member) -> None:
        self.person = Person(str(author.id), author.display_name)

    async def may_manage(self) -> bool:
        return True


class DirectMessages:
    """`serve` starts a request's work, and sees to it that it is answered."""

    def __init__(self, commands: Commands, posts: Posts, serve: Serve) -> None:
        self._commands = commands
        self._posts = posts
        self._serve = serve

    def heard(self, message: discord.Message) -> None:
        """Answer it, if it is a person's and names a coin; all else is talk."""
        is_private = isinstance(message.channel, discord.DMChannel)
        coin = pasted_coin(message.content) if is_private and not message.author.bot else None
        if coin is None:
            return
        channel = str(message.channel.id)
        address = Address(NAME, f"dm:{channel}", channel, message.author.display_name)
        reply = DirectReply(self._posts, address, message.id)
        request = Request(
            address=address,
            sender=NAME,
            caller=Writer(message.author),
            reply=reply,
            by_options=True,
            has_roles=True,
        )
        self._serve(self._commands.run(request, coin), reply)
