"""One clip of a recording's segments: fetched, copied into one file, and judged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.clips.editing import CutSegments, SegmentFile, SegmentsCut
from bot.clips.results import failed, missing
from bot.errors import PumpfunError
from bot.kit.files import remove
from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipNote,
    ClipRequest,
    ClipResult,
    ClipStatus,
    NoteKind,
    PlacedBy,
    Recording,
    RecordingFacts,
    Window,
)
from bot.pumpfun.recording.coverage import Coverage, Placed, covering
from bot.pumpfun.recording.playlists import Rung

if TYPE_CHECKING:
    from bot.clips.sources.recording.placement import Placement
    from bot.pumpfun.recording.media import Fetched, Media

SLACK_SECONDS = 1.0
"""A clip begins at a keyframe, and these are two seconds apart."""

Cut = Callable[[CutSegments], Awaitable[SegmentsCut]]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one rung. `shows` is how many seconds of the window were there to be cut; `lost`
    is why some were not, None where all came."""

    result: ClipResult
    shows: float = 0.0
    lost: PumpfunError | None = None

    @property
    def is_whole(self) -> bool:
        """Nothing better is to be had of another rung."""
        return self.result.failure is None and self.lost is None


class RungCutter:
    """Cuts what one rung of a recording shows of a window. `cut` makes the file."""

    def __init__(self, media: Media, cut: Cut) -> None:
        self._media = media
        self._cut = cut

    async def fetch(
        self, recording: Recording, rung: Rung, placement: Placement, window: Window
    ) -> None:
        """What will be cut is at hand then. Raises PumpfunError and OSError."""
        wanted = await asyncio.to_thread(covering, placement.placed, window)
        if wanted is not None:
            segments = [one.segment for one in wanted.placed]
            async with self._media.fetched(recording.master, rung, segments):
                pass

    async def attempt(
        self, recording: Recording, rung: Rung, placement: Placement, request: ClipRequest
    ) -> Attempt:
        """The file of the request, or why there is none. Raises PumpfunError and OSError."""
        assert request.window is not None
        made = await self._made(recording, rung, placement, request, lead=0)
        begins_late = _begins_late(made.result, request.window)  # its first segment has no keyframe
        if begins_late and await asyncio.to_thread(_has_earlier, placement, request.window):
            await discard(request)  # its name is for what shows more
            earlier = await self._made(recording, rung, placement, request, lead=1)
            if earlier.result.failure is None:
                return earlier
            return await self._made(recording, rung, placement, request, lead=0)
        return made

    async def _made(
        self,
        recording: Recording,
        rung: Rung,
        placement: Placement,
        request: ClipRequest,
        lead: int,
    ) -> Attempt:
        assert request.window is not None
        wanted = await asyncio.to_thread(covering, placement.placed, request.window, lead=lead)
        if wanted is None:
            return Attempt(failed(ClipFailure.NOT_AT_HAND, "not in the list"))
        segments = [one.segment for one in wanted.placed]
        async with self._media.fetched(recording.master, rung, segments) as files:
            lost = next((one.error for one in files if one.error is not None), None)
            there = _there(wanted, files)
            covered = covering([one for one, _ in there], request.window, lead=lead)
            if covered is None:
                return nothing_came(lost)
            paths = {one.segment.sequence: path for one, path in there}
            made = await self._cut(_order(covered, paths, request))
        if made.result.failure is not None:
            return Attempt(made.result, covered.window.seconds, lost)
        zero = covered.placed[0].begins_at
        began_at = zero + timedelta(seconds=made.begins)
        result = replace(made.result, started_at=began_at)
        judged = _judged(result, made, request.window, placement, lost)
        assert judged.recording is not None
        facts = replace(judged.recording, placed_by=_placed_by(recording, placement))
        return Attempt(replace(judged, recording=facts), result.seconds, lost)


