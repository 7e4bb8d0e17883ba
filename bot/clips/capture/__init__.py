"""The capture process. Its front is what crosses the pipes, and what can be planned without it;
the process itself is `python -m bot.clips.capture`, which alone loads `livekit` and `av`."""

from bot.clips.capture.protocol import Door, OpenCapture, WantClip, clip_result, part_of
from bot.clips.capture.rate import GOP_SECONDS, Rate, fewest_bytes, plan

MODULE = "bot.clips.capture"

__all__ = [
    "GOP_SECONDS",
    "MODULE",
    "Door",
    "OpenCapture",
    "Rate",
    "WantClip",
    "clip_result",
    "fewest_bytes",
    "part_of",
    "plan",
]
