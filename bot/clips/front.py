"""What others use of clips, by way of the package, and what that loads: neither `livekit` nor `av`.
Those live in a process of their own (`bot.clips.capture`), which `CapturePool` starts and speaks
to."""

from bot.clips.encoding import fewest_bytes
from bot.clips.padding import PaddedClipKeeper, longest_padded
from bot.clips.results import dump_result, load_result
from bot.clips.retention import ClipRetention, Rules
from bot.clips.rings import AllOurs, RingClaims, RingKeeper, SharedRings, places_for
from bot.clips.service import ClipService
from bot.clips.sources import (
    ClipSource,
    ClipSources,
    PaddedClipSource,
    RingSource,
    RoomSource,
    SiteSource,
)
from bot.clips.sources.live_pictures import LivePictures
from bot.clips.sources.recording import (
    DelayMeter,
    RecordingLists,
    RecordingMoving,
    RecordingsOfCoin,
    RecordingSource,
    RecordingStills,
    Survey,
    finished_recordings,
)
from bot.clips.workers.capture_client import Rooms
from bot.clips.workers.capture_pool import CapturePool
from bot.clips.workers.captures import Captures, ring_order
from bot.clips.workers.shared_capture import Hold
from bot.clips.workers.shrinker import ClipShrinker
from bot.clips.workers.trimmer import Trimmer

__all__ = [
    "AllOurs",
    "CapturePool",
    "Captures",
    "ClipRetention",
    "ClipService",
    "ClipShrinker",
    "ClipSource",
    "ClipSources",
    "DelayMeter",
    "Hold",
    "LivePictures",
    "PaddedClipKeeper",
    "PaddedClipSource",
    "RecordingLists",
    "RecordingMoving",
    "RecordingSource",
    "RecordingStills",
    "RecordingsOfCoin",
    "RingClaims",
    "RingKeeper",
    "RingSource",
    "RoomSource",
    "Rooms",
    "Rules",
    "SharedRings",
    "SiteSource",
    "Survey",
    "Trimmer",
    "dump_result",
    "fewest_bytes",
    "finished_recordings",
    "load_result",
    "longest_padded",
    "places_for",
    "ring_order",
]
