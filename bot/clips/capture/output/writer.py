"""A cut of the ring as an MP4 that plays everywhere: `moov` in front, whole or not there; and what
all that write such files share."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from bot.clips.capture.media.canvas import Size
from bot.clips.capture.media.ring import Cut, Encoded
from bot.clips.capture.media.timeline import SECOND
from bot.clips.capture.protocol import part_of
from bot.model import ClipFailure, ClipResult, ClipStatus

_NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV)


@dataclass(frozen=True, slots=True)
class Templates:
    """The encoder's streams; None where a clip has no such stream."""

    video: Any
    audio: Any


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that was copied out of others. `begins` is where its zero lies in what it was cut out
    of; both are seconds. `picture` is None where it has none."""

    begins: float
    seconds: float
    bytes: int
    frames: int
    picture: Size | None
    has_audio: bool

    def result(self, path: Path, poster: str | None) -> ClipResult:
        """That of the clip, once it has its name and its poster."""
        picture = self.picture
        return ClipResult(
            ClipStatus.COMPLETE,
            path=path,
            seconds=self.seconds,
            width=picture.width if picture else None,
            height=picture.height if picture else None,
            fps=round(self.frames / self.seconds, 2) if picture else None,
            bytes=self.bytes,
            has_video=picture is not None,
            has_audio=self.has_audio,
            poster=poster,
        )


class WriteFailure(Exception):
    """The file could not be written; nothing of it is left."""

    def __init__(self, failure: ClipFailure, detail: str) -> None:
        super().__init__(failure.value, detail)
        self.failure = failure
        self.detail = detail


def write_part(cut: Cut, templates: Templates, path: Path) -> int:
    """Write `cut` to the part file of `path`; its bytes. Raises WriteFailure."""
    part = part_of(path)
    try:
        _mux(cut, templates, part)
        return part.stat().st_size
    except (OSError, av.FFmpegError) as error:
        raise broken(part, error) from error


def publish(path: Path) -> Path:
    """Give the part file its name; where that is taken by now, a numbered one. Never overwrites."""
    part = part_of(path)
    try:
        for candidate in _names(path):
            with contextlib.suppress(FileExistsError):
                _claim(part, candidate)
                return candidate
    except OSError as error:
        raise broken(part, error) from error
    raise AssertionError("unreachable: there is always a next number")


def broken(part: Path, error: Exception) -> WriteFailure:
    """Remove what there is of the file; the failure to raise."""
    with contextlib.suppress(OSError):
        part.unlink(missing_ok=True)
    return WriteFailure(_failure_of(error), getattr(error, "strerror", "") or type(error).__name__)


def _failure_of(error: Exception) -> ClipFailure:
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return ClipFailure.DISK_FULL
    if number in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR):
        return ClipFailure.NOT_WRITABLE
    return ClipFailure.WRITE_FAILED


def _names(path: Path) -> Iterator[Path]:
    yield path
    number = 2
    while True:
        yield path.with_stem(f"{path.stem}-{number}")
        number += 1


def _claim(part: Path, path: Path) -> None:
    try:
        os.link(part, path)  # unlike rename, it fails where the name is taken
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        _claim_without_links(part, path)
    else:
        part.unlink()


def _claim_without_links(part: Path, path: Path) -> None:
    with path.open("xb"):
        pass
    try:
        part.replace(path)
    except OSError:
        path.unlink()
        raise


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
