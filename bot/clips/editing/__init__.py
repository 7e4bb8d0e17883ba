"""Clips made of files: a part cut out, a run of segments joined, a clip made smaller, a picture of
it, how far two are apart. Each in a process of its own, which loads `av`; nothing here knows of
LiveKit. The front is what crosses the pipes."""

from bot.clips.editing.clip_file import part_of
from bot.clips.editing.protocol import (
    Align,
    CutSegments,
    MakeStill,
    SegmentFile,
    SegmentsCut,
    ShrinkClip,
    Shrunk,
    TakeOver,
    TrimClip,
    Trimmed,
)

ALIGNER = "bot.clips.editing.alignment.process"
SEGMENT_CUTTER = "bot.clips.editing.segment_process"
TRIMMER = "bot.clips.editing.trim_process"

__all__ = [
    "ALIGNER",
    "SEGMENT_CUTTER",
    "TRIMMER",
    "Align",
    "CutSegments",
    "MakeStill",
    "SegmentFile",
    "SegmentsCut",
    "ShrinkClip",
    "Shrunk",
    "TakeOver",
    "TrimClip",
    "Trimmed",
    "part_of",
]
