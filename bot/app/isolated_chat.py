"""A chat platform on its own: whatever it meets, the others and the service go on.

It is built, logs in, runs and closes here. What fails is a part of the health that is bad, with a
sentence, and is tried again; what is owed there stays owed. Only a token that is refused at the
start is for the whole service: whoever gave it is there to see that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from bot import texts
from bot.alerts import Sender
from bot.errors import ChatFault, TokenRefused
from bot.kit.error_text import reason
from bot.kit.health import Part
from bot.kit.leadership import Leadership
from bot.kit.tasks import background, failure_of, supervise
from bot.kit.timing.clock import Clock

_log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 60.0
"""Seconds before a platform that could not be built is tried again."""


class Chat(Protocol):
    """What the service needs of Discord, and of Telegram.

    `login` raises TokenRefused where the token is wrong, and leaves any other trouble to `run`.
    `run` lasts until cancelled, and raises TokenRefused where it is of no use to try again; it has
    said so by then. `close_dispatcher` takes no more commands; `close` ends what `run` left open.
    """

    @property
    def sender(self) -> Sender: ...
    async def login(self) -> None: ...
    async def run(self) -> None: ...
    async def close_dispatcher(self) -> None: ...
    async def close(self) -> None: ...


class IsolatedChat:
    """The platform of that `name`, which `build` makes; it may be missing until that succeeds. Its
    connection is one node's at a time: whose the `lease` of that name is."""

    def __init__(
        self,
        name: str,
        build: Callable[[], Chat],
        part: Part,
        clock: Clock,
        leadership: Leadership,
        lease: str,
    ) -> None:
        self.name = name
        self._leadership = leadership
        self._lease = lease
        self._build = build
        self._part = part
        self._clock = clock
        self._chat: Chat | None = None
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
        """Until cancelled. `join` gets the sender of a platform that is built late."""
        if self._chat is None:
            join((await self._built()).sender)
        try:
            await self._leadership.lead(self._lease, self._connected)
        except _TokenDiedError as died:
            _log.error(texts.checks.platform_ended(died.refused))

    async def close_dispatcher(self) -> None:
        """Take no more commands."""
        if self._chat is not None:
            await self._surely(self._chat.close_dispatcher())

    async def close(self) -> None:
        """End what is left open."""
        if self._chat is not None:
            await self._surely(self._chat.close())

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

    async def _connected(self) -> None:
        await supervise(self._run_once, self._part, self._clock)

    async def _run_once(self) -> None:
        """A defect, ours or the library's, costs the connection, and no other platform's."""
        assert self._chat is not None
        async with background(self._chat.run(), f"{self.name}-connection") as running:
            await asyncio.wait({running})
        error = failure_of(running)
        if isinstance(error, TokenRefused):
            raise _TokenDiedError(error)
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
