"""What is on air, as a picture: out of the site's own recording, else of a capture that is open.

No room is entered for a picture: that would take a third of a core, and a creator would see another
viewer come and go. The coin's own picture stands in meanwhile.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from bot.clips.editing import MakeStill
from bot.clips.sources.recording.moving import RecordingMoving
from bot.clips.sources.recording.stills import MOST_SIDE, Jpeg, MakeJpeg, RecordingStills
from bot.clips.workers.segment_cutter import still_of
from bot.errors import PumpfunError
from bot.kit.pictures import PictureError
from bot.kit.tasks import within
from bot.model import ClipRequest, MovingPicture, Picture, Recording, Still, Stream, Window

if TYPE_CHECKING:
    from bot.clips.workers.captures import Captures
    from bot.kit.files import Files
    from bot.kit.timing.clock import Clock

T = TypeVar("T")

_log = logging.getLogger(__name__)

_LONGEST_SECONDS = 15.0
_OLDEST = timedelta(minutes=5)
"""A recording that stands still shows what was, and a picture of that is no news."""

_RING_SECONDS = 1.0
_RING_BYTES = 10 << 20
_RING_HEIGHT = 720

RecordingsOfStream = Callable[[int], Awaitable[Sequence[Recording]]]
"""Those that are known of a stream, by its id; the newest is the last."""


class LivePictures:
    """`recorded` and `moving` are None where recordings are not to be used. `safe_jpeg` makes a
    picture anew."""

    def __init__(
        self,
        recordings: RecordingsOfStream,
        *,
        recorded: RecordingStills | None,
        moving: RecordingMoving | None,
        captures: Captures,
        files: Files,
        safe_jpeg: Callable[[bytes], Awaitable[Picture]],
        clock: Clock,
        make: MakeJpeg = still_of,
    ) -> None:
        self._recordings = recordings
        self._recorded = recorded
        self._moving = moving
        self._captures = captures
        self._files = files
        self._safe_jpeg = safe_jpeg
        self._clock = clock
        self._make = make

    async def still(self, stream: Stream) -> Still | None:
        """The newest that can be had now; None: there is none, and the log says why. Raises
        StoreError."""
        return await self._in_time(stream, self._still(stream))

    async def moving(self, stream: Stream) -> MovingPicture | None:
        """The last four seconds that are recorded; None: there are none, and the log says why.
        Raises StoreError."""
        return await self._in_time(stream, self._moving_of(stream))

    async def _in_time(self, stream: Stream, work: Coroutine[Any, Any, T | None]) -> T | None:
        try:
            return await within(self._clock, _LONGEST_SECONDS, work)
        except TimeoutError:
            _log.info("no picture of %s in time", stream.mint)
        except OSError as error:
            _log.warning("no picture of %s: %s", stream.mint, error.strerror)
        return None

    async def _still(self, stream: Stream) -> Still | None:
        jpeg = await self._of_recording(stream) or await self._of_ring(stream.mint)
        if jpeg is None:
            return None
        try:
            return Still(await self._safe_jpeg(jpeg.data), jpeg.shows_at)
        except PictureError as error:
            _log.warning("the still of %s is no picture: %s", stream.mint, error)
            return None

    async def _moving_of(self, stream: Stream) -> MovingPicture | None:
        recording = await self._newest(stream)
        if self._moving is None or recording is None:
            return None
        key = self._files.new_key("moving", "mp4")
        made = await self._moving.newest(recording, self._files.path(key))
        return made if made is not None and self._is_news(made.shows_at) else None

    async def _of_recording(self, stream: Stream) -> Jpeg | None:
        recording = await self._newest(stream)
        if self._recorded is None or recording is None:
            return None
        jpeg = await self._recorded.newest(recording)
        return jpeg if jpeg is not None and self._is_news(jpeg.shows_at) else None

    async def _newest(self, stream: Stream) -> Recording | None:
        known = [one for one in await self._recordings(stream.id) if one.retired_at is None]
        return known[-1] if known else None

    def _is_news(self, shows_at: datetime) -> bool:
        return self._clock.now() - shows_at < _OLDEST

    async def _of_ring(self, mint: str) -> Jpeg | None:
        """Of the last second that is at hand."""
        at_hand = self._captures.at_hand(mint)
        if at_hand is None or not self._is_news(at_hand.ends_at):
            return None
        seconds = min(_RING_SECONDS, at_hand.seconds)
        window = Window.before(at_hand.ends_at, seconds)
        key = self._files.new_key("still", "mp4")
        path = self._files.path(key)
        request = ClipRequest(
            mint, seconds, path, _RING_BYTES, _RING_HEIGHT, window, is_for_people=False
        )
        try:
            return await self._of_cut(request, window.begins_at)
        finally:
            with contextlib.suppress(OSError):
                await self._files.discard(key)

    async def _of_cut(self, request: ClipRequest, shows_at: datetime) -> Jpeg | None:
        try:
            result = await self._captures.clip(request)
        except PumpfunError as error:
            _log.info("no still of %s: %s", request.mint, error)
            return None
        if result.path is None:
            return None
        data = await self._make(MakeStill(str(result.path), MOST_SIDE, is_segment=False))
        return Jpeg(data, result.started_at or shows_at) if data is not None else None
