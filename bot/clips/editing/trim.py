"""A part of a finished MP4 as a file of its own, without encoding anything anew; or all of one that
a stranger has made, in a container of ours.

It begins with the keyframe nearest to the instant that is asked for, since nothing before a
keyframe can be shown; it ends at the frame. Both streams are rebased by the one zero that this is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from bot.clips.editing import untrusted_mp4
from bot.clips.editing.clip_file import WriteFailure, WrittenFile, broken
from bot.clips.editing.segment_plan import nearest_keyframe
from bot.clips.encoding.canvas import Size
from bot.model import ClipFailure


def trim(source: Path, part: Path, begins: float, ends: float) -> WrittenFile:
    """Copy what `source` shows in [begins, ends), in seconds, to `part`.

    Raises WriteFailure where there is nothing of it, or where it cannot be read or written; nothing
    of `part` is left then.
    """
    try:
        with (
            av.open(str(source)) as old,
            av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as new,
        ):
            copy = _Copy(old, new, Fraction(begins), Fraction(ends))
            copy.run()
        if copy.is_empty:
            raise WriteFailure(ClipFailure.NO_MEDIA, "")
        return copy.told(part.stat().st_size)
    except (OSError, av.FFmpegError) as error:
        raise broken(part, error) from error
    except WriteFailure:
        part.unlink(missing_ok=True)
        raise


def take_over(source: Path, part: Path, longest: float) -> WrittenFile:
    """Copy a stranger's MP4 to `part`, its first `longest` seconds at most. Raises as `trim` does;
    its failure is NO_MEDIA, or VIDEO_…, where there is nothing in it that can be shown."""
    try:
        with (
            untrusted_mp4.opened(source) as old,
            av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as new,
        ):
            streams = untrusted_mp4.usable_streams(old)
            copy = _Copy(old, new, Fraction(0), Fraction(longest), streams)
            copy.run()
        if copy.is_empty or not copy.told(0).seconds:
            raise WriteFailure(ClipFailure.NO_MEDIA, "nothing in it can be shown")
        return copy.told(part.stat().st_size)
    except (OSError, av.FFmpegError, *untrusted_mp4.BROKEN) as error:
        failure = broken(part, error)
        if failure.failure is ClipFailure.WRITE_FAILED:  # the disk is well
            failure = WriteFailure(ClipFailure.NO_MEDIA, failure.detail)
        raise failure from error
    except WriteFailure:
        part.unlink(missing_ok=True)
        raise


class _Copy:
    """One run over the packets of `streams`, the first picture and the first sound where none are
    named. `_zero` is None until the first of them is known."""

    def __init__(
        self,
        old: Any,
        new: Any,
        begins: Fraction,
        ends: Fraction,
        streams: Sequence[Any] | None = None,
    ) -> None:
        self._old = old
        self._new = new
        self._begins = begins
        self._ends = ends
        if streams is None:
            streams = [*old.streams.video[:1], *old.streams.audio[:1]]
        self._streams = list(streams)
        self._outputs: dict[int, Any] = {}
        self._zero: Fraction | None = None
        self._frames = 0
        self._last = begins
        video = next((one for one in self._streams if one.type == "video"), None)
        self._picture = Size(video.width, video.height) if video is not None else None
        self._has_audio = any(one.type == "audio" for one in self._streams)

    @property
    def is_empty(self) -> bool:
        """Nothing of what was asked for is there."""
        return self._zero is None or self._last <= self._begins

    def run(self) -> None:
        """Copy them; nothing where the file has no such part."""
        if not self._streams:
            return
        self._outputs = {
            stream.index: self._new.add_stream_from_template(stream) for stream in self._streams
        }
        for packet in self._wanted():
            begins = packet.pts * packet.time_base
            ends = min(begins + packet.duration * packet.time_base, self._ends)
            self._last = max(self._last, ends)
            self._frames += packet.stream.type == "video"
            self._put(packet, ends - begins)

    def told(self, count: int) -> WrittenFile:
        """What became of it; `count` bytes."""
        assert self._zero is not None
        return WrittenFile(
            begins=float(self._zero),
            seconds=round(float(self._last - self._zero), 3),
            bytes=count,
            frames=self._frames,
            picture=self._picture,
            has_audio=self._has_audio,
        )

    def _wanted(self) -> Iterator[Any]:
        """Those that begin in the window. Sound that comes before the first picture waits for it:
        what is earlier than that is left out."""
        lead, waiting = self._streams[0], list[Any]()
        for packet in self._from_keyframe(lead):
            if self._zero is None and packet.stream.index != lead.index:
                waiting.append(packet)
                continue
            if self._zero is None:
                self._zero = packet.pts * packet.time_base
                yield from (one for one in waiting if one.pts * one.time_base >= self._zero)
            if packet.pts * packet.time_base >= self._zero:
                yield packet

    def _from_keyframe(self, lead: Any) -> Iterator[Any]:
        """Every packet before the end, from the keyframe of `lead` on that is nearest to the
        beginning."""
        first = self._first_of(lead)
        self._old.seek(first, stream=lead)
        going = {stream.index for stream in self._streams}
        for packet in self._old.demux(*self._streams):
            if packet.size == 0 or packet.stream.index not in going:
                continue
            if packet.stream.index == lead.index and packet.dts < first:
                continue
            if self._is_over(packet):
                going.discard(packet.stream.index)
            else:
                yield packet
            if not going:
                return

    def _first_of(self, lead: Any) -> int:
        """When its first packet that is wanted is decoded, in its own units."""
        keys = [entry.timestamp for entry in lead.index_entries if entry.is_keyframe]
        ends = round(self._ends / lead.time_base)
        if not (before := [key for key in keys if key < ends]):
            return 0
        begins = round(self._begins / lead.time_base)
        return nearest_keyframe(before, begins, ends, round(1 / lead.time_base))

    def _is_over(self, packet: Any) -> bool:
        """A block of sound that lasts beyond the end is left out; of a picture the end is cut."""
        begins = packet.pts * packet.time_base
        if packet.stream.type == "video":
            return bool(begins >= self._ends)
        return bool(begins + packet.duration * packet.time_base > self._ends)

    def _put(self, packet: Any, lasts: Fraction) -> None:
        base = packet.time_base
        zero = round(self._zero / base) if self._zero is not None else 0
        packet.pts -= zero
        packet.dts -= zero
        packet.duration = round(lasts / base)
        packet.stream = self._outputs[packet.stream.index]
        self._new.mux(packet)
