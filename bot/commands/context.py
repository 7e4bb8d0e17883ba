"""What every command has at hand, and the few steps that several of them take."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot import texts
from bot.alerts import PictureCache, PictureChoice, PictureSource
from bot.commands.allowances import Allowances
from bot.commands.highlight_lists import HighlightLists
from bot.commands.limits import Limits
from bot.commands.name_cache import Lookups
from bot.commands.ports import Clips, Lookback, Request, Watch
from bot.commands.undo.offers import UndoOffers
from bot.errors import PumpfunError, Refused
from bot.kit.files import Files
from bot.kit.notifier import Notifier
from bot.kit.tasks import Tasks, within
from bot.kit.timing.clock import Clock
from bot.model import (
    Coin,
    Observation,
    Reason,
    SiteClip,
    StoredPicture,
    StoredVideo,
    Stream,
    Target,
    Unknown,
)
from bot.store import Store, Unit, write_timeout

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CommandContext:
    """Handed to each command. `tasks` are those that outlive their command: followed clips, and
    what can be undone. `followed` are the ids of clip jobs whose cards change by themselves, in the
    name of `worker_id`; `doubted_cards` may be in its name, and nobody follows them, since the
    database's answer was lost. `is_node`: others share the database, and what is owed here may be
    sent there."""

    store: Store
    watch: Watch
    lookback: Lookback
    lookups: Lookups
    highlights: HighlightLists
    clips: Clips
    files: Files
    picture_cache: PictureCache
    undo: UndoOffers
    clock: Clock
    notifier: Notifier
    limits: Limits
    version: str
    worker_id: str
    allowances: Allowances
    tasks: Tasks
    is_node: bool = False
    followed: set[int] = field(default_factory=set)
    doubted_cards: set[int] = field(default_factory=set)

    async def here(self, request: Request) -> Target:
        """The target where the request was made. To ask makes no row: one that is refused leaves
        no trace. Whoever stores something about it uses `kept`."""
        async with self.store.read() as unit:
            return await unit.places.seen(request.address, request.sender)

    async def kept(self, unit: Unit, request: Request) -> Target:
        """Its row, made where there is none, in the transaction of what is stored about it."""
        return await unit.places.target(request.address, request.sender, self.clock.now())

    async def keep_coin(self, unit: Unit, coin: Coin | None) -> None:
        """What is posted of a coin tells its name, and hides what its marks hide, also where nobody
        follows it."""
        if coin is not None and await unit.coins.get(coin.mint) is None:
            await unit.coins.put(coin)

    async def look(self, request: Request, mint: str, seconds: float | None = None) -> Observation:
        """What pump.fun says of `mint` now, or said a moment ago; `Unknown` when it takes longer
        than we wait.

        Raises Refused where the person or the place has asked too much.
        """
        if (seen := self.watch.seen_lately(mint)) is not None:
            return seen
        self.allowances.take(request, 1)
        if seconds is None:
            seconds = self.limits.answer_seconds
        try:
            # What it saves is the watcher's, and not the command's.
            with write_timeout(self.limits.store_seconds):
                return await within(self.clock, seconds, self.watch.look(mint, request.asker))
        except TimeoutError:
            return Unknown(Reason.TIMEOUT)
        except PumpfunError as error:
            return Unknown(error.reason, error.status, error.retry_after)

    def may_ask_coins(self, request: Request, mints: Sequence[str]) -> None:
        """Count what `ask_coin` is about to ask. Raises Refused where it is too much."""
        unknown = [mint for mint in mints if not self.lookups.knows(mint)]
        self.allowances.take(request, len(unknown))

    async def ask_coin(self, request: Request, mint: str) -> Coin | None:
        """What `mint` names; None if it is no coin. Raises PumpfunError, for a time-out too."""
        asking = self.lookups.coin(mint, request.asker)
        try:
            return await within(self.clock, self.limits.answer_seconds, asking)
        except TimeoutError:
            raise PumpfunError(Reason.TIMEOUT) from None

    async def highlights_of(self, request: Request, mint: str) -> tuple[SiteClip, ...]:
        """pump.fun's own highlights of that coin, the newest first. Raises PumpfunError, for a
        time-out too, and Refused where the person or the place has asked too much."""
        if not self.highlights.knows(mint):
            self.allowances.take(request, 1)
        asking = self.highlights.of(mint, request.asker)
        try:
            return await within(self.clock, self.limits.answer_seconds, asking)
        except TimeoutError:
            raise PumpfunError(Reason.TIMEOUT) from None

    async def picture(
        self, choice: PictureChoice, stream: Stream | None, coin_key: str | None
    ) -> StoredPicture | None:
        """What is to be shown of that stream, or of its coin, if it is among our files."""
        stream_key = stream.picture_key if stream is not None else None
        keys: Mapping[PictureSource, tuple[str | None, ...]] = {
            PictureSource.STREAM: (stream_key, coin_key),
            PictureSource.MOVING: (stream_key, coin_key),
            PictureSource.COIN: (coin_key,),
        }
        for key in keys.get(choice.source, ()):
            picture = await self.picture_cache.get(key)
            if picture is not None:
                return picture
        return None

    async def moving(self, choice: PictureChoice, stream: Stream | None) -> StoredVideo | None:
        """The moving picture that is to be shown of that stream, if it is among our files."""
        if choice.source is not PictureSource.MOVING or stream is None:
            return None
        async with self.store.read() as unit:
            known = await unit.streams.moving(stream.id)
        is_there = known is not None and await self.picture_cache.may_be_there(known.video.key)
        return known.video if known is not None and is_there else None

    async def coin(self, request: Request, mint: str) -> Coin | None:
        """The coin as we know it, else as pump.fun does; None where that does not answer.

        Raises Refused for what is no coin.
        """
        async with self.store.read() as unit:
            known = await unit.coins.get(mint)
        if known is not None:
            return known
        self.may_ask_coins(request, [mint])
        try:
            found = await self.ask_coin(request, mint)
        except PumpfunError as error:
            _log.info("a coin goes without its name: %s", error)
            return None
        if found is None:
            raise Refused(texts.common.not_a_coin(mint))
        return found
