"""Clips and pictures that are cut of the site's own recording."""

from bot.clips.sources.recording.choice import finished_recordings
from bot.clips.sources.recording.delay_meter import DelayMeter
from bot.clips.sources.recording.lists import RecordingLists
from bot.clips.sources.recording.moving import RecordingMoving
from bot.clips.sources.recording.source import RecordingsOfCoin, RecordingSource, Survey
from bot.clips.sources.recording.stills import RecordingStills

__all__ = [
    "DelayMeter",
    "RecordingLists",
    "RecordingMoving",
    "RecordingSource",
    "RecordingStills",
    "RecordingsOfCoin",
    "Survey",
    "finished_recordings",
]
