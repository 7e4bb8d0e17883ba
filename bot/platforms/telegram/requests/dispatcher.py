"""Handles each update in a task of its own, and sees to it that people get answers."""

from __future__ import annotations

import asyncio
import functools
import logging
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import ParamSpec

from telegram import CallbackQuery, Message, Update

from bot import texts
from bot.commands import Commands, Readiness, Reply, Request
from bot.errors import LeaseLost, MintcastError
from bot.kit.leadership import without_lease
from bot.kit.timing.clock import Clock
from bot.kit.timing.far_clock import FarClock
from bot.model import Address
from bot.platforms.shared.request_runner import RequestRunner, Sentences, Work, say
from bot.platforms.telegram.addresses import NAME, address_of, is_group, is_placed, replied_to
from bot.platforms.telegram.connection.api_requests import ClientPort, ask
from bot.platforms.telegram.connection.limits import UPLOAD_BYTES
from bot.platforms.telegram.membership.administrators import Administrators
from bot.platforms.telegram.membership.chats import Membership
from bot.platforms.telegram.membership.permissions import readiness
from bot.platforms.telegram.messages.chat_actions import TYPING, ChatActions
from bot.platforms.telegram.messages.sender import ReplySender
from bot.platforms.telegram.requests.caller import TelegramCaller, who_pressed, who_wrote
from bot.platforms.telegram.requests.links import which_topic
from bot.platforms.telegram.requests.menus import Menus, WithButtons, is_of_menu, with_way_back
from bot.platforms.telegram.requests.message_parsing import (
    START,
    ParsedMessage,
    named_coin,
    names_a_bot,
    parse_message,
)
from bot.platforms.telegram.requests.presses import Press, PressReply
from bot.platforms.telegram.requests.replies import TelegramReply

_log = logging.getLogger(__name__)

STALE = timedelta(minutes=10)
"""A command from so long ago, while we were away, is not run where it was about that moment. A
press has no date and needs none: Telegram keeps it for 150 s (tdlib/telegram-bot-api, `Client.cpp`,
`process_new_callback_query_queue`)."""

_OF_THE_MOMENT = frozenset({"clip", "live", "test"})
_TYPING_AFTER = 0.8
_NAME_SECONDS = 60.0
"""So often is Telegram asked for our user name, where a command names another."""

P = ParamSpec("P")


def _for_people(work: Callable[P, Work]) -> Callable[P, Work]:
    """They are answered, whoever has the updates by then."""

    @functools.wraps(work)
    async def done(*args: P.args, **more: P.kwargs) -> None:
        with without_lease():
            await work(*args, **more)

    return done


