"""The connection of one token: logging in, taking updates, and the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from telegram import Bot, Update
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, TelegramError
from telegram.request import HTTPXRequest

from bot import texts
from bot.alerts import Fault, SendError
from bot.errors import TokenRefused
from bot.kit.backoff import Backoff
from bot.kit.health import Part
from bot.kit.leadership import note_reach
from bot.kit.tasks import background, first_to_end
from bot.kit.timing.clock import Clock
from bot.kit.timing.far_clock import FarClock
from bot.model.network import DIRECT, Network
from bot.platforms.telegram.addresses import NAME
from bot.platforms.telegram.connection.api_requests import new_requests, reason
from bot.platforms.telegram.connection.muting import Muting, muted
from bot.platforms.telegram.connection.poll_conflict import PollConflict, is_of_webhook
from bot.platforms.telegram.connection.polling import Poller

_log = logging.getLogger(__name__)

TROUBLE = (TelegramError, TimeoutError)
"""How a failing network or server shows; PTB wraps what httpx raises."""

_LOGIN_SECONDS = 20.0
_SURE_SECONDS = 2.0
_CLOSE_SECONDS = 1.5


def new_bot(token: str, api_url: str, asking: HTTPXRequest, polling: HTTPXRequest) -> Bot:
    """A bot that has made no request yet."""
    base = api_url.rstrip("/")
    return Bot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=asking,
        get_updates_request=polling,
    )


class Status:
    """How the connection is, in the service's health, which logs each change."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._was_on = False
        if part.since is None:  # else it is being built once more, and is no better for that
            part.good(texts.telegram.connecting())

    def connected(self, name: str) -> None:
        """Telegram answers, and knows the token."""
        if not self._was_on:
            self._was_on = True
            _log.info("%s", texts.telegram.on(name))
        self._part.good(texts.telegram.connected(name))

    def unreachable(self, error: BaseException) -> None:
        """Telegram does not answer, or not as it should."""
        self._part.bad(texts.telegram.unreachable(reason(error)))

    def waiting(self, seconds: float) -> None:
        """Telegram takes no questions for so long."""
        self._part.bad(texts.telegram.told_to_wait(seconds))

    def shared(self, *, by_webhook: bool, is_muted: bool) -> None:
        """Another program takes updates with our token; `is_muted`: so we send nothing."""
        self._part.bad(texts.telegram.token_shared(by_webhook=by_webhook, is_muted=is_muted))

    def ended(self, sentence: str) -> None:
        """Trying again is of no use."""
        self._part.bad(sentence)


