"""Where a clip's picture and sound come from: one port, several sources, and the choice of one."""

from bot.clips.sources.captured import RingSource, RoomSource
from bot.clips.sources.padded_clip_source import PaddedClipSource
from bot.clips.sources.port import ClipSource, ClipSources
from bot.clips.sources.site import SiteSource

__all__ = [
    "ClipSource",
    "ClipSources",
    "PaddedClipSource",
    "RingSource",
    "RoomSource",
    "SiteSource",
]
