"""What every source of clips is to the service, and all of them together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from bot.clips.results import failed
from bot.clips.sources.choice import choose, is_whole
from bot.errors import PumpfunError, StoreError
from bot.model import ClipFailure, ClipProgress, ClipRequest, ClipResult, Offer, SourceName, Window

_log = logging.getLogger(__name__)

OnProgress = Callable[[ClipProgress], None]


class ClipSource(Protocol):
    """Something that can give windows of a stream, as one MP4 each.

    `offer`: the part of the window that it can give, None where that is nothing. It promises
    nothing: what was at hand may be gone when it is cut. `cut` makes the file; setting `finish`
    ends it with what there is. Failures are in the result; it may raise PumpfunError.
    Both may raise StoreError.
    """

    @property
    def name(self) -> SourceName: ...
    async def offer(self, mint: str, window: Window) -> Offer | None: ...
    async def cut(
        self,
        request: ClipRequest,
        on_progress: OnProgress = ...,
        finish: asyncio.Event | None = None,
    ) -> ClipResult: ...


class FarSource(ClipSource, Protocol):
    """One that has to ask a server. `reach`: from the oldest to the newest that it has of a window,
    holes included; None: nothing. It and `offer` raise PumpfunError where they could not find
    that out."""

    async def reach(self, mint: str, window: Window) -> Window | None: ...


class ClipSources:
    """Those that have what is past, and the room, which has what is to come. `at_hand`: which part
    of a coin's stream can be had at once, until now where it goes on; None: nothing. `around`:
    those that have what was kept around earlier clips. `far` is asked only where the others have
    not all of it. `site`: what has the site's own clips."""

    def __init__(
        self,
        past: Sequence[ClipSource],
        room: ClipSource,
        at_hand: Callable[[str], Window | None],
        around: Sequence[ClipSource] = (),
        far: FarSource | None = None,
        site: ClipSource | None = None,
    ) -> None:
        self.at_hand = at_hand
        self._past = tuple(past)
        self._around = tuple(around)
        self._far = far
        every = [*past, room, *around, *(one for one in (far, site) if one is not None)]
        self._all: dict[SourceName, ClipSource] = {source.name: source for source in every}

    async def offer(
        self,
        mint: str,
        window: Window,
        *,
        is_recut: bool = False,
        without: Collection[SourceName] = (),
    ) -> Offer | None:
        """What a clip of that window is best cut of; None: too little of it is at hand. One that is
        cut anew may be of what was kept around the first. `without` those that have failed. Raises
        PumpfunError where none has enough, and the far one cannot be asked."""
        asked = (*self._past, *self._around) if is_recut else self._past
        left = (source for source in asked if source.name not in without)
        offers = [offer for one in left if (offer := await _offer_of(one, mint, window))]
        has_all = any(is_whole(offer.window, window) for offer in offers)
        if self._far is None or has_all or self._far.name in without:
            return choose(window, offers)
        try:
            offers += filter(None, [await _offer_of(self._far, mint, window)])
        except PumpfunError:
            if (best := choose(window, offers)) is not None:
                return best
            raise
        return choose(window, offers)

    async def near(self, mint: str, window: Window) -> Window | None:
        """The longest part of it that can be had at once, with nobody asked; None: nothing."""
        offers = [offer for one in self._past if (offer := await _offer_of(one, mint, window))]
        parts = (offer.window for offer in offers)
        return max(parts, key=lambda part: part.seconds, default=None)

    async def far(self, mint: str, window: Window) -> Window | None:
        """The longest part of it that the far source has, or will have soon; None: nothing. Raises
        PumpfunError where that one cannot be asked."""
        offer = await _offer_of(self._far, mint, window) if self._far is not None else None
        return offer.window if offer is not None else None

    async def reach(self, mint: str, window: Window) -> Window | None:
        """From the oldest to the newest of it that somebody has, holes included; None: nothing.
        Raises PumpfunError where the far source cannot be asked."""
        parts = [await self._far.reach(mint, window)] if self._far is not None else []
        if (at_hand := self.at_hand(mint)) is not None:
            parts.append(window.within(at_hand))
        known = [part for part in parts if part is not None]
        if not known:
            return None
        return Window(min(part.begins_at for part in known), max(part.ends_at for part in known))

    async def cut(
        self,
        source: SourceName,
        request: ClipRequest,
        on_progress: OnProgress,
        finish: asyncio.Event | None = None,
    ) -> ClipResult:
        """As that source does it."""
        try:
            return await self._all[source].cut(request, on_progress, finish)
        except StoreError as error:
            return failed(ClipFailure.NOT_AT_HAND, str(error))


async def _offer_of(source: ClipSource, mint: str, window: Window) -> Offer | None:
    """Nothing, where it looks into a database that does not answer."""
    try:
        return await source.offer(mint, window)
    except StoreError as error:
        _log.warning("nothing of %s: %s", source.name.value, error)
        return None
