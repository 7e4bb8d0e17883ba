"""The connection of one token: logging in, staying connected, the end; and a look at a token."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import discord

from bot import texts
from bot.errors import LeaseLost, TokenRefused
from bot.kit.backoff import Backoff
from bot.kit.health import Part
from bot.kit.timing.clock import Clock
from bot.model import TokenAnswer
from bot.model.network import DIRECT, Network
from bot.platforms.discord.addresses import NAME
from bot.platforms.discord.connection.client import Client
from bot.platforms.discord.connection.client_port import network_options, point_at
from bot.platforms.discord.connection.gateway import TROUBLE, ClosedForGood, Shard
from bot.platforms.discord.connection.invitation import invite_url

_log = logging.getLogger(__name__)

_LOGIN_SECONDS = 20.0
_CLOSE_SECONDS = 1.5
_CHECK_SECONDS = 15.0
_WRONG_TOKEN = 4004


class Status:
    """How the connection is, in the service's health. Logged at the edges, by the part."""

    def __init__(self, part: Part, clock: Clock) -> None:
        self._part = part
        self._clock = clock
        self._is_shared = False
        self._is_told = False
        if part.since is None:  # else it is being built once more, and is no better for that
            part.good(texts.discord.connecting())

    def connected(self, client: Client) -> None:
        """Discord has taken us, by each shard that is here."""
        if client.down or not client.up:
            return
        name = client.user.name if client.user is not None else "?"
        line = texts.discord.connected(name, len(client.guilds))
        if client.shard_count is not None:
            here = [shard for shard in client.up if shard is not None]
            line += texts.discord.by_shards(sorted(here), client.shard_count)
        if not self._is_told:
            self._is_told = True
            _log.info(
                texts.discord.started(name, len(client.guilds), invite_url(client.application_id))
            )
        self._part.good(f"{line}; {texts.discord.token_shared()}" if self._is_shared else line)

    def lost(self, _: Client) -> None:
        """The gateway is gone, or one of its shards, and we are coming back."""
        if self._part.ok:
            self._part.bad(texts.discord.reconnecting(self._clock.now()))

    def unreachable(self, error: BaseException) -> None:
        """Discord does not answer."""
        self._part.bad(texts.discord.unreachable(type(error).__name__))

    def ended(self, sentence: str) -> None:
        """Trying again is of no use."""
        self._part.bad(sentence)

    def shared(self) -> None:
        """Somebody else answers our interactions."""
        if not self._is_shared:
            self._is_shared = True
            self._part.good(f"{self._part.detail}; {texts.discord.token_shared()}")


class Connection:
    """A `ClientPort`: whoever makes requests has the client from it. `build` makes a new client
    for each login, which tells `logged_in` when it is. `is_pinned` as `Shard` has it."""

    def __init__(
        self,
        *,
        token: str,
        build: Callable[[], Client],
        status: Status,
        clock: Clock,
        is_pinned: bool = False,
    ) -> None:
        self._token = token
        self._build = build
        self._status = status
        self._clock = clock
        self._is_pinned = is_pinned
        self._client: Client | None = None
        self._refused = False
        self._logging_in = asyncio.Lock()
        self._spoilt: Client | None = None
        """A defect ended what ran by that one."""
        self.application_id: int | None = None
        self.user_id: int | None = None

    @property
    def client(self) -> discord.Client | None:
        """None while nobody is logged in."""
        return self._client

    @property
    def refused(self) -> bool:
        """The token died."""
        return self._refused

    async def login(self) -> None:
        """Ask Discord once who we are, unless it has told. Raises TokenRefused; other trouble is
        left to `run`."""
        try:
            if self._client is None:
                await self._log_in()
        except TROUBLE as error:
            self._status.unreachable(error)

    async def prepare(self) -> None:
        """Logged in, however long that takes: requests can be made. Raises TokenRefused."""
        await self._sure()

    async def run(self, number: int | None = None) -> None:
        """Log in, if that is still to be done, and stay connected until cancelled, when the gateway
        is left: by the shard of that number, where there are several. Requests can be made all the
        same, by the same client.

        Raises TokenRefused where trying again is of no use; its `detail` is a sentence.
        """
        while True:
            client = await self._sure()
            shard = Shard(client, number, self._clock, is_pinned=self._is_pinned)
            try:
                await shard.stay_connected()
            except ClosedForGood as closed:
                self._refused = closed.code == _WRONG_TOKEN
                raise self._ended(texts.discord.closed_for_good(closed.code)) from None
            except LeaseLost:
                raise
            except Exception:
                self._spoilt = client
                raise
            finally:
                await shard.leave(_CLOSE_SECONDS)
            # else another shard has met a defect, and there is a new client

    async def close(self) -> None:
        """Say goodbye, for a moment; then hang up. Harmless when done twice."""
        client, self._client = self._client, None
        if client is not None:
            await hang_up(client)

    async def _sure(self) -> Client:
        """A client that is logged in, however long that takes."""
        async with self._logging_in:
            if self._client is not None and self._spoilt is self._client:
                await self.close()  # begin with one that has none of its traces
            if self._client is None:
                backoff = Backoff(self._clock)
                await backoff.keep_trying(self._log_in, TROUBLE, self._status.unreachable)
            assert self._client is not None  # the login has told it
            return self._client

    async def _log_in(self) -> None:
        client = self._build()
        try:
            async with asyncio.timeout(_LOGIN_SECONDS):
                await client.login(self._token)
        except discord.LoginFailure:
            await hang_up(client)
            self._refused = True
            raise self._ended(texts.discord.token_refused()) from None
        except BaseException:
            await hang_up(client)
            raise

    def logged_in(self, client: Client) -> None:
        """Discord has taken the token: requests can be made by that client."""
        self._client = client
        self.application_id = client.application_id
        self.user_id = client.user.id if client.user is not None else None

    def _ended(self, sentence: str) -> TokenRefused:
        self._status.ended(sentence)
        return TokenRefused(NAME, sentence)


async def hang_up(client: discord.Client, seconds: float = _CLOSE_SECONDS) -> None:
    """Close what it holds open, whether or not Discord answers within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await client.close()
    except TimeoutError:
        _log.info("Discord did not say goodbye")
    finally:
        await client.http.close()


async def ask_token(token: str, api_url: str, network: Network = DIRECT) -> TokenAnswer:
    """For `mintcast check`: ask Discord once whose token it is, and whether it takes it."""
    point_at(api_url, "")
    client = discord.Client(intents=discord.Intents.none(), **network_options(network))
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await client.login(token)
        name = client.user.name if client.user is not None else "?"
        return TokenAnswer(True, texts.discord.token_good(name, invite_url(client.application_id)))
    except discord.LoginFailure:
        return TokenAnswer(False, texts.discord.token_refused())
    except TROUBLE as error:
        return TokenAnswer(False, texts.discord.no_answer(type(error).__name__))
    finally:
        await hang_up(client)
