"""A loop of the card encoded once and published many times: the cheap broadcaster.

It is deaf: no keyframe comes but its own, one each GOP. With `gop_seconds=10` whoever joins late
waits up to 10 s for a picture.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
from livekit import rtc

from bot.demo.broadcast.options import Options
from bot.demo.broadcast.picture_spec import PictureSpec
from bot.demo.broadcast.testcard import Content, make_content

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext

_CODERS = {
    "h264": ("libx264", {"preset": "veryfast", "tune": "zerolatency", "profile": "baseline",
                         "level": "3.1", "x264-params": "scenecut=0:repeat-headers=1:annexb=1"}),
    "vp8": ("libvpx", {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0",
                       "auto-alt-ref": "0", "max-intra-rate": "400"}),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """One encoded picture."""

    data: bytes
    key: bool


class EncodedFeed:
    """Frame n is what was encoded for it, or later for the same place in the loop.

    Nothing may be left out: each picture leans on the one before.
    """

    def __init__(self, options: Options, spec: PictureSpec) -> None:
        self._spec = spec
        self._intro = options.intro_frames
        self._codec = rtc.VideoCodec.H264 if options.codec == "h264" else rtc.VideoCodec.VP8
        self._units = _load_or_encode(options, spec)
        self._unit = self._units[0]

    def source(self) -> rtc.EncodedVideoSource:
        """A new source of the loop's size."""
        return rtc.EncodedVideoSource(self._spec.width, self._spec.height)

    def prepare(self, number: int) -> None:
        """Take frame `number`."""
        past = max(0, number - self._intro) % (len(self._units) - self._intro)
        self._unit = self._units[min(number, self._intro) + past]

    def show(self, source: rtc.VideoSource | rtc.EncodedVideoSource, timestamp_us: int) -> None:
        """Hand over what was prepared; the SDK copies it."""
        assert isinstance(source, rtc.EncodedVideoSource)
        kinds = rtc.EncodedFrameType
        key = kinds.ENCODED_FRAME_KEY if self._unit.key else kinds.ENCODED_FRAME_DELTA
        width, height = self._spec.width, self._spec.height
        source.capture_frame(
            rtc.EncodedVideoFrame(self._unit.data, width, height, self._codec, key, timestamp_us)
        )


def encode(options: Options, spec: PictureSpec) -> list[Unit]:
    """The units of the intro and of the loop, with no keyframe but one each GOP."""
    content = make_content(options.content, spec)
    intro = _encode_run(content, _coder(options, spec, 1), 0, options.intro_frames)
    coder = _coder(options, spec, options.gop_seconds)
    return intro + _encode_run(content, coder, options.intro_frames, options.loop_frames)


def _encode_run(content: Content, coder: VideoCodecContext, first: int, count: int) -> list[Unit]:
    units = []
    for number in range(first, first + count):
        picture = content.paint(number)
        rows = picture.data.reshape(picture.height * 3 // 2, picture.width)
        frame = av.VideoFrame.from_ndarray(rows, format="yuv420p")
        frame.pts = number
        units += list(_units(coder, frame))
    return units + list(_units(coder, None)) if count else []


def _coder(options: Options, spec: PictureSpec, gop_seconds: int) -> VideoCodecContext:
    name, settings = _CODERS[options.codec]
    if options.b_frames:
        settings = {**settings, "tune": "", "profile": "high"}
    coder: VideoCodecContext = av.CodecContext.create(name, "w")  # type: ignore[assignment]
    coder.width, coder.height, coder.pix_fmt = spec.width, spec.height, "yuv420p"
    coder.framerate = Fraction(spec.fps)
    coder.time_base = Fraction(1, spec.fps)
    coder.gop_size = gop_seconds * spec.fps
    coder.max_b_frames = options.b_frames
    coder.thread_count = 1
    coder.bit_rate = options.rate
    coder.options = {
        **settings,
        "maxrate": str(options.rate),
        "bufsize": str(options.rate // 4),  # a keyframe is on its way for 0.25 s at most
        "keyint_min": str(coder.gop_size),
    }
    return coder


def _units(coder: VideoCodecContext, frame: av.VideoFrame | None) -> Iterator[Unit]:
    for packet in coder.encode(frame):
        yield Unit(bytes(packet), packet.is_keyframe)


def _load_or_encode(options: Options, spec: PictureSpec) -> list[Unit]:
    """What the loop's file holds, if it is of the same making; else a new loop, kept there."""
    if not options.loop_file:
        return encode(options, spec)
    path, making = Path(options.loop_file), _making(options)
    if (units := _read(path, making)) is None:
        units = encode(options, spec)
        _write(path, making, units)
    return units


def _making(options: Options) -> dict[str, Any]:
    """All that the loop depends on."""
    ignored = ("loop_file", "video", "audio", "simulcast", "encoder")
    return {name: value for name, value in options.spoken().items() if name not in ignored}


def _read(path: Path, making: dict[str, Any]) -> list[Unit] | None:
    try:
        with path.open("rb") as file:
            head = json.loads(file.readline())
            if head["making"] != making:
                return None
            return [Unit(file.read(size), key) for size, key in head["units"]]
    except (OSError, ValueError, KeyError):
        return None


def _write(path: Path, making: dict[str, Any], units: list[Unit]) -> None:
    """The file appears whole: a part beside it is renamed."""
    head = {"making": making, "units": [(len(unit.data), unit.key) for unit in units]}
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(json.dumps(head).encode() + b"\n")
        file.writelines(unit.data for unit in units)
    part.replace(path)
