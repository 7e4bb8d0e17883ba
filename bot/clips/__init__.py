"""Clips of livestreams. This front loads neither `livekit` nor `av`: those live in a process of
their own (`bot.clips.capture`), which `Recorder` starts and speaks to."""

from bot.clips.capture import fewest_bytes
from bot.clips.capturing import Rooms
from bot.clips.jobs import ClipJobs
from bot.clips.keeping import Keeping, Rules
from bot.clips.recorder import Recorder
from bot.clips.results import dump_result, load_result
from bot.clips.shrinking import Shrinking

__all__ = [
    "ClipJobs",
    "Keeping",
    "Recorder",
    "Rooms",
    "Rules",
    "Shrinking",
    "dump_result",
    "fewest_bytes",
    "load_result",
]
