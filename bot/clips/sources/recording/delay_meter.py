"""How late a recording's stamps are, measured: by a ring of the same stream, which knows when what
it has was on air.

It is done once for each recording that somebody wanted a clip of, while there is a ring; what it
finds holds for the recording's whole life, unless the site's packager sets its clock back.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.clips.editing import ALIGNER, Align
from bot.clips.sources.recording.cut import RungCutter
from bot.clips.workers.segment_cutter import cut_segments
from bot.errors import ChildError, PumpfunError, StoreError
from bot.kit.bounded_dict import BoundedDict
from bot.kit.processes.one_task import ask_one
from bot.kit.processes.resource_limits import Limits
from bot.kit.tasks import Tasks
from bot.model import ClipRequest, ClipResult, Recording, Window
from bot.pumpfun.recording.playlists import Rung

if TYPE_CHECKING:
    from bot.clips.sources.port import ClipSource
    from bot.clips.sources.recording.lists import RecordingLists
    from bot.clips.sources.recording.placement import Placement
    from bot.kit.timing.clock import Clock
    from bot.pumpfun.recording.media import Media

_log = logging.getLogger(__name__)

_SECONDS = 12.0
"""So much of the ring is looked for,"""
_AROUND = 15.0
"""so far on either side of where the guess has it."""
_MOST_AHEAD, _MOST_LATE = 3.0, 90.0
"""Seconds. A clock may be ahead by a little; all else is a mistake."""
_MOST_BYTES = 24 << 20
_TRIES, _PAUSE_SECONDS = 3, 60.0
"""A quiet moment of a picture that stands still tells nothing: another one may."""
_MOMENTS, _MOMENT_SECONDS = 3, 7.3
"""So many moments are tried in a row, so far apart: no whole number, since much repeats."""
_MOST_KNOWN = 500
_LONGEST_SECONDS = 60.0
_LIMITS = Limits(memory=400 << 20, cpu=60)
"""It decodes a minute of the lowest quality, which was copied from a stranger's segments."""

Note = Callable[[Recording, float | None], Awaitable[None]]
"""Keeps what was measured, in seconds; None: nobody knows any more. Raises StoreError."""


class _UntoldError(Exception):
    """This moment does not tell it; says why."""


class DelayMeter:
    """`ring` has what is on air now, `note` keeps what is found. `close` it in the end."""

    def __init__(
        self,
        ring: ClipSource,
        media: Media,
        lists: RecordingLists,
        clock: Clock,
        note: Note,
    ) -> None:
        self._ring = ring
        self._cutter = RungCutter(media, cut_segments)
        self._lists = lists
        self._clock = clock
        self._note = note
        self._tasks = Tasks()
        self._tried: BoundedDict[str, tuple[int, float]] = BoundedDict(_MOST_KNOWN)

    def want(self, mint: str, recording: Recording, rung: Rung) -> None:
        """Find it out beside everything else, where that is not known, and not being found out.
        `rung` is the one to compare with."""
        tries, after = self._tried.get(recording.master) or (0, 0.0)
        is_known = self._lists.late(recording) is not None or recording.retired_at is not None
        if is_known or tries >= _TRIES or self._clock.monotonic() < after or len(self._tasks):
            return
        again = self._clock.monotonic() + _PAUSE_SECONDS
        self._tried.put(recording.master, (tries + 1, again))
        self._tasks.start(self._measure(mint, recording, rung), f"delay-{recording.id}")

    async def close(self) -> None:
        """Stop what is being found out."""
        await self._tasks.stop()

    async def _measure(self, mint: str, recording: Recording, rung: Rung) -> None:
        try:
            if recording.delay_seconds is not None:  # else it would be believed after a restart
                await self._note(recording, None)
            late = await self._found(mint, recording, rung)
            if late is not None:
                self._lists.measured(recording, late)
                await self._note(recording, late)
                _log.info("pump.fun's recording stamps %.2f s late", late)
        except (PumpfunError, StoreError, OSError) as error:
            _log.info("how late pump.fun's recording is could not be measured: %s", error)

    async def _found(self, mint: str, recording: Recording, rung: Rung) -> float | None:
        """By one moment, or by a later one where that tells nothing."""
        why = None
        for left in reversed(range(_MOMENTS)):
            try:
                with tempfile.TemporaryDirectory(prefix="mintcast-") as folder:
                    return await self._late(mint, recording, rung, Path(folder))
            except _UntoldError as untold:
                why = untold
            if left:
                await self._clock.sleep(_MOMENT_SECONDS)
        _log.info("how late pump.fun's recording is was not measured: %s", why)
        return None

    async def _late(self, mint: str, recording: Recording, rung: Rung, folder: Path) -> float:
        """Raises _UntoldError: nobody can tell, or the two have nothing in common."""
        placement = await self._lists.look(recording, rung)
        if placement.edge_at is None or placement.late is None or placement.has_stopped:
            raise _UntoldError("its list has no stamps, or stands still")
        window = Window.before(placement.edge_at - timedelta(seconds=_AROUND), _SECONDS)
        offer = await self._ring.offer(mint, window)
        if offer is None or offer.window.seconds < _SECONDS - 1.0:
            raise _UntoldError("no ring reaches back so far")
        of_ring = await self._ring.cut(_request(mint, offer.window, folder / "ring.mp4"))
        wide = window.widened(_AROUND)
        of_recording = await self._of_recording(mint, recording, rung, placement, wide, folder)
        return await _late_by(of_ring, of_recording, placement.late)

    async def _of_recording(
        self,
        mint: str,
        recording: Recording,
        rung: Rung,
        placement: Placement,
        window: Window,
        folder: Path,
    ) -> ClipResult:
        request = _request(mint, window, folder / "recording.mp4")
        return (await self._cutter.attempt(recording, rung, placement, request)).result


async def _late_by(ring: ClipResult, recording: ClipResult, guess: float) -> float:
    """What the guess becomes, with which both would show the same at the same time. Raises
    _UntoldError."""
    if ring.path is None or ring.started_at is None:
        raise _UntoldError(f"the ring gave nothing ({ring.failure})")
    if recording.path is None or recording.started_at is None:
        raise _UntoldError(f"the recording gave nothing ({recording.failure})")
    lag = await lag_between(Align(str(ring.path), str(recording.path)))
    if lag is None:
        raise _UntoldError("what both show could not be told apart, or is not the same")
    placed_at = recording.started_at + timedelta(seconds=lag)
    late = guess + (placed_at - ring.started_at).total_seconds()
    if not -_MOST_AHEAD <= late <= _MOST_LATE:
        raise _UntoldError(f"{late:.2f} s cannot be")
    return late


async def lag_between(want: Align) -> float | None:
    """In seconds; None where nobody can tell, or where it could not be found out."""
    try:
        event = await ask_one(
            ALIGNER,
            "align",
            asdict(want),
            limits=_LIMITS,
            seconds=_LONGEST_SECONDS,
            tidy=lambda _: None,
        )
    except ChildError:
        return None
    lag = event["lag"] if event is not None and event["event"] == "aligned" else None
    return float(lag) if lag is not None else None


def _request(mint: str, window: Window, path: Path) -> ClipRequest:
    return ClipRequest(mint, window.seconds, path, _MOST_BYTES, 2160, window, is_for_people=False)
