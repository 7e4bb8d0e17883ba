"""What is on air, as a picture: out of the site's own recording, else of a capture that is open.

No room is entered for a picture: that would take a third of a core, and a creator would see another
viewer come and go. The coin's own picture stands in meanwhile.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.clips.capture import MakeStill
from bot.clips.sources.recording.stills import MOST_SIDE, Jpeg, MakeJpeg, RecordingStills
from bot.clips.workers.segment_cutter import still_of
from bot.errors import PumpfunError
from bot.kit.pictures import PictureError
from bot.kit.tasks import within
from bot.model import ClipRequest, Picture, Recording, Still, Stream, Window

if TYPE_CHECKING:
    from bot.clips.workers.captures import Captures
    from bot.kit.files import Files
    from bot.kit.timing.clock import Clock

_log = logging.getLogger(__name__)

_LONGEST_SECONDS = 15.0
_OLDEST = timedelta(minutes=5)
"""A recording that stands still shows what was, and a picture of that is no news."""

_RING_SECONDS = 1.0
_RING_BYTES = 10 << 20
_RING_HEIGHT = 720

Recordings = Callable[[int], Awaitable[Sequence[Recording]]]
"""Those that are known of a stream, by its id; the newest is the last."""


class LiveStills:
    """`recorded` is None where recordings are not to be used. `safe_jpeg` makes a picture anew."""

    def __init__(
        self,
        recordings: Recordings,
        *,
        recorded: RecordingStills | None,
        captures: Captures,
        files: Files,
        safe_jpeg: Callable[[bytes], Awaitable[Picture]],
        clock: Clock,
        make: MakeJpeg = still_of,
    ) -> None:
        self._recordings = recordings
        self._recorded = recorded
        self._captures = captures
        self._files = files
        self._safe_jpeg = safe_jpeg
        self._clock = clock
        self._make = make

    async def still(self, stream: Stream) -> Still | None:
        """The newest that can be had now; None: there is none, and the log says why. Raises
        StoreError."""
        try:
            return await within(self._clock, _LONGEST_SECONDS, self._still(stream))
        except TimeoutError:
            _log.info("no still of %s in time", stream.mint)
        except OSError as error:
            _log.warning("no still of %s: %s", stream.mint, error.strerror)
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

    async def _of_recording(self, stream: Stream) -> Jpeg | None:
        known = [one for one in await self._recordings(stream.id) if one.retired_at is None]
        if self._recorded is None or not known:
            return None
        jpeg = await self._recorded.newest(known[-1])
        is_news = jpeg is not None and self._clock.now() - jpeg.shows_at < _OLDEST
        return jpeg if is_news else None

    async def _of_ring(self, mint: str) -> Jpeg | None:
        """Of the last second that is at hand."""
        at_hand = self._captures.at_hand(mint)
        if at_hand is None or self._clock.now() - at_hand.ends_at > _OLDEST:
            return None
        seconds = min(_RING_SECONDS, at_hand.seconds)
        window = Window.before(at_hand.ends_at, seconds)
        key = self._files.new_key("still", "mp4")
        path = self._files.path(key)
        request = ClipRequest(mint, seconds, path, _RING_BYTES, _RING_HEIGHT, window)
        try:
            return await self._of_cut(request, window.begins_at)
        finally:
            with contextlib.suppress(OSError):
                await self._files.delete(key)

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
