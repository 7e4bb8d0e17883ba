"""What follows when the bot comes into a chat, leaves it, may do other things there, or when the
chat gets another number."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from functools import partial
from weakref import WeakValueDictionary

from telegram import ChatMember, ChatMemberRestricted, ChatMemberUpdated, Message
from telegram.constants import ChatType

from bot import texts
from bot.alerts import SendError
from bot.commands import Commands
from bot.kit.leadership import without_lease
from bot.kit.timing.clock import Clock
from bot.kit.timing.far_clock import FarClock
from bot.model import Address, plain
from bot.platforms.shared.restrictions import Restrictions
from bot.platforms.shared.retrying import retry
from bot.platforms.telegram.addresses import NAME, address_in, address_of, moved
from bot.platforms.telegram.connection.api_requests import ClientPort
from bot.platforms.telegram.connection.limits import POSTING
from bot.platforms.telegram.membership.administrators import Administrators
from bot.platforms.telegram.membership.permissions import Rights, rights_in, rights_of
from bot.platforms.telegram.messages.sender import ReplySender
from bot.store import Store, retry_until_saved

_log = logging.getLogger(__name__)

GREET_SECONDS = 1.0
"""Whatever Telegram has to tell of a new chat comes in no order."""

_OUTSIDE = frozenset({ChatMember.LEFT, ChatMember.BANNED})
_GROUPS = frozenset({ChatType.GROUP, ChatType.SUPERGROUP})


class Membership:
    """Of one token. Every method may raise StoreError."""

    def __init__(
        self,
        *,
        client_port: ClientPort,
        commands: Commands,
        reply_sender: ReplySender,
        administrators: Administrators,
        store: Store,
        clock: Clock,
        far_clock: FarClock,
    ) -> None:
        self._client_port = client_port
        self._clock = clock
        self._far_clock = far_clock
        self._commands = commands
        self._reply_sender = reply_sender
        self._administrators = administrators
        self._store = store
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._restrictions = Restrictions(clock, far_clock)

    async def recall(self) -> None:
        """Wait again for the ends that an earlier run, or another node, was told of."""
        async with self._store.read() as unit:
            ends = await unit.key_values.of(_restricted(""))
        for chat, until in ends.items():
            self._await_end(int(chat), max(datetime.fromisoformat(until), self._far_now()))

    async def stop(self) -> None:
        """Wait for the end of no restriction any more."""
        await self._restrictions.stop()

    async def changed(self, update: ChatMemberUpdated) -> None:
        """Somebody has added, removed, blocked or restricted the bot, or undone that. What happens
        to one chat is handled in its order."""
        chat = update.chat
        self._administrators.forget(chat.id)
        async with self._locks.setdefault(chat.id, asyncio.Lock()):
            rights = await self._apply(update)
            await self._note_restriction(update)
        was_outside = update.old_chat_member.status in _OUTSIDE
        is_group = chat.type in _GROUPS and not chat.is_direct_messages
        if rights.can_post and was_outside and is_group:
            await self._greet(address_in(chat), rights)

    async def reopened(self, message: Message) -> None:
        """A topic can be posted to again."""
        there = address_of(message).channel
        await self._commands.returned(
            NAME, str(message.chat.id), lambda address: address.channel == there
        )

    async def moved(self, old: int, new: int) -> None:
        """A group has become a supergroup: all that it has moves along, in one transaction.
        Telegram says so twice, in the old chat and in the new one, and a send may have found out
        before."""
        count = await retry_until_saved(self._clock, lambda: self._move(old, new))
        if count:
            _log.info("chat %d is now %d; %d targets went along", old, new, count)
        # Telegram also says that the bot left the old chat, and may have said that first. All may
        # have moved before, by whoever was ended then.
        await self._commands.returned(NAME, str(new), lambda _: True)

    async def _move(self, old: int, new: int) -> int:
        async with self._store.write() as unit:
            targets = await unit.places.targets_at(NAME, str(old))
            for target in targets:
                await unit.places.move(target.id, moved(target.address, new))
            await unit.key_values.put(_greeted(str(new)), "moved")
        return len(targets)

    async def _apply(self, update: ChatMemberUpdated) -> Rights:
        """Stop or resume that chat's alerts; what may be posted there now."""
        place, rights = str(update.chat.id), await self._rights(update)
        if rights.can_post:
            await self._resume(place)
        else:
            await self._commands.left(NAME, place)
            _log.info("the bot can no longer post in chat %s", place)
        return rights

    async def _resume(self, place: str) -> None:
        count = await self._commands.returned(NAME, place, lambda _: True)
        if count:
            _log.info("%d targets of chat %s get alerts again", count, place)

    async def _note_restriction(self, update: ChatMemberUpdated) -> None:
        """One for ever has an end as well, in 1970."""
        chat, member = update.chat.id, update.new_chat_member
        until = member.until_date if isinstance(member, ChatMemberRestricted) else None
        if until is not None and until <= self._far_now():
            until = None
        if until is None and chat not in self._restrictions:
            return  # nothing is kept of it, as with nearly all
        async with self._store.write() as unit:
            if until is None:
                await unit.key_values.remove(_restricted(str(chat)))
            else:
                await unit.key_values.put(_restricted(str(chat)), until.isoformat())
        self._await_end(chat, until)

    def _await_end(self, chat: int, until: datetime | None) -> None:
        with without_lease():
            self._restrictions.note(chat, until, partial(self._ended, chat))

    async def _ended(self, chat: int) -> None:
        """What is kept goes last, unless the next one has come meanwhile."""
        await self._look_again(chat)
        await retry_until_saved(self._clock, lambda: self._forget_restriction(chat))

    async def _forget_restriction(self, chat: int) -> None:
        name = _restricted(str(chat))
        async with self._store.write() as unit:
            until = await unit.key_values.get(name)
            if until is not None and datetime.fromisoformat(until) <= self._far_now():
                await unit.key_values.remove(name)

    def _far_now(self) -> datetime:
        """By Telegram, as the ends of its restrictions are."""
        return self._far_clock.now_or(self._clock)

    async def _look_again(self, chat: int) -> None:
        try:
            can_post = (await rights_in(self._client_port, chat)).can_post
        except SendError as error:  # the next send finds out
            _log.info("what may be posted in chat %d is not known: %s", chat, error)
            can_post = True
        if can_post:
            await retry_until_saved(self._clock, lambda: self._resume(str(chat)))

    async def _rights(self, update: ChatMemberUpdated) -> Rights:
        """As the update says; what everybody may do there takes a request. Where that fails, the
        next send shows what the chat allows."""
        own = rights_of(update.new_chat_member, update.chat.type)
        if not own.can_post or update.chat.type not in _GROUPS:
            return own
        try:
            return await rights_in(self._client_port, update.chat.id)
        except SendError as error:
            _log.info("what may be posted in chat %d is not known: %s", update.chat.id, error)
            return own

    async def _greet(self, address: Address, rights: Rights) -> None:
        """Once for each chat, however often the bot is added; and not where the chat has a target
        by then: it has moved here, or was added by a link that names a coin."""
        await self._clock.sleep(GREET_SECONDS)
        async with self._store.write() as unit:
            was_greeted = await unit.key_values.get(_greeted(address.place)) is not None
            await unit.key_values.put(_greeted(address.place), "yes")
            if was_greeted or await unit.places.targets_at(NAME, address.place):
                return
        ready = rights.readiness
        welcome = plain(texts.telegram.welcome(ready.missing, ready.notes))
        try:
            await retry(lambda: self._reply_sender.post(address, welcome), POSTING, self._clock)
        except SendError as error:
            _log.info("a new chat could not be greeted: %s", error)


def _greeted(place: str) -> str:
    return f"{NAME}:greeted:{place}"


def _restricted(place: str) -> str:
    return f"{NAME}:restricted:{place}"
