"""Who asks on Telegram, and whether they may manage alerts."""

from __future__ import annotations

from telegram import CallbackQuery, Chat, Message, User
from telegram.constants import ChatType

from bot.model import ANONYMOUS, Person
from bot.platforms.telegram.membership.administrators import Administrators


class TelegramCaller:
    """A `bot.commands.Caller`. `may` is what is known already; None: Telegram is asked about
    `user_id` in that chat."""

    def __init__(
        self,
        person: Person,
        administrators: Administrators,
        *,
        chat: int,
        may: bool | None,
        user_id: int = 0,
    ) -> None:
        self.person = person
        self._administrators = administrators
        self._chat = chat
        self._user_id = user_id
        self._may = may

    async def may_manage(self) -> bool:
        """Raises SendError where Telegram does not say, and Refused where it never will."""
        if self._may is not None:
            return self._may
        return await self._administrators.manages(self._chat, self._user_id)


def who_wrote(message: Message, administrators: Administrators) -> TelegramCaller:
    """An anonymous administrator writes as the group itself, and a post of a channel is the
    channel's: the right to do that is the proof. Neither has a name of its own, so the person is
    the chat. Whoever writes as another channel proves nothing."""
    chat, sender = message.chat, message.sender_chat
    if sender is not None or chat.type == ChatType.CHANNEL or message.from_user is None:
        writer = sender or chat
        person = Person(f"{ANONYMOUS}{writer.id}", message.author_signature or writer.title or "")
        return TelegramCaller(person, administrators, chat=chat.id, may=writer.id == chat.id)
    return _user(message.from_user, administrators, chat)


def who_pressed(query: CallbackQuery, administrators: Administrators) -> TelegramCaller:
    """Always a person, in channels and for anonymous administrators, too."""
    chat = query.message.chat if query.message is not None else None
    if chat is None:
        return TelegramCaller(_person(query.from_user), administrators, chat=0, may=False)
    return _user(query.from_user, administrators, chat)


def _user(user: User, administrators: Administrators, chat: Chat) -> TelegramCaller:
    may = True if chat.type == ChatType.PRIVATE else None
    return TelegramCaller(_person(user), administrators, chat=chat.id, may=may, user_id=user.id)


def _person(user: User) -> Person:
    return Person(str(user.id), user.full_name)
