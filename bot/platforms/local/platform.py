"""The local platform: a page on this machine, where one person talks to Mintcast."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiohttp import web

from bot.commands import Commands, Lookback
from bot.kit.files import Files
from bot.kit.health import Health
from bot.kit.notifier import Notifier
from bot.kit.timing.clock import Clock
from bot.platforms.local.api import Api
from bot.platforms.local.dispatcher import PAGE_ADDRESS, RequestDispatcher
from bot.platforms.local.events import Events
from bot.platforms.local.message_board import MessageBoard
from bot.platforms.local.sender import NAME, LocalSender
from bot.platforms.local.status import Status
from bot.store import Store


class LocalPlatform:
    """`async with LocalPlatform(…) as local:` takes commands until it leaves.

    `sender` and `routes` are there from the start; before it is entered and after it has left,
    the page can be read, and what is asked is answered 503. `close_dispatcher` is the first step of
    a stop: no more commands, those under way are ended.
    """

    def __init__(
        self,
        *,
        store: Store,
        files: Files,
        clock: Clock,
        notifier: Notifier,
        commands: Commands,
        lookback: Lookback,
        health: Health,
    ) -> None:
        self._board = MessageBoard(store, clock, notifier)
        self._dispatcher = RequestDispatcher(self._board, commands)
        self._events = Events(store, clock, notifier)
        self._store, self._clock = store, clock
        self._part = health.part(NAME)
        self.sender = LocalSender(self._board, clock)
        self.routes: tuple[web.RouteDef, ...] = Api(
            store=store,
            files=files,
            commands=commands,
            dispatcher=self._dispatcher,
            events=self._events,
            status=Status(store, health, lookback, clock, PAGE_ADDRESS, files.folder),
        ).routes()

    async def __aenter__(self) -> Self:
        async with self._store.write() as unit:
            await unit.places.target(PAGE_ADDRESS, NAME, self._clock.now())
        await self._board.trim()
        self._dispatcher.open()
        self._part.good("takes commands")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close_dispatcher()
        self._events.close()

    async def close_dispatcher(self) -> None:
        """Take no more commands, and end those under way. Harmless when done twice."""
        await self._dispatcher.close()
