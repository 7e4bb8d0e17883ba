"""The capture process. Its front is what crosses the pipes, and what can be planned without it;
the process itself is `python -m bot.clips.capture`, which loads `livekit` and `av`. Four more
work on what is finished: one makes clips smaller, one cuts a part out of one, one makes a clip of a
recording's segments, one finds out how far two clips are apart. Nothing else loads either."""

from bot.clips.capture.media.rate import GOP_SECONDS, Rate, fewest_bytes, plan
from bot.clips.capture.protocol import (
    Align,
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
ALIGNER = "bot.clips.capture.alignment.process"
SEGMENT_CUTTER = "bot.clips.capture.output.segment_process"
TRIMMER = "bot.clips.capture.output.trim_process"

__all__ = [
    "ALIGNER",
    "GOP_SECONDS",
    "MODULE",
    "SEGMENT_CUTTER",
    "TRIMMER",
    "Align",
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
