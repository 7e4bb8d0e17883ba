"""The capture process. Its front is what crosses the pipes; the process itself is
`python -m bot.clips.capture`, which loads `livekit` and `av`."""

from bot.clips.capture.protocol import MakeClip, OpenCapture, RingState, RoomAccess

MODULE = "bot.clips.capture"

__all__ = [
    "MODULE",
    "MakeClip",
    "OpenCapture",
    "RingState",
    "RoomAccess",
]
