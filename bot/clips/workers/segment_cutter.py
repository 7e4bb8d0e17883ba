"""A clip or a still of a recording's segments, made in a process of its own: no network."""

from __future__ import annotations

import base64
import binascii
import logging
from dataclasses import asdict

from bot.clips.editing import SEGMENT_CUTTER, CutSegments, MakeStill, SegmentsCut
from bot.clips.workers.made_file import ask_for_file
from bot.errors import ChildError
from bot.kit.processes.one_task import ask_one
from bot.kit.processes.resource_limits import Limits

_log = logging.getLogger(__name__)

_LONGEST_SECONDS, _SECONDS_A_SECOND = 20.0, 0.1
"""It takes that at most, and a tenth of what is cut: 600 s of 720p are 200 MB of a disk, which may
be busy (14 s, measured 2026-11-29)."""
_LIMITS = Limits(memory=120 << 20, cpu=30)
"""It holds one packet at a time, and decodes one picture. What it reads is a stranger's."""

_STILL_SECONDS = 10.0
_STILL_LIMITS = Limits(memory=160 << 20, cpu=5)
"""Whatever its header asks for: 17 pictures of 1920x1080 are 53 MB."""


async def still_of(want: MakeStill) -> bytes | None:
    """The JPEG, which a stranger's picture made: it is to be made anew before anybody sees it. None
    where there is none, and the log says why."""
    try:
        event = await ask_one(
            SEGMENT_CUTTER,
            "still",
            asdict(want),
            limits=_STILL_LIMITS,
            seconds=_STILL_SECONDS,
            tidy=lambda _: None,
        )
        if event is not None and event["event"] == "still":
            return base64.b64decode(event["jpeg"], validate=True)
        if event is not None:
            _log.info("no still: %s %s", event["failure"], event["detail"])
    except (ChildError, KeyError, TypeError, binascii.Error) as error:
        _log.warning("no still: %s", error)
    return None


async def cut_segments(want: CutSegments) -> SegmentsCut:
    """Failures are in its result; then nothing of the file is left."""
    longest = _LONGEST_SECONDS + _SECONDS_A_SECOND * (want.ends - want.begins)
    made = await ask_for_file(
        SEGMENT_CUTTER, "segments", want, SegmentsCut.of, limits=_LIMITS, seconds=longest
    )
    if isinstance(made, SegmentsCut):
        return made
    _log.warning("nothing could be cut out of a recording: %s %s", made.failure, made.detail)
    return SegmentsCut(0.0, 0, 0, 0.0, made)