async def discard(request: ClipRequest) -> None:
    """It is not what was wanted: it makes room for what is."""
    await asyncio.to_thread(remove, request.path, request.poster)


def nothing_came(lost: PumpfunError | None) -> Attempt:
    """Nothing can be cut. `lost` is why."""
    is_outage = lost is not None and lost.is_outage
    failure = ClipFailure.RECORDING_UNREACHABLE if is_outage else ClipFailure.NOT_AT_HAND
    return Attempt(failed(failure, str(lost)), lost=lost)


def _there(wanted: Coverage, files: Sequence[Fetched]) -> list[tuple[Placed, str]]:
    """The segments that came, each with its file."""
    return [
        (one, str(file.path))
        for one, file in zip(wanted.placed, files, strict=True)
        if file.path is not None
    ]


def _order(covered: Coverage, paths: dict[int, str], request: ClipRequest) -> CutSegments:
    assert request.window is not None
    zero = covered.placed[0].begins_at
    return CutSegments(
        tuple(
            SegmentFile(
                paths[one.segment.sequence],
                (one.begins_at - zero).total_seconds(),
                one.segment.seconds,
                one.segment.group,
            )
            for one in covered.placed
        ),
        target=str(request.path),
        begins=(request.window.begins_at - zero).total_seconds(),
        ends=(request.window.ends_at - zero).total_seconds(),
        poster=str(request.poster) if request.poster is not None else None,
    )


def _has_earlier(placement: Placement, window: Window) -> bool:
    """Whether a segment lies before those that show the window, in the same run."""
    there, more = (covering(placement.placed, window, lead=lead) for lead in (0, 1))
    return there is not None and more is not None and len(more.placed) > len(there.placed)


def _begins_late(result: ClipResult, window: Window) -> bool:
    if result.failure is not None or result.started_at is None:
        return False
    return (result.started_at - window.begins_at).total_seconds() > SLACK_SECONDS


def _judged(
    result: ClipResult,
    made: SegmentsCut,
    window: Window,
    placement: Placement,
    lost: PumpfunError | None,
) -> ClipResult:
    """Whether it shows all of the window, and what its viewer may notice."""
    assert result.started_at is not None
    shown = Window.after(result.started_at, result.seconds)
    notes = list(missing(result))
    if made.gaps:
        notes.append(ClipNote(NoteKind.PICTURE_GAPS, made.longest_gap))
    if placement.is_about:
        notes.append(ClipNote(NoteKind.ABOUT))
    facts = RecordingFacts(
        delay_seconds=round(placement.delay, 1),
        delay_is_measured=not placement.is_about,
        gaps=made.gaps,
        longest_gap=round(made.longest_gap, 2) if made.gaps else 0.0,
    )
    result = replace(result, notes=tuple(notes), recording=facts)
    later, earlier = shown.begins_at - window.begins_at, window.ends_at - shown.ends_at
    if max(later, earlier).total_seconds() <= SLACK_SECONDS + 0.05:
        return result
    return replace(result, status=ClipStatus.PARTIAL, end=_why(shown, window, placement, lost))


def _placed_by(recording: Recording, placement: Placement) -> PlacedBy | None:
    if placement.shift is None:
        return None
    return PlacedBy(recording.stamp, placement.shift, is_measured=not placement.is_about)


def _why(
    shown: Window, window: Window, placement: Placement, lost: PumpfunError | None
) -> CaptureEnd:
    """Why it lacks some of the window."""
    if lost is not None:
        return CaptureEnd.SEGMENTS_LOST
    edge_at = placement.edge_at
    reaches_edge = edge_at is not None and (edge_at - shown.ends_at).total_seconds() < SLACK_SECONDS
    ends_early = (window.ends_at - shown.ends_at).total_seconds() > SLACK_SECONDS
    return CaptureEnd.RECORDING_BEHIND if ends_early and reaches_edge else CaptureEnd.RECORDING_HOLE
