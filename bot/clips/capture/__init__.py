"""The capture process. Its front is what crosses the pipes, and what can be planned without it;
the process itself is `python -m bot.clips.capture`, which loads `livekit` and `av`. Three more
work on what is finished: one makes clips smaller, one cuts a part out of one, one makes a clip of a
recording's segments. Nothing else loads either."""

from bot.clips.capture.media.rate import GOP_SECONDS, Rate, fewest_bytes, plan
from bot.clips.capture.protocol import (
    CutSegments,
    MakeClip,
    MakeStill,
    OpenCapture,
    RingState,
    RoomAccess,
    SegmentFile,
    SegmentsCut,
    ShrinkClip,
    Shrunk,
    TakeOver,
    TrimClip,
    Trimmed,
    clip_result,
    part_of,
)

MODULE = "bot.clips.capture"
SEGMENT_CUTTER = "bot.clips.capture.output.segment_process"
TRIMMER = "bot.clips.capture.output.trim_process"

__all__ = [
    "GOP_SECONDS",
    "MODULE",
    "SEGMENT_CUTTER",
    "TRIMMER",
    "CutSegments",
    "MakeClip",
    "MakeStill",
    "OpenCapture",
    "Rate",
    "RingState",
    "RoomAccess",
    "SegmentFile",
    "SegmentsCut",
    "ShrinkClip",
    "Shrunk",
    "TakeOver",
    "TrimClip",
    "Trimmed",
    "clip_result",
    "fewest_bytes",
    "part_of",
    "plan",
]
