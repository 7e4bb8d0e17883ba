"""The site's own recording as a source of clips: any moment of a stream that was watched."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bot import texts
from bot.clips.editing.second_encode import Encode, encode_smaller, fitting
from bot.clips.results import OF_DISK, failed, not_kept
from bot.clips.sources.choice import is_enough
from bot.clips.sources.port import OnProgress
from bot.clips.sources.recording.choice import (
    in_turn,
    is_worth_waiting,
    likely,
    offered,
    pause_before_look,
    ready_in,
)
from bot.clips.sources.recording.cut import Attempt, Cut, RungCutter, discard, nothing_came
from bot.clips.sources.recording.delay_meter import DelayMeter
from bot.clips.sources.recording.lists import RecordingLists
from bot.clips.sources.recording.placement import Placement
from bot.clips.sources.recording.trouble import note_trouble
from bot.clips.workers.segment_cutter import cut_segments
from bot.errors import PumpfunError
from bot.kit.tasks import background, first_to_end, within
from bot.model import (
    ClipFailure,
    ClipProgress,
    ClipRequest,
    ClipResult,
    Offer,
    Phase,
    PlacedBy,
    Reason,
    Recording,
    SourceName,
    Window,
)
from bot.pumpfun.recording.playlists import Rung

if TYPE_CHECKING:
    from bot.kit.health import Part
    from bot.kit.timing.clock import Clock
    from bot.pumpfun.recording.media import Media

_log = logging.getLogger(__name__)

_CUT_SECONDS = 1.0
"""Fetching and copying takes about so long: whoever has the packets at hand is sooner."""
_OFFER_SECONDS = 2.5
"""Somebody waits for an answer."""
_MOST_RECORDINGS = 3
"""So many of a coin's are looked into for one window."""
_LOOK_SECONDS, _MAKE_SECONDS = 20.0, 90.0
"""A server that takes longer for its lists, or for segments, is of no use; segments of a long clip
may take half as long as it lasts."""
_LEAST_SECONDS = 20.0
"""So long each recording has, however long those before it took."""
_MOST_RUNGS = 3
_ODD = frozenset(
    {
        ClipFailure.VIDEO_H265,
        ClipFailure.VIDEO_FORMAT,
        ClipFailure.VIDEO_TOO_LARGE,
        ClipFailure.WRITE_FAILED,
    }
)
"""What says that the site's recording is no longer what it was."""

RecordingsOfCoin = Callable[[str], Awaitable[Sequence[Recording]]]
"""Those that are known of a coin."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one recording has of a window, by the list of the rung that is likely to be cut."""

    recording: Recording
    rungs: tuple[Rung, ...]
    placement: Placement
    window: Window


@dataclass(slots=True)
class _Found:
    """What was found so far, placed `by` what another clip was; and why not all was looked into."""

    by: PlacedBy | None = None
    parts: list[_Part] = field(default_factory=list)
    trouble: PumpfunError | None = None

    def failed(self, error: PumpfunError) -> None:
        """What is gone, or of no use, has nothing; all else may have it."""
        if error.is_outage:
            self.trouble = error


@dataclass(frozen=True, slots=True)
class Survey:
    """What one recording has: `part` of a window without a hole, if only soon, where that is worth
    a clip; and the `whole` of it, from its oldest to its newest, holes included. None: nothing."""

    part: Window | None
    whole: Window | None


