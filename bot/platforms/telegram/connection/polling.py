"""Takes what Telegram has for the bot, by long polling.

PTB's own `Updater` does not say when its polling ends for good, ignores time-outs, and stays for
ever at an update that it cannot parse. This uses the same `Bot.get_updates`, reports how it goes,
and skips what cannot be parsed. What was handed on and settled is confirmed by the next request,
and by `confirm` at the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError, TimedOut

from bot.errors import LeaseLost
from bot.kit.backoff import Backoff
from bot.kit.leadership import require_lease
from bot.kit.timing.clock import Clock
from bot.platforms.telegram.connection.api_requests import PollRequest

_log = logging.getLogger(__name__)

WANTED: Final = (
    Update.MESSAGE,
    Update.CHANNEL_POST,
    Update.CALLBACK_QUERY,
    Update.MY_CHAT_MEMBER,
)

POLL_SECONDS = 25
"""Telegram holds a request for so long while there is nothing to tell."""

_MOST_UPDATES = 10
"""Of one answer, which is read and handed on at once: nothing else happens meanwhile, and a
forwarded message full of links takes milliseconds."""

_ANSWER_SECONDS = 20.0
"""So much later than that it has answered, whole: PTB's own limit is for each read, and one that
trickles would never end."""

UNREADABLE = (
    *(ArithmeticError, AttributeError, LookupError, OSError),
    *(RecursionError, TypeError, ValueError),
)
"""What PTB's parsers raise for an update whose shape they do not expect; a date beyond all is an
OverflowError or an OSError. What the network does is a TelegramError there."""

_LONGEST_PAUSE = 30.0
_CONFLICT_PAUSE = 5.0
_CONFIRM_SECONDS = 1.0


class Poller:
    """Of one bot. `take` gets each update, and soon returns; `settle` is awaited before Telegram is
    told that they were taken. Without the lease nothing is asked or told. The rest report how it
    goes: `on_good` after each answer, `on_conflict` after a 409, `on_wait` before a long wait that
    Telegram asks for, `on_trouble` after anything else.
    """

    def __init__(
        self,
        *,
        bot: Bot,
        request: PollRequest,
        clock: Clock,
        take: Callable[[Update], None],
        settle: Callable[[], Awaitable[None]],
        on_good: Callable[[], None],
        on_conflict: Callable[[Conflict], Awaitable[None]],
        on_wait: Callable[[float], None],
        on_trouble: Callable[[TelegramError], None],
    ) -> None:
        self._bot = bot
        self._request = request
        self._clock = clock
        self._take = take
        self._settle = settle
        self._on_good = on_good
        self._on_conflict = on_conflict
        self._on_wait = on_wait
        self._on_trouble = on_trouble
        self._offset: int | None = None
        self._limit = _MOST_UPDATES
        self._backoff = Backoff(clock, longest=_LONGEST_PAUSE)
        self._is_confirmed = True
        self._is_down = False

    async def run(self) -> None:
        """Until cancelled, from whatever Telegram has: another node may have polled meanwhile.
        Raises InvalidToken, LeaseLost."""
        self._offset, self._limit = None, _MOST_UPDATES
        self._is_confirmed, self._is_down = True, True
        while True:
            try:
                await self._once()
            except InvalidToken:
                raise
            except Conflict as error:
                await self._on_conflict(error)
                await self._backoff.wait(at_most=_CONFLICT_PAUSE)
            except RetryAfter as error:
                await self._wait(error._retry_after.total_seconds())
            except TelegramError as error:
                self._is_down = True
                self._on_trouble(error)
                await self._backoff.wait()
            else:
                self._is_down = False
                self._backoff.reset()
                self._on_good()

    async def _wait(self, seconds: float) -> None:
        """As Telegram has asked; how it goes is known soon after a wait that was told."""
        if seconds > _LONGEST_PAUSE:
            self._is_down = True
            self._on_wait(seconds)
        await self._clock.sleep(seconds)

    async def confirm(self) -> None:
        """Tell Telegram what was taken, so that the next start does not get it again. It is not
        insisted on: every command may come twice without harm."""
        if self._is_confirmed:
            return
        with contextlib.suppress(LeaseLost, TelegramError, *UNREADABLE):
            require_lease()
            await self._bot.get_updates(
                offset=self._offset, limit=1, timeout=0, read_timeout=_CONFIRM_SECONDS
            )
            self._is_confirmed = True

    async def _once(self) -> None:
        """At first, and after an outage, nothing is waited for: how it goes is known at once."""
        require_lease()
        seconds = 0 if self._is_down else POLL_SECONDS
        try:
            async with asyncio.timeout(seconds + _ANSWER_SECONDS):
                updates = await self._bot.get_updates(
                    offset=self._offset,
                    limit=self._limit,
                    timeout=seconds,
                    allowed_updates=WANTED,
                )
        except TimeoutError:
            raise TimedOut from None
        except UNREADABLE:
            self._sift()
            return
        self._is_confirmed = True
        self._limit = _MOST_UPDATES
        if updates:
            require_lease()  # the answer may be from before this process stood still
        for update in updates:
            self._hand_on(update)
        await self._settle()
        if updates:
            self._offset = updates[-1].update_id + 1
            self._is_confirmed = False

    def _hand_on(self, update: Update) -> None:
        """What fails to be read only here is skipped as well: else all others wait behind it."""
        try:
            self._take(update)
        except UNREADABLE:
            _log.exception("an update cannot be read, and is skipped")

    def _sift(self) -> None:
        """Take them one by one, and skip the one that cannot be read."""
        if self._limit > 1:
            self._limit = 1
            return
        _log.error("Telegram sent an update that cannot be read; the next one may")
        if self._request.newest is not None:
            self._offset = self._request.newest + 1
        self._limit = _MOST_UPDATES
