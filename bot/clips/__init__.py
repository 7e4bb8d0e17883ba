"""Clips of livestreams. This front loads neither `livekit` nor `av`: those live in a process of
their own (`bot.clips.capture`), which `Recorder` starts and speaks to."""

from bot.clips.capture import fewest_bytes
from bot.clips.capturing import Rooms
from bot.clips.recorder import Recorder

__all__ = ["Recorder", "Rooms", "fewest_bytes"]
