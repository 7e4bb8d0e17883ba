"""Paints, encodes and packs one segment: MPEG-TS as the site serves it, or a highlight's MP4.

A picture of the test card is its number, so a segment can be made when somebody asks for it, and
costs nothing before. Each begins with a keyframe, of pictures that lean on no other segment.
"""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any, NamedTuple

import av

from bot.demo.broadcast.sound import CHANNELS, SAMPLE_RATE, sound
from bot.demo.broadcast.testcard import Content, make_content
from bot.demo.recording.segment_spec import TICKS, SegmentSpec
from bot.kit.bounded_dict import BoundedDict

_BLOCK = 1024
_REPEAT = 375
"""Blocks in 8 s: after so many whole ones a new second begins with a block, as at first."""
_LEAD = 4
_NEVER = 100_000
_KEPT = 200
"""Segments of loops: one of 4 s has 100 of each rung."""
_H264 = {"preset": "ultrafast", "x264-params": "scenecut=0"}
_MUXERS = {
    "mpegts": {"mpegts_flags": "+initial_discontinuity"},  # each file counts its packets from zero
    "mp4": {},  # in memory the index cannot be moved to the front
}


class _Unit(NamedTuple):
    """One encoded picture, its times in frames."""

    data: bytes
    pts: int
    dts: int
    key: bool


class SegmentMaker:
    """Makes what is ordered; keeps the painter of the last one, and the sound."""

    def __init__(self) -> None:
        self._sounds: Sounds | None = None
        self._painter: Content | None = None
        self._painted: tuple[Any, ...] = ()
        self.encoded = 0
        """How many segments were encoded, rather than packed anew."""
        self._loops: BoundedDict[SegmentSpec, list[_Unit]] = BoundedDict(_KEPT)

    def make(self, spec: SegmentSpec) -> bytes:
        """The whole file."""
        self._sounds = self._sounds or Sounds()
        file = io.BytesIO()
        with av.open(file, "w", format=spec.container, options=_MUXERS[spec.container]) as made:
            video = _video_stream(made, spec)
            audio: Any = (
                made.add_stream("aac", SAMPLE_RATE, layout="stereo") if spec.sounds else None
            )
            packets = _seen(video, self._units(video, spec), spec)
            if audio is not None:
                packets += _heard(audio, self._sounds, spec)
            for packet in sorted(packets, key=lambda packet: packet.dts * packet.time_base):
                made.mux(packet)
        return file.getvalue()

    def _units(self, stream: Any, spec: SegmentSpec) -> list[_Unit]:
        """The pictures, encoded once where they come again."""
        if (known := self._loops.get(spec.pictures)) is not None:
            return known
        units = _encoded(stream, self._content(spec), spec)
        self.encoded += 1
        if spec.repeats:
            self._loops.put(spec.pictures, units)
        return units

    def _content(self, spec: SegmentSpec) -> Content:
        wanted = (spec.content, spec.picture)
        if self._painter is None or self._painted != wanted:
            self._painter, self._painted = make_content(spec.content, spec.picture), wanted
        return self._painter


class Sounds:
    """The broadcast's sound as AAC: eight seconds of it that go on without a seam."""

    def __init__(self) -> None:
        coder: Any = av.CodecContext.create("aac", "w")
        coder.sample_rate, coder.format, coder.layout = SAMPLE_RATE, "fltp", "stereo"
        coder.bit_rate, coder.time_base = 128_000, Fraction(1, SAMPLE_RATE)
        self._blocks: dict[int, bytes] = {}
        for number in range(-_LEAD, _REPEAT + _LEAD):
            for packet in coder.encode(_block(number)):
                at = packet.pts // _BLOCK
                if 0 <= at < _REPEAT:
                    self._blocks[at] = bytes(packet)

    def block(self, number: int) -> bytes:
        """Samples from 1024 × `number` on."""
        return self._blocks[number % _REPEAT]


def _block(number: int) -> av.AudioFrame:
    samples = sound(number * _BLOCK, _BLOCK).astype("f4") / 32768
    frame = av.AudioFrame.from_ndarray(samples.T.copy(), format="fltp", layout="stereo")
    assert len(frame.planes) == CHANNELS
    frame.sample_rate, frame.time_base = SAMPLE_RATE, Fraction(1, SAMPLE_RATE)
    frame.pts = number * _BLOCK
    return frame


def _video_stream(made: av.container.OutputContainer, spec: SegmentSpec) -> Any:
    stream: Any = made.add_stream(spec.codec, Fraction(spec.fps))
    coder = stream.codec_context
    coder.width, coder.height, coder.pix_fmt = spec.width, spec.height, "yuv420p"
    coder.time_base = Fraction(1, spec.fps)
    coder.gop_size = _NEVER
    coder.max_b_frames = spec.b_frames
    coder.thread_count = 1
    coder.bit_rate = spec.rate
    rates = {"maxrate": str(spec.rate), "bufsize": str(spec.rate)}
    coder.options = {**(_H264 if spec.codec == "libx264" else {}), **rates}
    return stream


def _encoded(stream: Any, content: Content, spec: SegmentSpec) -> list[_Unit]:
    """The pictures, those of the lead left out; their times in frames after the first one."""
    packets: list[Any] = []
    for at, number in enumerate((*spec.lead, *spec.numbers), start=-len(spec.lead)):
        picture = content.paint(number)
        rows = picture.data.reshape(picture.height * 3 // 2, picture.width)
        frame = av.VideoFrame.from_ndarray(rows, format="yuv420p")
        frame.pts, frame.time_base = at, Fraction(1, spec.fps)
        packets += stream.encode(frame)
    packets += stream.encode(None)
    return [_Unit(bytes(p), p.pts, p.dts, p.is_keyframe) for p in packets if p.pts >= 0]


def _seen(stream: Any, units: list[_Unit], spec: SegmentSpec) -> list[Any]:
    """The pictures as packets."""
    ticks = Fraction(TICKS, spec.fps)
    packets = []
    for unit in units:
        packet: Any = av.Packet(unit.data)
        packet.pts = spec.pts + round(unit.pts * ticks)
        packet.dts = spec.pts + round(unit.dts * ticks)
        packet.duration, packet.time_base = round(ticks), Fraction(1, TICKS)
        packet.stream, packet.is_keyframe = stream, unit.key
        packets.append(packet)
    return packets


def _heard(stream: Any, sounds: Sounds, spec: SegmentSpec) -> list[Any]:
    """The sound as packets."""
    packets = []
    for number in range(spec.first_sound, spec.first_sound + spec.sounds):
        packet: Any = av.Packet(sounds.block(number))
        packet.pts = packet.dts = round(spec.zero_pts + number * _BLOCK * TICKS / SAMPLE_RATE)
        packet.duration, packet.time_base = _BLOCK * TICKS // SAMPLE_RATE, Fraction(1, TICKS)
        packet.stream, packet.is_keyframe = stream, True
        packets.append(packet)
    return packets
