"""Takes what Telegram tells, each in a task of its own, and sees to it that people get answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from telegram import CallbackQuery, Message, Update

from bot import texts
from bot.commands import Commands, Readiness, Reply, Request
from bot.errors import MintcastError
from bot.kit.timing.clock import Clock
from bot.model import Address
from bot.platforms.shared.request_runner import RequestRunner, Sentences, Work, say
from bot.platforms.telegram.addresses import NAME, address_of, answered, is_group, is_placed
from bot.platforms.telegram.connection.limits import UPLOAD_BYTES
from bot.platforms.telegram.connection.requests import ClientPort
from bot.platforms.telegram.membership.administrators import Members
from bot.platforms.telegram.membership.chats import Membership
from bot.platforms.telegram.membership.permissions import readiness
from bot.platforms.telegram.messages.chat_actions import TYPING, Actions
from bot.platforms.telegram.requests.caller import TelegramCaller, who_pressed, who_wrote
from bot.platforms.telegram.requests.links import offer, which_topic
from bot.platforms.telegram.requests.menu_callbacks import PREFIX
from bot.platforms.telegram.requests.menus import Menus
from bot.platforms.telegram.requests.message_parsing import START, ParsedMessage, asked
from bot.platforms.telegram.requests.message_text import coin_in
from bot.platforms.telegram.requests.presses import Press, PressReply
from bot.platforms.telegram.requests.replies import Posts, TelegramReply

_log = logging.getLogger(__name__)

STALE = timedelta(minutes=10)
"""What was asked so long ago, while we were away, is not done where it was about that moment."""

_OF_THE_MOMENT = frozenset({"clip", "live", "test"})
_TYPING_AFTER = 0.8


class RequestDispatcher:
    """`take` is called with each update. `name` says how the bot is called. `tasks` are all that
    goes on."""

    def __init__(
        self,
        *,
        client_port: ClientPort,
        commands: Commands,
        posts: Posts,
        members: Members,
        membership: Membership,
        clock: Clock,
        name: Callable[[], str],
    ) -> None:
        self._client_port = client_port
        self._commands = commands
        self._posts = posts
        self._members = members
        self._membership = membership
        self._clock = clock
        self._name = name
        self._menus = Menus(commands, posts)
        self._actions = Actions(client_port, clock)
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

    def take(self, update: Update) -> asyncio.Task[None] | None:
        """Start what is to be done about it; None: nothing is."""
        work = self._work(update)
        if work is None:
            return None
        return self.tasks.start(_foreseen(work), f"telegram-update {update.update_id}")

    async def close(self) -> None:
        """Take no more. Who is still waiting is told that we restart. Harmless when done twice."""
        await self._runner.close()

    def _work(self, update: Update) -> Work | None:
        message = update.message or update.channel_post
        if update.my_chat_member is not None:
            return self._membership.changed(update.my_chat_member)
        if update.callback_query is not None:
            return self._press(update.callback_query)
        return self._read(message) if message is not None else None

    # Messages

    def _read(self, message: Message) -> Work | None:
        """A command, a link, or a word of Telegram's own about the chat."""
        chat = message.chat.id
        if message.migrate_to_chat_id is not None:
            return self._membership.moved(chat, message.migrate_to_chat_id)
        if message.migrate_from_chat_id is not None:
            return self._membership.moved(message.migrate_from_chat_id, chat)
        if message.forum_topic_reopened or message.general_forum_topic_unhidden:
            return self._membership.reopened(message)
        wish = asked(message, self._name())
        return self._command(message, wish) if wish is not None else None

    async def _command(self, message: Message, wish: ParsedMessage) -> None:
        address = address_of(message)
        reply = self._reply(address, f"{message.chat.id}:{message.id}", str(message.id))
        request = self._request(
            address, who_wrote(message, self._members), reply, answered(message)
        )
        request = replace(request, quoted=coin_in(message.reply_to_message))
        await self._serve(self._do(request, message, wish), reply, address)

    async def _do(self, request: Request, message: Message, wish: ParsedMessage) -> None:
        """What was asked for, by the words of a command."""
        age = self._clock.age(message.date).least
        if wish.mint is not None:
            await self._named_by_link(request, message, wish.mint)
        elif not wish.name:
            await say(request.reply, texts.telegram.say_what())
        elif age > STALE and wish.name in _OF_THE_MOMENT:
            await say(request.reply, texts.telegram.asked_long_ago(round(age.total_seconds() / 60)))
        elif wish.name == START:
            await self._commands.call(request, START, ())
        elif not await self._menus.open(request, wish.name, wish.words):
            await self._commands.run(request, wish.text)

    async def _named_by_link(self, request: Request, message: Message, mint: str) -> None:
        """In private it is offered; in a group somebody has added the bot for that coin."""
        if not is_group(request.address):
            await request.reply.show(offer(mint))
        elif message.chat.is_forum and not message.is_topic_message:
            await request.reply.show(which_topic(self._name(), mint))
        else:
            await self._commands.call(request, "subscribe", [mint])

    # Presses

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
        request = self._request(address, who_pressed(query, self._members), shown, message_id)
        if query.data.startswith(PREFIX):
            work = self._menus.press(request, query.data, press, reply, message_id)
        else:
            work = self._commands.press(request, query.data)
        await self._serve(work, shown, None)
        await press.answer()
        await asyncio.wait({holding})

    # Both

    async def _serve(self, work: Work, reply: Reply, address: Address | None) -> None:
        """Do it; `address` is where one can see meanwhile that it is being done."""
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
            posts=self._posts,
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
        )


async def _foreseen(work: Work) -> None:
    """What was foreseen to fail is worth a line, and no more."""
    try:
        await work
    except MintcastError as error:
        _log.warning("something that Telegram told could not be done: %s", error)
