"""A still of what is on air, out of the newest segment of the site's own recording."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot import texts
from bot.clips.editing import MakeStill
from bot.clips.sources.recording.choice import for_picture
from bot.clips.sources.recording.lists import RecordingLists
from bot.clips.sources.recording.trouble import note_trouble
from bot.clips.workers.segment_cutter import still_of
from bot.errors import PumpfunError
from bot.pumpfun.recording.coverage import Placed

if TYPE_CHECKING:
    from bot.kit.health import Part
    from bot.kit.timing.clock import Clock
    from bot.model import Recording
    from bot.pumpfun.recording.media import Media
    from bot.pumpfun.recording.playlists import Rung

MOST_SIDE = 1280
"""Pixels: no chat shows more of an alert's picture, and pictures that the site makes have no more
either. Of 720p a segment is half a megabyte; 1080p would be 0.8."""

_NEWEST = 2
"""Where the newest segment is of no use, the one before it is tried."""

_SEGMENT_SECONDS = 2.5
"""So long after a first look, another one sees whether a list without stamps grows."""

MakeJpeg = Callable[[MakeStill], Awaitable[bytes | None]]


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A picture as a process made it of a stranger's segment, and the instant that it shows."""

    data: bytes
    shows_at: datetime


class RecordingStills:
    """Nothing is fetched before somebody asks for a still. `part` is that of the service's
    health."""

    def __init__(
        self,
        *,
        media: Media,
        lists: RecordingLists,
        clock: Clock,
        part: Part,
        make: MakeJpeg = still_of,
    ) -> None:
        self._media = media
        self._lists = lists
        self._clock = clock
        self._part = part
        self._make = make

    async def newest(self, recording: Recording) -> Jpeg | None:
        """The newest that there is; None: none can be had. Raises OSError where a segment cannot
        be kept."""
        try:
            for rung in for_picture(await self._lists.rungs(recording), MOST_SIDE):
                for placed in await self._newest(recording, rung):
                    data = await self._of(recording, rung, placed)
                    if data is not None:
                        self._part.good(texts.health.RECORDING_WORKS)
                        return Jpeg(data, placed.begins_at)
        except PumpfunError as error:
            note_trouble(self._part, error)
        return None

    async def _newest(self, recording: Recording, rung: Rung) -> list[Placed]:
        """The newest first."""
        placement = await self._lists.look(recording, rung)
        if not placement.placed and not placement.has_stopped:
            await self._clock.sleep(_SEGMENT_SECONDS)
            placement = await self._lists.look(recording, rung)
        there = [one for one in placement.placed if not one.segment.is_missing]
        return there[: -_NEWEST - 1 : -1]

    async def _of(self, recording: Recording, rung: Rung, placed: Placed) -> bytes | None:
        async with self._media.fetched(recording.master, rung, [placed.segment]) as (fetched,):
            if fetched.error is not None:
                note_trouble(self._part, fetched.error)
            if fetched.path is None:
                return None
            return await self._make(MakeStill(str(fetched.path), MOST_SIDE))
