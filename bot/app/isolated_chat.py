"""A chat platform on its own: whatever it meets, the others and the service go on.

It is built, logs in, runs and closes here. What fails is a part of the health that is bad, with a
sentence, and is tried again; what is owed there stays owed. Only a token that is refused at the
start is for the whole service: whoever gave it is there to see that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from typing import Any, Protocol

from bot import texts
from bot.alerts import Sender
from bot.errors import ChatFault, LeaseLost, TokenRefused
from bot.kit.error_text import reason
from bot.kit.health import Part
from bot.kit.leadership import Leadership, is_handed_over
from bot.kit.tasks import awaited, background, cancel_and_wait, failure_of, spawn, supervise
from bot.kit.timing.clock import Clock

_log = logging.getLogger(__name__)

_Connect = Callable[[], Awaitable[None]]

_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 60.0
"""Seconds before a platform that could not be built is tried again."""


class Chat(Protocol):
    """What the service needs of Discord, and of Telegram.

    `login` raises TokenRefused where the token is wrong, and leaves any other trouble to `prepare`,
    after which its sender can send. `connections`, by the names of their leases, each last until
    cancelled, and are closed by then. All raise TokenRefused where it is of no use to try again,
    and have said so by then; LeaseLost where another node is to connect. One node has
    `most_connections` of them, where that is not 0. `close_dispatcher` takes
    no more commands; `close` ends what is left open.
    """

    @property
    def sender(self) -> Sender: ...
    @property
    def connections(self) -> Mapping[str, _Connect]: ...
    @property
    def most_connections(self) -> int: ...
    async def login(self) -> None: ...
    async def prepare(self) -> None: ...
    async def close_dispatcher(self) -> None: ...
    async def close(self) -> None: ...


class IsolatedChat:
    """The platform of that `name`, which `build` makes; it may be missing until that succeeds. Each
    of its connections is one node's at a time: whose, `leadership` says. `connects`: this node may
    have any; else it only sends. `is_shared`: there may be other nodes."""

    def __init__(
        self,
        name: str,
        build: Callable[[], Chat],
        part: Part,
        clock: Clock,
        leadership: Leadership,
        *,
        connects: bool = True,
        is_shared: bool = False,
    ) -> None:
        self.name = name
        self._leadership = leadership
        self._connects = connects
        self._is_shared = is_shared
        self._connected = 0
        self._has_room = asyncio.Event()
        self._build = build
        self._part = part
        self._clock = clock
        self._chat: Chat | None = None
        self._running: asyncio.Task[None] | None = None
        self._try_to_build()

    @property
    def sender(self) -> Sender | None:
        """None: it is not built yet."""
        return self._chat.sender if self._chat is not None else None

    async def login(self) -> None:
        """Once. Raises TokenRefused, and nothing else."""
        if self._chat is None:
            return
        try:
            await self._chat.login()
        except TokenRefused:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this platform's alone
            self._failed(error)

    async def run(self, join: Callable[[Sender], None]) -> None:
        """Until cancelled, or left to other nodes. `join` gets the sender of a platform that is
        built late."""
        async with background(self._run(join), f"{self.name}-runs") as self._running:
            await asyncio.wait({self._running})
        if not self._running.cancelled():
            self._running.result()

    async def close_dispatcher(self) -> None:
        """Take no more commands. Where there may be other nodes, nothing stays connected here, so
        that one of them takes them at once; what is owed can still be sent."""
        if self._chat is not None:
            await self._surely(self._chat.close_dispatcher())
        if self._is_shared and self._running is not None:
            await cancel_and_wait(self._running)

    async def close(self) -> None:
        """End what is left open."""
        if self._chat is not None:
            await self._surely(self._chat.close())

    async def _run(self, join: Callable[[Sender], None]) -> None:
        chat = self._chat
        if chat is None:
            chat = await self._built()
            join(chat.sender)
        try:
            await self._supervised(chat.prepare)
            if self._connects:
                await self._stay_connected(chat)
            else:
                self._part.off(texts.health.NO_ROLE)
        except _TokenDiedError as died:
            _log.error(texts.checks.platform_ended(died.refused))

    def _try_to_build(self) -> Chat | None:
        try:
            self._chat = self._build()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this platform's alone
            self._failed(error)
        return self._chat

    async def _built(self) -> Chat:
        """It, however long that takes."""
        pause = _FIRST_PAUSE
        while True:
            await self._clock.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
            if (chat := self._try_to_build()) is not None:
                return chat

    async def _stay_connected(self, chat: Chat) -> None:
        """Whichever connections are ours. The first that may not be made again ends all."""
        if self._is_shared:
            self._part.rest(texts.health.STANDBY)
        connections = chat.connections
        most = chat.most_connections or len(connections)
        left_to_others = connections if most < len(connections) else ()
        tasks = [
            spawn(self._keep(lease, connect, most), lease) for lease, connect in connections.items()
        ]
        try:
            with self._leadership.needing(left_to_others):
                await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
                for task in tasks:
                    if task.done():
                        task.result()
        finally:
            await cancel_and_wait(*tasks)

    async def _keep(self, lease: str, connect: _Connect, most: int) -> None:
        """One of them, whenever it is ours and we have fewer than `most`. Nodes of this platform's
        role may have it instead, where it says that it cannot be reached from here (`note_reach`).
        Discord's shards never say so: each move costs an identify, and a day has a thousand."""
        is_over = False

        async def work() -> None:
            nonlocal is_over
            if self._connected < most:
                await self._connect(connect)
                is_over = True

        while not is_over:
            while self._connected >= most:
                self._has_room.clear()
                await self._has_room.wait()
            await self._leadership.lead(lease, work, role=self.name)

    async def _connect(self, connect: _Connect) -> None:
        if self._is_shared and not self._connected:
            self._part.good(texts.health.TAKING_OVER)
        self._connected += 1
        try:
            await self._supervised(connect)
        except asyncio.CancelledError:
            if self._is_shared and self._connected == 1:
                why = texts.health.standby(self.name, handed_over=is_handed_over())
                self._part.rest(why)
            raise
        finally:
            self._connected -= 1
            self._has_room.set()

    async def _supervised(self, work: _Connect) -> None:
        await supervise(partial(self._once, work), self._part, self._clock)

    async def _once(self, work: _Connect) -> None:
        """A defect, ours or the library's, costs the connection, and no other platform's."""
        async with background(awaited(work()), f"{self.name}-connection") as running:
            await asyncio.wait({running})
        error = failure_of(running)
        if isinstance(error, TokenRefused):
            raise _TokenDiedError(error)
        if isinstance(error, LeaseLost):
            await asyncio.get_running_loop().create_future()  # until whoever leads ends it
        if error is not None:
            _log.error("%s met a fault of Mintcast", self.name, exc_info=error)
            raise ChatFault(self.name) from error

    async def _surely(self, ending: Coroutine[Any, Any, None]) -> None:
        try:
            await ending
        except Exception:  # noqa: BLE001 - whatever it is, it is this platform's alone
            _log.exception("%s did not end as it should", self.name)

    def _failed(self, error: Exception) -> None:
        _log.debug("%s could not be started", self.name, exc_info=error)
        self._part.bad(texts.health.not_started(self.name, reason(error)))


class _TokenDiedError(Exception):
    """Not to be tried again, unlike what `supervise` takes for a failure."""

    def __init__(self, refused: TokenRefused) -> None:
        super().__init__(refused.platform)
        self.refused = refused