class RequestDispatcher:
    """`work_of` each update is what `begin` starts. `name` is the bot's user name. `tasks` are all
    that is being done."""

    def __init__(
        self,
        *,
        client_port: ClientPort,
        commands: Commands,
        reply_sender: ReplySender,
        administrators: Administrators,
        membership: Membership,
        clock: Clock,
        far_clock: FarClock,
        name: Callable[[], str],
    ) -> None:
        self._client_port = client_port
        self._commands = commands
        self._reply_sender = reply_sender
        self._administrators = administrators
        self._membership = membership
        self._clock = clock
        self._far_clock = far_clock
        self._name = name
        self._ask_name_at = -math.inf
        self._menus = Menus(commands, reply_sender)
        self._actions = ChatActions(client_port, clock)
        self._runner = RequestRunner(
            Sentences(
                went_wrong=texts.telegram.went_wrong(), restarting=texts.telegram.restarting()
            )
        )
        self.tasks = self._runner.tasks

    @property
    def waiting(self) -> int:
        """How many commands and presses are being done."""
        return len(self._runner)

    def begin(self, update: Update, work: Work) -> asyncio.Task[None]:
        """Start handling it."""
        return self.tasks.start(_foreseen(work), f"telegram-update {update.update_id}")

    async def close(self) -> None:
        """Take no more. Whoever still waits is told that we restart. Harmless when done twice."""
        await self._runner.close()

    def work_of(self, update: Update) -> Work | None:
        """What handles it; None: it is not for us."""
        message = update.message or update.channel_post
        if update.my_chat_member is not None:
            return self._membership.changed(update.my_chat_member)
        if update.callback_query is not None:
            return self._press(update.callback_query)
        return self._read(message) if message is not None else None

    # Messages

    def _read(self, message: Message) -> Work | None:
        """A command, a link, or a service message about the chat."""
        chat = message.chat.id
        if message.migrate_to_chat_id is not None:
            return self._membership.moved(chat, message.migrate_to_chat_id)
        if message.migrate_from_chat_id is not None:
            return self._membership.moved(message.migrate_from_chat_id, chat)
        if message.forum_topic_reopened or message.general_forum_topic_unhidden:
            return self._membership.reopened(message)
        parsed = parse_message(message, self._name())
        if parsed is not None:
            return self._command(message, parsed)
        now = self._clock.monotonic()
        if now < self._ask_name_at or not names_a_bot(message):
            return None
        self._ask_name_at = now + _NAME_SECONDS
        return self._if_renamed(message)

    @_for_people
    async def _if_renamed(self, message: Message) -> None:
        """It may be our name by now, of which nobody tells: PTB keeps what `getMe` says."""
        await ask(self._client_port.client().get_me(), address_of(message))
        parsed = parse_message(message, self._name())
        if parsed is not None:
            await self._command(message, parsed)

    @_for_people
    async def _command(self, message: Message, parsed: ParsedMessage) -> None:
        address = address_of(message)
        reply = self._reply(address, f"{message.chat.id}:{message.id}", str(message.id))
        request = self._request(
            address, who_wrote(message, self._administrators), reply, replied_to(message)
        )
        request = replace(
            request,
            quoted=named_coin(message.reply_to_message),
            has_channels=bool(message.chat.is_forum),
        )
        await self._serve(self._do(request, message, parsed), reply, address)

    async def _do(self, request: Request, message: Message, parsed: ParsedMessage) -> None:
        """Run the command, or answer the link."""
        age = self._age(message)
        if parsed.mint is not None:
            await self._named_by_link(request, message, parsed.mint)
        elif not parsed.name:
            await say(request.reply, texts.telegram.say_what())
        elif age > STALE and parsed.name in _OF_THE_MOMENT:
            await say(request.reply, texts.telegram.asked_long_ago(round(age.total_seconds() / 60)))
        elif parsed.name == START:
            await self._commands.call(request, START, ())
        elif not await self._menus.open(request, parsed.name, parsed.words):
            await self._commands.run(request, parsed.text)

    def _age(self, message: Message) -> timedelta:
        """By Telegram's clock: it says when a message was written, and ours may be wrong."""
        now = self._far_clock.now
        return self._clock.age(message.date).least if now is None else now - message.date

    async def _named_by_link(self, request: Request, message: Message, mint: str) -> None:
        """In private the coin is offered, or what can be done with it where it is followed; in a
        group somebody has added the bot for it."""
        if not is_group(request.address):
            if not await self._menus.open_coin(request, mint):
                await self._commands.call(request, START, [mint])
        elif message.chat.is_forum and not message.is_topic_message:
            await request.reply.show(which_topic(self._name(), mint))
        else:
            await self._commands.call(request, "subscribe", [mint])

    # Presses

    @_for_people
    async def _press(self, query: CallbackQuery) -> None:
        """Whatever comes of it, the press is answered."""
        press = Press(query, self._client_port, self._clock)
        if query.message is None or not query.data or not is_placed(query.message):
            await press.answer(texts.telegram.MENU_IS_OLD, alert=True)
            return
        holding = self.tasks.start(press.hold(), f"hold of {query.id}")
        address, message_id = address_of(query.message), str(query.message.message_id)
        reply = self._reply(address, query.id, message_id)
        shown = PressReply(press, reply)
        caller = who_pressed(query, self._administrators)
        request = self._request(address, caller, shown, message_id)
        request = replace(request, has_channels=bool(query.message.chat.is_forum))
        if is_of_menu(query.data):
            work = self._menus.press(request, query.data, press, reply, message_id)
        else:
            shown_with = WithButtons(shown, with_way_back)
            work = self._commands.press(replace(request, reply=shown_with), query.data)
        await self._serve(work, shown, None)
        await press.answer()
        await asyncio.wait({holding})

    # Both

    async def _serve(self, work: Work, reply: Reply, address: Address | None) -> None:
        """Do it; `address` is where the bot is seen typing meanwhile."""
        typing = None
        if address is not None and self._runner.is_open:
            shown = self._actions.keep_showing(address, TYPING, wait=_TYPING_AFTER)
            typing = self.tasks.start(shown, f"typing for {reply.request_id}")
        try:
            await self._runner.serve(work, reply)
        finally:
            if typing is not None:
                typing.cancel()

    def _reply(self, address: Address, request_id: str, reply_to: str) -> TelegramReply:
        return TelegramReply(
            reply_sender=self._reply_sender,
            actions=self._actions,
            tasks=self.tasks,
            clock=self._clock,
            address=address,
            request_id=request_id,
            reply_to=reply_to,
        )

    def _request(
        self, address: Address, caller: TelegramCaller, reply: Reply, message_id: str | None
    ) -> Request:
        async def ready() -> Readiness:
            return await readiness(self._client_port, address)

        return Request(
            address=address,
            sender=NAME,
            caller=caller,
            reply=reply,
            message_id=message_id,
            upload_limit=UPLOAD_BYTES,
            readiness=ready,
            has_managers=is_group(address),
        )


async def _foreseen(work: Work) -> None:
    """A failure of a foreseen kind is logged, and no more. Raises LeaseLost: another node is to
    handle it."""
    try:
        await work
    except LeaseLost:
        raise
    except MintcastError as error:
        _log.warning("an update could not be handled: %s", error)
