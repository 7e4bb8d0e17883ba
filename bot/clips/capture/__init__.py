"""The capture process. Its front is what crosses the pipes, and what can be planned without it;
the process itself is `python -m bot.clips.capture`, which loads `livekit` and `av`. Two more
work on finished clips: one makes them smaller, one cuts a part out. Nothing else loads either."""

from bot.clips.capture.media.rate import GOP_SECONDS, Rate, fewest_bytes, plan
from bot.clips.capture.protocol import (
    MakeClip,
    OpenCapture,
    RingState,
    RoomAccess,
    ShrinkClip,
    Shrunk,
    TrimClip,
    Trimmed,
    clip_result,
    part_of,
)

MODULE = "bot.clips.capture"
TRIMMER = "bot.clips.capture.output.trim_process"

__all__ = [
    "GOP_SECONDS",
    "MODULE",
    "TRIMMER",
    "MakeClip",
    "OpenCapture",
    "Rate",
    "RingState",
    "RoomAccess",
    "ShrinkClip",
    "Shrunk",
    "TrimClip",
    "Trimmed",
    "clip_result",
    "fewest_bytes",
    "part_of",
    "plan",
]