class Connection:
    """A `ClientPort`. `take` gets each update, and starts handling it; `settle` is awaited before
    Telegram is told that they were taken."""

    def __init__(
        self,
        *,
        token: str,
        api_url: str,
        status: Status,
        clock: Clock,
        take: Callable[[Update], None],
        settle: Callable[[], Awaitable[None]],
        muting: Muting,
        network: Network = DIRECT,
    ) -> None:
        self._muting = muting
        self.far_clock = FarClock(clock.elapsed)
        self._asking, self._polling = new_requests(network, api_url, self.far_clock)
        self.bot = new_bot(token, api_url, self._asking, self._polling)
        self._status = status
        self._clock = clock
        self._conflict = PollConflict(clock)
        self._is_refused = False
        self._is_closing = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._poller = Poller(
            bot=self.bot,
            request=self._polling,
            clock=clock,
            take=take,
            settle=settle,
            on_good=self._good,
            on_conflict=self._met_conflict,
            on_wait=self._told_to_wait,
            on_trouble=self._trouble,
        )
        self.id = 0

    @property
    def name(self) -> str:
        """The user name, as the last `getMe` has it; empty before the login."""
        return self.bot.username if self.id else ""

    def client(self) -> Bot:
        """The bot to send by. Raises SendError while nothing may be sent."""
        if self._is_refused:
            raise SendError(Fault.UNAUTHORIZED, detail="the token was refused")
        if self._conflict.is_muting:
            raise muted()
        return self.bot

    async def login(self) -> None:
        """Ask Telegram once who we are. Raises TokenRefused; any other failure is left to `run`."""
        try:
            await self._log_in()
        except TROUBLE as error:
            self._status.unreachable(error)

    async def run(self, ready: Callable[[], Awaitable[None]]) -> None:
        """Log in, if that is still to be done, then take updates until cancelled; `ready` is
        awaited between. Raises TokenRefused where trying again is of no use, LeaseLost where
        another node is to take them."""
        await self._sure()
        await ready()
        self._is_idle.clear()
        try:
            await self._take_all()
            await self._poller.confirm()
        finally:
            self._is_idle.set()
        await asyncio.get_running_loop().create_future()

    async def stop_taking(self) -> None:
        """Take no more updates: Telegram keeps them for the next start, or for another node. It is
        told what was taken, while that is still ours to tell."""
        self._is_closing.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._is_idle.wait()

    async def close(self) -> None:
        """Disconnect. Harmless when done twice."""
        self._is_closing.set()
        await asyncio.gather(self._asking.shutdown(), self._polling.shutdown())

    async def _sure(self) -> None:
        """Logged in, however long that takes."""
        if not self.id:
            backoff = Backoff(self._clock)
            await backoff.keep_trying(self._log_in, TROUBLE, self._no_login)

    async def _log_in(self) -> None:
        """PTB's `initialize` is a `getMe`. A webhook that somebody set would keep all updates."""
        try:
            async with asyncio.timeout(_LOGIN_SECONDS):
                await self.bot.initialize()
                await self.bot.delete_webhook()
        except InvalidToken:
            raise self._refused() from None
        self.id = self.bot.id
        self._status.connected(self.name)

    async def _take_all(self) -> None:
        """Until closing."""
        while not self._is_closing.is_set():
            try:
                await self._take_updates()
            except InvalidToken:
                await self._clock.sleep(_SURE_SECONDS)  # a proxy may have hiccuped
                await self._ask_again()

    async def _take_updates(self) -> None:
        """Until closing. Raises InvalidToken, LeaseLost."""
        async with (
            background(self._poller.run(), "telegram-polling") as polling,
            background(self._is_closing.wait(), "telegram-closing") as closing,
        ):
            await first_to_end(polling, closing)
            if polling.done():
                polling.result()

    async def _ask_again(self) -> None:
        try:
            async with asyncio.timeout(_LOGIN_SECONDS):
                await self.bot.get_me()
        except InvalidToken:
            raise self._refused() from None
        except TROUBLE as error:
            self._status.unreachable(error)

    def _no_login(self, error: BaseException) -> None:
        note_reach(answered=_is_answer(error))
        self._status.unreachable(error)

    def _good(self) -> None:
        note_reach(answered=True)
        if not self._conflict.is_here:
            self._status.connected(self.name)

    async def _met_conflict(self, error: Conflict) -> None:
        note_reach(answered=True)
        by_webhook = is_of_webhook(error)
        if by_webhook and not await self._is_webhook_back():
            return
        self._conflict.met()
        self._status.shared(by_webhook=by_webhook, is_muted=self._conflict.is_muting)
        if self._conflict.is_muting:
            await self._muting.tell()

    async def _is_webhook_back(self) -> bool:
        """Remove it; whether that was done a moment ago, too."""
        try:
            async with asyncio.timeout(_LOGIN_SECONDS):
                await self.bot.delete_webhook()
        except TROUBLE as error:
            self._status.unreachable(error)
            return False
        is_back = self._conflict.removed_webhook()
        if not is_back:
            _log.warning("a webhook was set for this token, so no updates came; it was removed")
        return is_back

    def _told_to_wait(self, seconds: float) -> None:
        note_reach(answered=True)
        if not self._conflict.is_here:
            self._status.waiting(seconds)

    def _trouble(self, error: TelegramError) -> None:
        note_reach(answered=_is_answer(error))
        if not self._conflict.is_here:
            self._status.unreachable(error)

    def _refused(self) -> TokenRefused:
        self._is_refused = True
        self._status.ended(texts.telegram.token_refused())
        return TokenRefused(NAME, texts.telegram.token_refused())


def _is_answer(error: BaseException) -> bool:
    """Whether Telegram refused something: PTB has that among the errors of the network, too."""
    if isinstance(error, BadRequest):
        return True
    return isinstance(error, TelegramError) and not isinstance(error, NetworkError)
