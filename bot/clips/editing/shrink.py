"""The only second encode: a finished file made smaller.

For a ring that was made for another limit, or an upload that was refused. It decodes the part
file and encodes it anew at a rate that is lowered until the file fits. What was copied from others
may be damaged: of that, a picture is left out, and sound becomes silence.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.video.frame import PictureType

from bot.clips.editing.clip_file import WriteFailure, broken
from bot.clips.encoding.canvas import Size, choose_canvas, height_of
from bot.clips.encoding.rate import GOP_SECONDS, Rate, plan
from bot.clips.encoding.scaler import Scaler
from bot.clips.encoding.streams import VIDEO_BASE, add_audio, add_video
from bot.model import ClipFailure

_TRIES = 3
_TIGHTER = 0.85


@dataclass(frozen=True, slots=True)
class ShrunkFile:
    """What became of a file: its bytes, and the size of its picture, if it has one."""

    bytes: int
    picture: Size | None


def shrink(path: Path, max_bytes: int) -> ShrunkFile:
    """Encode the MP4 at `path` again, in its place, within `max_bytes`.

    Raises WriteFailure where it cannot be made so small, or written; the original is gone then.
    """
    goal = max_bytes
    smaller = path.with_suffix(".smaller")
    try:
        for _ in range(_TRIES):
            picture = _encode_again(path, smaller, goal)
            size = smaller.stat().st_size
            if size <= max_bytes:
                smaller.replace(path)
                return ShrunkFile(size, picture)
            goal = int(goal * _TIGHTER * max_bytes / size)
        raise WriteFailure(ClipFailure.TOO_FEW_BYTES, "")
    except (OSError, av.FFmpegError) as error:
        raise broken(path, error) from error
    except WriteFailure:
        path.unlink(missing_ok=True)
        raise
    finally:
        with contextlib.suppress(OSError):
            smaller.unlink(missing_ok=True)


def _encode_again(source: Path, target: Path, max_bytes: int) -> Size | None:
    with (
        av.open(str(source)) as old,
        av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as new,
    ):
        rate = _rate_for((old.duration or 0) / 1_000_000, max_bytes, old)
        outputs = {}
        for stream in old.streams:
            outputs[stream.index] = (
                _Video(new, stream, rate) if stream.type == "video" else _Sound(new, rate)
            )
        for packet in old.demux():
            outputs[packet.stream.index].take(packet)
        for output in outputs.values():
            output.end()
    sizes = (output.size for output in outputs.values() if isinstance(output, _Video))
    return next(sizes, None)


def _rate_for(seconds: float, max_bytes: int, old: Any) -> Rate:
    picture = old.streams.video[0] if old.streams.video else None
    height = height_of(Size(picture.width, picture.height)) if picture else 720
    rate = plan(seconds, max_bytes, height)
    if rate is None:
        raise WriteFailure(ClipFailure.TOO_FEW_BYTES, "")
    return rate


class _Output(ABC):
    """A stream that is encoded anew, of packets that are taken one by one."""

    def __init__(self) -> None:
        self._is_any = False
        self._damage: av.FFmpegError | None = None

    def take(self, packet: Any) -> None:
        """The next packet; the last one is empty."""
        try:
            frames = packet.decode()
        except av.InvalidDataError as damage:
            self._damage = damage
            frames = self._in_place_of(packet)
        else:
            self._is_any = self._is_any or bool(frames)
        for frame in frames:
            self._put(frame)

    def end(self) -> None:
        """Nothing more comes. Raises InvalidDataError where all that came was damaged."""
        if self._damage is not None and not self._is_any:
            raise self._damage
        self._put(None)

    @abstractmethod
    def _in_place_of(self, packet: Any) -> list[Any]:
        """What is shown, or heard, instead of one that is damaged."""

    @abstractmethod
    def _put(self, frame: Any) -> None:
        """Encode it; None: all that is left."""


class _Video(_Output):
    def __init__(self, container: Any, old: Any, rate: Rate) -> None:
        super().__init__()
        size = Size(old.width, old.height)
        self.size = choose_canvas(size, size, rate.height)
        self._stream = add_video(container, self.size, rate)
        self._container = container
        self._scaler = Scaler(self.size)
        self._next_key = Fraction(0)
        self._lasts = 0

    def _in_place_of(self, packet: Any) -> list[Any]:
        """Nothing: the picture before it stays."""
        return []

    def _put(self, frame: Any) -> None:
        if frame is None:
            for packet in self._stream.encode(None):
                packet.duration = self._lasts  # only this says how long the last picture is shown
                self._container.mux(packet)
            return
        pts = round(frame.pts * frame.time_base / VIDEO_BASE)
        self._lasts = round(frame.duration * frame.time_base / VIDEO_BASE)
        fitted = self._scaler.fit_frame(frame)
        fitted.pts, fitted.time_base = pts, VIDEO_BASE
        key = pts * VIDEO_BASE >= self._next_key
        fitted.pict_type = PictureType.I if key else PictureType.NONE
        if key:
            self._next_key = pts * VIDEO_BASE + Fraction(GOP_SECONDS)
        self._container.mux(self._stream.encode(fitted))


class _Sound(_Output):
    def __init__(self, container: Any, rate: Rate) -> None:
        super().__init__()
        self._stream = add_audio(container, rate)
        self._container = container

    def _in_place_of(self, packet: Any) -> list[Any]:
        """Silence of the same length, so that all after it stays where it was."""
        decoder = packet.stream.codec_context
        lasts = packet.duration * packet.time_base * decoder.sample_rate
        silence = AudioFrame(decoder.format, decoder.layout, round(lasts))
        for plane in silence.planes:
            plane.update(bytes(plane.buffer_size))
        silence.sample_rate = decoder.sample_rate
        silence.pts, silence.time_base = packet.pts, packet.time_base
        return [silence]

    def _put(self, frame: Any) -> None:
        self._container.mux(self._stream.encode(frame))
