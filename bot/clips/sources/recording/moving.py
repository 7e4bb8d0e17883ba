"""The last few seconds of the site's own recording without their sound: a picture that moves."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot import texts
from bot.clips.editing import CutSegments, SegmentsCut
from bot.clips.sources.recording.choice import for_moving
from bot.clips.sources.recording.cut import Cut, RungCutter
from bot.clips.sources.recording.lists import RecordingLists
from bot.clips.sources.recording.trouble import note_trouble
from bot.clips.workers.segment_cutter import cut_segments
from bot.errors import PumpfunError
from bot.kit.files import remove
from bot.model import ClipRequest, ClipResult, MovingPicture, Window

if TYPE_CHECKING:
    from bot.kit.health import Part
    from bot.model import Recording
    from bot.pumpfun.recording.media import Media
    from bot.pumpfun.recording.playlists import Rung

SECONDS = 4.0
LEAST_SECONDS = 2.0
"""What is shorter shows hardly more than a still."""

MOST_BYTES = 3 << 19
"""Of the lowest quality, four seconds are a third of a megabyte, of 720p one. Each chat is sent it,
and it is kept as long as pictures are."""


class RecordingMoving:
    """Nothing is fetched before somebody asks. `part` is that of the service's health."""

    def __init__(
        self, *, media: Media, lists: RecordingLists, part: Part, cut: Cut = cut_segments
    ) -> None:
        async def muted(want: CutSegments) -> SegmentsCut:
            return await cut(replace(want, is_muted=True))

        self._cutter = RungCutter(media, muted)
        self._lists = lists
        self._part = part

    async def newest(self, recording: Recording, path: Path) -> MovingPicture | None:
        """The newest that there is, made at `path`, where nothing stays; None: none can be had.
        Raises OSError."""
        try:
            for rung in for_moving(await self._lists.rungs(recording)):
                made = await self._of(recording, rung, path)
                if made is not None:
                    self._part.good(texts.health.RECORDING_WORKS)
                    return made
        except PumpfunError as error:
            note_trouble(self._part, error)
        return None

    async def _of(self, recording: Recording, rung: Rung, path: Path) -> MovingPicture | None:
        placement = await self._lists.look(recording, rung)
        if placement.edge_at is None:
            return None
        window = Window.before(placement.edge_at, SECONDS)
        request = ClipRequest("", SECONDS, path, MOST_BYTES, rung.height, window)
        attempt = await self._cutter.attempt(recording, rung, placement, request)
        if attempt.lost is not None:
            note_trouble(self._part, attempt.lost)
        try:
            return await asyncio.to_thread(_read, attempt.result)
        finally:
            await asyncio.to_thread(remove, path, attempt.result.path)


def _read(made: ClipResult) -> MovingPicture | None:
    """It, if that is what was wanted."""
    if made.path is None or made.started_at is None or made.width is None or made.height is None:
        return None
    if made.seconds < LEAST_SECONDS or made.bytes > MOST_BYTES:
        return None
    sides = made.width, made.height
    return MovingPicture(made.path.read_bytes(), made.seconds, *sides, made.started_at)