class RecordingSource:
    """A `ClipSource`. Nothing is fetched before somebody asks for a clip. `part` is that of the
    service's health; a window's end is waited for `longest_wait` seconds at most; `meter` measures
    how late stamps are, where that can be; `finished` are the whole streams that the site offers,
    asked for where no recording has any of a window."""

    name = SourceName.RECORDING

    def __init__(
        self,
        recordings: RecordingsOfCoin,
        *,
        media: Media,
        lists: RecordingLists,
        clock: Clock,
        part: Part,
        max_height: int,
        longest_wait: float,
        meter: DelayMeter | None = None,
        finished: RecordingsOfCoin | None = None,
        cut: Cut = cut_segments,
        encode: Encode = encode_smaller,
    ) -> None:
        self._recordings = recordings
        self._finished = finished
        self._lists = lists
        self._clock = clock
        self._health = part
        self._max_height = max_height
        self._longest_wait = longest_wait
        self._meter = meter
        self._cutter = RungCutter(media, cut)
        self._encode = encode

    async def offer(self, mint: str, window: Window) -> Offer | None:
        """The longest part of it that one recording has, or will have soon. Raises PumpfunError
        where that cannot be found out, as the next one does."""
        parts = await self._parts_in_time(mint, window)
        if not parts:
            return None
        edge_at = parts[0].placement.edge_at
        wait = ready_in(edge_at, parts[0].window) if edge_at is not None else 0.0
        return Offer(self.name, parts[0].window, wait + _CUT_SECONDS)

    async def reach(self, mint: str, window: Window) -> Window | None:
        """From the oldest to the newest that recordings show of `window`, holes included."""
        parts = await self._parts_in_time(mint, window)
        wholes = await asyncio.to_thread(_wholes, parts)
        if not wholes:
            return None
        begins_at = min(whole.begins_at for whole in wholes)
        return window.within(Window(begins_at, max(whole.ends_at for whole in wholes)))

    async def survey(self, recording: Recording, window: Window) -> Survey:
        """Look into one for as long as a segment lasts: what is cut of it afterwards is placed all
        the better. Raises PumpfunError."""
        rung = self._usual(await self._lists.rungs(recording))
        placement = await self._lists.watched(recording, rung)
        part = await asyncio.to_thread(offered, placement, window, self._longest_wait)
        is_clip = part is not None and is_enough(part, window)
        return Survey(part if is_clip else None, placement.whole)

    async def cut(
        self,
        request: ClipRequest,
        on_progress: OnProgress = lambda _: None,
        finish: asyncio.Event | None = None,
    ) -> ClipResult:
        """The window of the request, or what there is of it. Whatever is wrong with one recording,
        the next one is tried, all within one time; setting `finish` ends waiting for an edge."""
        assert request.window is not None, "a recording has nothing that is still to come"
        try:
            parts = await self._parts_in_time(
                request.mint, request.window, _LOOK_SECONDS, request.placed_by
            )
        except PumpfunError as error:
            return nothing_came(error).result
        try:
            result = await self._first_of(parts, request, on_progress, finish or asyncio.Event())
        except OSError as error:
            return not_kept(error)
        if result.failure is not None:
            return result
        self._health.good(texts.health.RECORDING_WORKS)
        return await fitting(self._encode, request, result)

    async def _first_of(
        self,
        parts: Sequence[_Part],
        request: ClipRequest,
        on_progress: OnProgress,
        finish: asyncio.Event,
    ) -> ClipResult:
        """Of the first one of which something comes. Raises OSError."""
        assert request.window is not None
        result = failed(ClipFailure.NOT_AT_HAND, "no recording shows it")
        longest = self._longest_wait + max(_MAKE_SECONDS, request.window.seconds / 2)
        ends = self._clock.monotonic() + longest
        for number, part in enumerate(parts, 1):
            for_others = (len(parts) - number) * _LEAST_SECONDS
            seconds = ends - self._clock.monotonic() - for_others
            making = self._of(part, request, on_progress, finish)
            try:
                result = await within(self._clock, max(seconds, _LEAST_SECONDS), making)
            except TimeoutError:
                result = nothing_came(self._too_slow(longest)).result
            if result.failure is None or result.failure in OF_DISK:
                return result
            result = self._without(result)
        return result

    async def _of(
        self, part: _Part, request: ClipRequest, on_progress: OnProgress, finish: asyncio.Event
    ) -> ClipResult:
        assert request.window is not None
        turns = self._turns(part, request)
        if self._meter is not None:
            self._meter.want(request.mint, part.recording, turns[-1])
        with contextlib.suppress(TimeoutError):
            waiting = _unless(finish, self._edge_of(part, turns[0], request, on_progress))
            await within(self._clock, self._longest_wait, waiting)
        on_progress(ClipProgress(Phase.WRITING, request.window.seconds))
        return await self._best_of_rungs(part.recording, turns, request)

    def _without(self, result: ClipResult) -> ClipResult:
        """The recording is no use for it, whatever else is; what is odd in it is told."""
        if result.failure in _ODD:
            self._health.bad(texts.clip_results.clip_failed(result.failure).rstrip("."))
        if result.failure is ClipFailure.RECORDING_UNREACHABLE:
            return result
        return replace(result, failure=ClipFailure.NOT_AT_HAND)

    async def _edge_of(
        self, part: _Part, rung: Rung, request: ClipRequest, on_progress: OnProgress
    ) -> None:
        """Wait until it shows the end of what it has to offer, or until that is no longer to be
        expected; what it shows by then is fetched meanwhile. One look that fails ends nothing.
        Raises OSError."""
        assert request.window is not None
        window, wanted = part.window, request.window
        moved = self._clock.monotonic()
        edge_at, placement, was_seen = part.placement.edge_at, part.placement, False
        while True:
            with contextlib.suppress(PumpfunError):
                placement = await self._lists.look(part.recording, rung, request.placed_by)
            now = self._clock.monotonic()
            if placement.edge_at != edge_at:
                edge_at, moved, was_seen = placement.edge_at, now, True
            if edge_at is None or placement.has_stopped:
                return
            if not is_worth_waiting(edge_at, window, still=now - moved):
                return
            listed = (edge_at - wanted.begins_at).total_seconds()
            on_progress(ClipProgress(Phase.CATCHING_UP, max(0.0, listed)))
            with contextlib.suppress(PumpfunError):  # whoever cuts it tries again, and tells
                await self._cutter.fetch(part.recording, rung, placement, window)
            since = self._clock.monotonic() - moved if was_seen else None
            seconds = placement.placed[-1].segment.seconds
            await self._clock.sleep(pause_before_look(since, seconds))

    async def _best_of_rungs(
        self, recording: Recording, turns: Sequence[Rung], request: ClipRequest
    ) -> ClipResult:
        """Of the first rung that has all of it within the limit; else of the one that has most,
        however large. What the disk says ends it. Raises OSError."""
        tried = list[tuple[Rung, Attempt]]()
        for rung in turns:
            if tried:
                await discard(request)
            attempt = await self._attempt(recording, rung, request)
            is_fitting = attempt.is_whole and attempt.result.bytes <= request.max_bytes
            if is_fitting or attempt.result.failure in OF_DISK:
                return attempt.result
            tried.append((rung, attempt))
        rung, best = max(tried, key=lambda one: _worth(one[1], request.max_bytes))
        if best is not tried[-1][1]:
            await discard(request)
            best = await self._attempt(recording, rung, request)
        return best.result

    async def _attempt(self, recording: Recording, rung: Rung, request: ClipRequest) -> Attempt:
        """What is wrong with one rung need not be wrong with the others."""
        try:
            placement = await self._lists.look(recording, rung, request.placed_by)
            attempt = await self._cutter.attempt(recording, rung, placement, request)
        except PumpfunError as error:
            attempt = nothing_came(error)
        if attempt.lost is not None:
            note_trouble(self._health, attempt.lost)
        return attempt

    def _turns(self, part: _Part, request: ClipRequest) -> tuple[Rung, ...]:
        assert request.window is not None
        turns = in_turn(
            part.rungs,
            seconds=request.window.seconds,
            max_bytes=request.max_bytes,
            max_height=request.max_height,
        )
        return turns[:_MOST_RUNGS]

    def _usual(self, rungs: Sequence[Rung]) -> Rung:
        """The one that is looked at: all are listed at about the same time."""
        return in_turn(rungs, seconds=0.0, max_bytes=1, max_height=self._max_height)[0]

    async def _parts_in_time(
        self,
        mint: str,
        window: Window,
        seconds: float = _OFFER_SECONDS,
        by: PlacedBy | None = None,
    ) -> Sequence[_Part]:
        """What recordings have of it, the longest first. Raises PumpfunError where nothing was
        found, and one could not be looked into; StoreError."""
        found = _Found(by)
        try:
            await within(self._clock, seconds, self._look_into(mint, window, found))
        except TimeoutError:
            found.trouble = self._too_slow(seconds)
        if not found.parts and found.trouble is not None:
            raise found.trouble
        return sorted(found.parts, key=lambda part: part.window.seconds, reverse=True)

    async def _look_into(self, mint: str, window: Window, found: _Found) -> None:
        await self._look_into_all(await self._recordings(mint), window, found)
        if found.parts or self._finished is None:
            return
        try:
            finished = await self._finished(mint)
        except PumpfunError as error:
            _log.info("what pump.fun has of whole streams is not known: %s", error)
            found.failed(error)
        else:
            await self._look_into_all(finished, window, found)

    async def _look_into_all(
        self, recordings: Sequence[Recording], window: Window, found: _Found
    ) -> None:
        """Of one that does not answer, the others don't have to wait."""
        async with asyncio.TaskGroup() as group:
            for recording in likely(recordings, window)[:_MOST_RECORDINGS]:
                group.create_task(self._look_into_one(recording, window, found), name="look")

    async def _look_into_one(self, recording: Recording, window: Window, found: _Found) -> None:
        try:
            rungs = await self._lists.rungs(recording)
            placement = await self._lists.look(recording, self._usual(rungs), found.by)
        except PumpfunError as error:
            note_trouble(self._health, error)
            found.failed(error)
            return
        self._health.good(texts.health.RECORDING_WORKS)
        part = await asyncio.to_thread(offered, placement, window, self._longest_wait)
        if part is not None:
            found.parts.append(_Part(recording, rungs, placement, part))

    def _too_slow(self, seconds: float) -> PumpfunError:
        error = PumpfunError(Reason.TIMEOUT, detail=f"not within {seconds:g} s")
        note_trouble(self._health, error)
        return error


def _wholes(parts: Sequence[_Part]) -> list[Window]:
    return [whole for part in parts if (whole := part.placement.whole) is not None]


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do it; where `stop` is set, it is given up."""
    async with background(work, "wait") as doing, background(stop.wait(), "stop") as stopping:
        await first_to_end(doing, stopping)
        if doing.done():
            doing.result()


def _worth(attempt: Attempt, max_bytes: int) -> tuple[bool, float, bool]:
    made = attempt.result.failure is None
    return made, round(attempt.shows), made and attempt.result.bytes <= max_bytes
