"""The Telegram platform: one token, its connection, its sender and its request dispatcher; and a
look at a token."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from telegram import Update
from telegram.error import InvalidToken

from bot import texts
from bot.commands import Commands
from bot.kit.backoff import Backoff
from bot.kit.files import Files
from bot.kit.health import Health
from bot.kit.tasks import Tasks
from bot.kit.timing.clock import Clock
from bot.model import TokenAnswer
from bot.model.network import DIRECT, Network
from bot.platforms.shared.registration import CommandRegistration
from bot.platforms.shared.request_runner import Work
from bot.platforms.telegram.addresses import NAME
from bot.platforms.telegram.connection.api_requests import new_requests, reason
from bot.platforms.telegram.connection.connection import (
    TROUBLE,
    Connection,
    Status,
    new_bot,
)
from bot.platforms.telegram.connection.muting import Muting
from bot.platforms.telegram.connection.registration import offer
from bot.platforms.telegram.connection.update_inbox import UpdateInbox
from bot.platforms.telegram.membership.administrators import Administrators
from bot.platforms.telegram.membership.chats import Membership
from bot.platforms.telegram.messages.sender import TelegramSender
from bot.platforms.telegram.requests.dispatcher import RequestDispatcher
from bot.store import Store

_CHECK_SECONDS = 15.0


class TelegramSettings(Protocol):
    """The operator's settings."""

    @property
    def api_url(self) -> str: ...


class TelegramPlatform:
    """`login`, `run` until cancelled, `close_dispatcher` as the first step of a stop, `close`.

    `sender` is there from the start, and works before the login, too: a token needs none.
    """

    name = NAME
    most_connections = 0

    def __init__(
        self,
        *,
        token: str,
        settings: TelegramSettings,
        store: Store,
        files: Files,
        clock: Clock,
        commands: Commands,
        health: Health,
        network: Network = DIRECT,
    ) -> None:
        self._inbox = UpdateInbox(store, token.partition(":")[0])
        self._taken: list[tuple[Update, Work]] = []
        muting = Muting(store, clock)
        self.connection = Connection(
            token=token,
            api_url=settings.api_url,
            status=Status(health.part(NAME)),
            clock=clock,
            take=self._take,
            settle=self._settle,
            muting=muting,
            network=network,
        )
        self.sender = TelegramSender(
            client_port=self.connection, store=store, files=files, clock=clock, muting=muting
        )
        administrators = Administrators(self.connection, clock)
        self._membership = Membership(
            client_port=self.connection,
            commands=commands,
            reply_sender=self.sender,
            administrators=administrators,
            store=store,
            clock=clock,
            far_clock=self.connection.far_clock,
        )
        self.dispatcher = self._build_dispatcher(commands, administrators, clock)
        self._registration = CommandRegistration(
            "Telegram", store, Backoff(clock, first=2.0, longest=300.0)
        )
        self._tasks = Tasks()

    def _build_dispatcher(
        self, commands: Commands, administrators: Administrators, clock: Clock
    ) -> RequestDispatcher:
        return RequestDispatcher(
            client_port=self.connection,
            commands=commands,
            reply_sender=self.sender,
            administrators=administrators,
            membership=self._membership,
            clock=clock,
            far_clock=self.connection.far_clock,
            name=lambda: self.connection.name,
        )

    async def login(self) -> None:
        """Ask Telegram once who we are. Raises TokenRefused; any other failure is left to `run`."""
        await self.connection.login()

    async def prepare(self) -> None:
        """A sender needs nothing but the token."""

    @property
    def connections(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """Updates are taken by one node at a time."""
        return {f"updates:{NAME}": self.run}

    async def run(self) -> None:
        """Take updates until cancelled. Raises TokenRefused where trying again is of no use."""
        await self.connection.run(ready=self._ready)

    async def close_dispatcher(self) -> None:
        """Take no more commands: Telegram keeps them for the next start, or another node. Whoever
        waits is told so. Harmless when done twice."""
        await self.connection.stop_taking()
        await self.dispatcher.close()
        await self._inbox.close()

    async def close(self) -> None:
        """End what is under way, and disconnect. Harmless when done twice."""
        await self.close_dispatcher()
        await self._tasks.stop()
        await self._membership.stop()
        await self.connection.close()

    async def _ready(self) -> None:
        offering = self._registration.keep_trying(lambda: offer(self.connection.client()))
        self._tasks.start(offering, "telegram-commands")
        await self._membership.recall()
        await self._begin_unfinished()

    async def _begin_unfinished(self) -> None:
        for update in await self._inbox.unfinished(self.connection.bot):
            if (work := self.dispatcher.work_of(update)) is not None:
                self._begin(update, work)

    def _take(self, update: Update) -> None:
        if self._inbox.knows(update):
            return
        if (work := self.dispatcher.work_of(update)) is not None:
            self._inbox.take(update)
            self._taken.append((update, work))

    async def _settle(self) -> None:
        """What was taken is begun once it is kept: so whoever lost the lease begins none of it."""
        taken, self._taken = self._taken, []
        try:
            await self._inbox.settle()
        except BaseException:
            for update, work in taken:
                work.close()
                self._inbox.leave(update)
            raise
        for update, work in taken:
            self._begin(update, work)
        if self._inbox.has_left:  # under a term of ours that was over: nobody else asks for it
            await self._begin_unfinished()

    def _begin(self, update: Update, work: Work) -> None:
        self._inbox.hold(update, self.dispatcher.begin(update, work))


async def ask_token(token: str, api_url: str, network: Network = DIRECT) -> TokenAnswer:
    """For `mintcast check`: ask Telegram once whose token it is, and whether it takes it."""
    asking, polling = new_requests(network, api_url)
    bot = new_bot(token, api_url, asking, polling)
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await bot.initialize()
        return TokenAnswer(True, texts.telegram.token_good(bot.username))
    except TROUBLE as error:
        if isinstance(error, InvalidToken):
            return TokenAnswer(False, texts.telegram.token_refused())
        return TokenAnswer(False, texts.telegram.no_answer(api_url, reason(error)))
    finally:
        await asyncio.gather(asking.shutdown(), polling.shutdown())
