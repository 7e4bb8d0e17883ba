"""The capture process. Its front is what crosses the pipes, and what can be planned without it;
the process itself is `python -m bot.clips.capture`, which loads `livekit` and `av`. A second one
makes finished clips smaller. Nothing else loads either."""

from bot.clips.capture.media.rate import GOP_SECONDS, Rate, fewest_bytes, plan
from bot.clips.capture.protocol import (
    MakeClip,
    OpenCapture,
    RoomAccess,
    ShrinkClip,
    Shrunk,
    clip_result,
    part_of,
)

MODULE = "bot.clips.capture"
SHRINKER = "bot.clips.capture.output.shrink_process"

__all__ = [
    "GOP_SECONDS",
    "MODULE",
    "SHRINKER",
    "MakeClip",
    "OpenCapture",
    "Rate",
    "RoomAccess",
    "ShrinkClip",
    "Shrunk",
    "clip_result",
    "fewest_bytes",
    "part_of",
    "plan",
]
