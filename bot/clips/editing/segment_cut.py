"""A clip of a recording's segments: copied, never encoded, and looked at when it is there.

The segments are gone through twice, so that never more than a packet of them is in memory: once to
see what they hold, once to copy what was planned of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from bot.clips.editing.clip_file import WriteFailure, WrittenFile, broken
from bot.clips.editing.protocol import CutSegments
from bot.clips.editing.segment_plan import (
    TICKS,
    Gaps,
    Place,
    Row,
    SegmentPlan,
    gaps_of,
    plan,
)
from bot.clips.editing.segment_reader import Found, Reader, readers
from bot.clips.encoding.canvas import Size
from bot.model import ClipFailure

_MOST_PACKETS = 80_000
"""The longest clip that there can be has eleven minutes, with what is kept around it: 71,000 at 60
pictures a second. Of so many, what is planned takes 40 MB (measured 2026-11-29)."""
_SLACK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class CutFile(WrittenFile):
    """What was written; its pictures are missing so often, and for so long."""

    gaps: Gaps


def cut_segments(want: CutSegments, part: Path) -> CutFile:
    """Write the clip to `part`. Raises WriteFailure; nothing of `part` is left then."""
    try:
        planned = _planned(want)
        picture = _copy(want, planned, part)
        return _looked_at(part, planned, picture)
    except (OSError, av.FFmpegError) as error:
        raise broken(part, error) from error
    except WriteFailure:
        part.unlink(missing_ok=True)
        raise


def _planned(want: CutSegments) -> SegmentPlan:
    rows = list[Row]()
    for reader in readers(want.segments, is_muted=want.is_muted):
        for found in reader.packets():
            rows.append(_row(found))
            if len(rows) > _MOST_PACKETS:
                raise WriteFailure(ClipFailure.NO_MEDIA, f"over {_MOST_PACKETS} packets")
    places = [Place(_ticks(one.begins), _ticks(one.seconds), one.group) for one in want.segments]
    planned = plan(rows, places, _ticks(want.begins), _ticks(want.ends))
    if planned is None:
        raise WriteFailure(ClipFailure.NO_MEDIA, "the segments show nothing of the window")
    return planned


def _row(found: Found) -> Row:
    packet = found.packet
    dts = packet.dts if packet.dts is not None else packet.pts
    return Row(
        found.is_video,
        found.segment,
        packet.pts,
        dts,
        packet.duration or 0,
        packet.is_keyframe or not found.is_video,
        packet.is_corrupt,
        found.header,
    )


def _copy(want: CutSegments, planned: SegmentPlan, part: Path) -> Size | None:
    """The size of its picture, where it has one."""
    first, last = planned.segments
    used = want.segments[first : last + 1]
    with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as new:
        copy = _Copy(new, planned)
        for reader in readers(used, first, is_muted=want.is_muted):
            if copy.add_streams_of(reader):
                break
        for reader in readers(used, first, is_muted=want.is_muted):
            copy.run(reader.packets())
    return copy.picture


class _Copy:
    """Both streams of one clip, each with the header of the first part that has such a stream,
    which is that of all: the run is uniform."""

    def __init__(self, new: Any, planned: SegmentPlan) -> None:
        self.picture: Size | None = None
        self._new = new
        self._step = planned.step
        self._times = dict(planned.times)
        self._missing = {name[0] for name in planned.times}
        self._outputs: dict[bool, Any] = {}

    def add_streams_of(self, reader: Reader) -> bool:
        """Those that are missing so far; whether all are there. Call it before any is copied."""
        for is_video, stream in ((True, reader.video), (False, reader.audio)):
            if stream is None or is_video not in self._missing:
                continue
            self._missing.remove(is_video)
            self._outputs[is_video] = self._new.add_stream_from_template(stream)
            if is_video:
                self.picture = Size(stream.width, stream.height)
        return not self._missing

    def run(self, packets: Iterator[Found]) -> None:
        """Those that were planned."""
        for found in packets:
            name = found.is_video, found.segment, found.packet.pts
            times = self._times.pop(name, None)
            if times is not None and found.is_video in self._outputs:
                self._put(found, *times)

    def _put(self, found: Found, shown: int, decoded: int) -> None:
        packet = found.packet
        packet.time_base = Fraction(1, TICKS)
        packet.pts, packet.dts = shown, decoded
        packet.duration = self._step if found.is_video else packet.duration
        packet.stream = self._outputs[found.is_video]
        self._new.mux(packet)


def _looked_at(part: Path, planned: SegmentPlan, picture: Size | None) -> CutFile:
    """What the file says of itself. Raises WriteFailure where that is not what was planned."""
    lead, has_audio, seconds = _shown(part, picture is not None)
    lead_is_video = picture is not None
    wanted = [
        shown / TICKS for name, (shown, _) in planned.times.items() if name[0] is lead_is_video
    ]
    gaps, expected = gaps_of(lead), gaps_of(wanted)
    lengths = seconds - (planned.ends - planned.zero) / TICKS
    if (
        len(lead) != len(wanted)
        or abs(lengths) > _SLACK_SECONDS
        or abs(gaps.longest - expected.longest) > _SLACK_SECONDS
    ):
        detail = f"{len(lead)} of {len(wanted)} frames, {lengths:+.3f} s"
        raise WriteFailure(ClipFailure.WRITE_FAILED, detail)
    return CutFile(
        begins=planned.zero / TICKS,
        seconds=round(seconds, 3),
        frames=len(lead) if picture is not None else 0,
        gaps=gaps if picture is not None else Gaps(),
        bytes=part.stat().st_size,
        picture=picture,
        has_audio=has_audio,
    )


def _shown(part: Path, has_picture: bool) -> tuple[Sequence[float], bool, float]:
    """When each packet of the lead is shown, whether there is sound, and when the lead ends."""
    times, end = list[float](), 0.0
    with av.open(str(part)) as container:
        kind = container.streams.video if has_picture else container.streams.audio
        for packet in container.demux(*kind[:1]):
            if packet.size and packet.pts is not None:
                times.append(float(packet.pts * packet.time_base))
                end = max(end, times[-1] + float((packet.duration or 0) * packet.time_base))
        return times, bool(container.streams.audio), end


def _ticks(seconds: float) -> int:
    return round(seconds * TICKS)
