"""Who may change alerts: creator and administrators, as Telegram says, remembered for a while.

Where a group hides its members, only administrators may ask about one of them; the list of its
administrators is for everybody (`channels.getParticipant` and `channels.getParticipants`).
"""

from __future__ import annotations

import re

from telegram import ChatMember, ChatMemberAdministrator

from bot import texts
from bot.errors import Refused
from bot.kit.bounded_dict import ExpiringDict
from bot.kit.timing.clock import Clock
from bot.platforms.telegram.addresses import chat_address
from bot.platforms.telegram.connection.api_requests import ClientPort, ask
from bot.platforms.telegram.messages.error_mapping import TelegramRefused

MANAGES_SECONDS = 300.0
"""Whoever was an administrator a moment ago is taken for one still."""

MANAGES_NOT_SECONDS = 30.0
"""Shorter: whoever becomes one does not want to wait."""

_MOST_KEPT = 4096
_MOST_LISTS = 256
_NOBODY = re.compile(r"(?:user|member|participant) not found", re.IGNORECASE)
_HIDDEN = re.compile(
    r"ADMIN_REQUIRED|member list is inaccessible|PARTICIPANT_ID_INVALID", re.IGNORECASE
)
_MANAGERS = frozenset({ChatMember.OWNER, ChatMember.ADMINISTRATOR})


class Administrators:
    """Of one token."""

    def __init__(self, client_port: ClientPort, clock: Clock) -> None:
        self._client_port = client_port
        self._known: ExpiringDict[tuple[int, int], bool] = ExpiringDict(clock, _MOST_KEPT)
        self._lists: ExpiringDict[int, frozenset[int]] = ExpiringDict(clock, _MOST_LISTS)

    async def manages(self, chat_id: int, user_id: int) -> bool:
        """Whether that person manages that group or channel. Raises SendError where Telegram does
        not say, and Refused where it never will."""
        known = self._known.get((chat_id, user_id))
        if known is not None:
            return known
        manages = await self._ask(chat_id, user_id)
        seconds = MANAGES_SECONDS if manages else MANAGES_NOT_SECONDS
        self._known.put((chat_id, user_id), manages, seconds)
        return manages

    def forget(self, chat_id: int) -> None:
        """Ask again: something has changed there."""
        for key in [key for key in self._known if key[0] == chat_id]:
            self._known.drop(key)
        self._lists.drop(chat_id)

    async def _ask(self, chat_id: int, user_id: int) -> bool:
        question = self._client_port.client().get_chat_member(chat_id, user_id)
        try:
            member = await ask(question, chat_address(chat_id))
        except TelegramRefused as error:
            if _NOBODY.search(error.said):
                return False
            if _HIDDEN.search(error.said):
                return user_id in await self._listed(chat_id)
            raise
        return _manages(member)

    async def _listed(self, chat_id: int) -> frozenset[int]:
        listed = self._lists.get(chat_id)
        if listed is not None:
            return listed
        question = self._client_port.client().get_chat_administrators(chat_id)
        try:
            members = await ask(question, chat_address(chat_id))
        except TelegramRefused as error:
            if _HIDDEN.search(error.said):
                raise Refused(texts.telegram.admins_unknown()) from None
            raise
        listed = frozenset(member.user.id for member in members if _manages(member))
        self._lists.put(chat_id, listed, MANAGES_NOT_SECONDS)
        return listed


def _manages(member: ChatMember) -> bool:
    return member.status in _MANAGERS and not _is_mute(member)


def _is_mute(member: ChatMember) -> bool:
    """An administrator of a channel who may not post there: the right to post is what counts, for
    posts and for presses alike. In groups there is no such right."""
    return isinstance(member, ChatMemberAdministrator) and member.can_post_messages is False
