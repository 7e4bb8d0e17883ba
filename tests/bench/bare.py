"""The bare sum: the same content decoded and encoded through PyAV, with no LiveKit around it.

`python -m tests.bench.bare --events-fd N`, command `measure {options, rate, seconds, paced}`,
event `measured {decode, x264, opus, aac}` in CPU seconds for each second of media. One thread, the
publisher's very loop, Mintcast's encoder settings. `paced` waits for each frame as a live stream
does, which leaves caches and clock speed as they are for a capture; else it runs through.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.video.frame import PictureType

from bot.clips.encoding.canvas import Size
from bot.clips.encoding.rate import SAMPLE_RATE, Rate
from bot.clips.encoding.streams import AUDIO_BASE, VIDEO_BASE, add_audio, add_video, carried
from bot.demo.broadcast.encoded_feed import Unit, encode
from bot.demo.broadcast.options import Options
from bot.demo.broadcast.picture_spec import PictureSpec
from bot.demo.broadcast.sound import sound
from bot.kit.processes.json_pipe import open_json_pipe

_BLOCKS_PER_SECOND = 10
_OPUS_SAMPLES = SAMPLE_RATE // 50


class Bare:
    """Decodes and encodes the publisher's loop again and again."""

    def __init__(self, options: Options, rate: Rate) -> None:
        spec = PictureSpec(
            options.width, options.height, options.fps, options.symbol, options.title
        )
        self._fps = options.fps
        self._units: list[Unit] = encode(options, spec)
        self._speech = _opus_second()
        self._decoder: Any = av.CodecContext.create("h264", "r")
        self._decoder.thread_count = 1
        self._opus: Any = _opus_decoder()
        self._x264: Any = carried(add_video, Size(options.width, options.height), rate)
        self._aac: Any = carried(add_audio, rate)
        self._spent = dict.fromkeys(("decode", "x264", "opus", "aac"), 0.0)

    def run(self, seconds: int, *, paced: bool) -> dict[str, float]:
        """CPU seconds of each part for each second of media."""
        began = time.monotonic()
        for number in range(seconds * self._fps):
            if paced:
                time.sleep(max(0.0, began + number / self._fps - time.monotonic()))
            self._picture(number)
            if number % self._fps == 0:
                self._second_of_sound(number // self._fps)
        return {part: spent / seconds for part, spent in self._spent.items()}

    def _picture(self, number: int) -> None:
        packet = av.Packet(self._units[number % len(self._units)].data)
        with self._timed("decode"):
            frames = self._decoder.decode(packet)
        for frame in frames:
            frame.pts, frame.time_base = number * 90_000 // self._fps, VIDEO_BASE
            frame.pict_type = PictureType.NONE if number % self._fps else PictureType.I
            with self._timed("x264"):
                self._x264.encode(frame)

    def _second_of_sound(self, second: int) -> None:
        with self._timed("opus"):
            for data in self._speech:
                self._opus.decode(av.Packet(data))
        with self._timed("aac"):
            for block in range(_BLOCKS_PER_SECOND):
                length = SAMPLE_RATE // _BLOCKS_PER_SECOND
                first = second * SAMPLE_RATE + block * length
                self._aac.encode(_sound_frame(first, length))

    @contextmanager
    def _timed(self, part: str) -> Iterator[None]:
        began = time.process_time()
        yield
        self._spent[part] += time.process_time() - began


def _sound_frame(first: int, length: int) -> AudioFrame:
    frame = AudioFrame.from_ndarray(
        sound(first, length).reshape(1, -1), format="s16", layout="stereo"
    )
    frame.sample_rate, frame.time_base, frame.pts = SAMPLE_RATE, AUDIO_BASE, first
    return frame


def _opus_second() -> list[bytes]:
    """A second of the card's sound as 20 ms packets, as they come from the network."""
    coder: Any = av.CodecContext.create("libopus", "w")
    coder.sample_rate, coder.format, coder.layout = SAMPLE_RATE, "s16", "stereo"
    coder.time_base = AUDIO_BASE
    firsts = range(0, SAMPLE_RATE, _OPUS_SAMPLES)
    return [
        bytes(packet)
        for first in firsts
        for packet in coder.encode(_sound_frame(first, _OPUS_SAMPLES))
    ]


def _opus_decoder() -> Any:
    decoder: Any = av.CodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = SAMPLE_RATE, "stereo"
    return decoder


async def main() -> None:
    """Obey until the parent closes the pipe."""
    pipe = open_json_pipe()
    async for order in pipe.commands():
        bare = Bare(Options.read(order["options"]), Rate(**order["rate"]))
        measured = await asyncio.to_thread(bare.run, order["seconds"], paced=order["paced"])
        pipe.emit("measured", **measured)


if __name__ == "__main__":
    asyncio.run(main())
    os._exit(0)
