"""A cut of the ring as an MP4 that plays everywhere: `moov` in front, whole or not there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from bot.clips.capture.media.ring import Cut, Encoded
from bot.clips.capture.media.timeline import SECOND
from bot.clips.editing.clip_file import broken, part_of


@dataclass(frozen=True, slots=True)
class Templates:
    """The encoder's streams; None where a clip has no such stream."""

    video: Any
    audio: Any


def write_part(cut: Cut, templates: Templates, path: Path, clip: int = 0) -> int:
    """Write `cut` to the part file of `path`, that of this `clip`; its bytes. Raises
    WriteFailure."""
    part = part_of(path, clip=clip)
    try:
        _mux(cut, templates, part)
        return part.stat().st_size
    except (OSError, av.FFmpegError) as error:
        raise broken(part, error) from error


def _mux(cut: Cut, templates: Templates, part: Path) -> None:
    with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        tracks = []
        if templates.video is not None and cut.video:
            tracks.append((container.add_stream_from_template(templates.video), cut.video))
        if templates.audio is not None and cut.audio:
            tracks.append((container.add_stream_from_template(templates.audio), cut.audio))
        for stream, packet, duration in _interleaved(tracks, cut.end):
            clone = av.Packet(packet.packet)  # muxing changes the packet that it is given
            source = packet.packet
            clone.time_base = source.time_base
            zero = round(cut.start / SECOND / source.time_base)
            clone.pts = clone.dts = source.pts - zero
            clone.duration = round(duration / SECOND / source.time_base)
            clone.is_keyframe = source.is_keyframe
            clone.stream = stream
            container.mux(clone)


def _interleaved(tracks: Any, end: int) -> list[tuple[Any, Encoded, int]]:
    """All packets by time, each lasting until the next of its stream, the last one until `end`."""
    rows = []
    for stream, packets in tracks:
        for packet, following in zip(packets, (*packets[1:], None), strict=True):
            until = following.time if following is not None else max(end, packet.time)
            is_video = stream.type == "video"
            duration = until - packet.time if is_video else packet.duration
            rows.append((stream, packet, duration))
    return sorted(rows, key=lambda row: row[1].time)
