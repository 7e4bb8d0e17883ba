"""How far two clips of one stream are apart, in a process: `python -m …alignment.process`.

What is seen and heard in each is made as small as it can be compared.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import av
import numpy as np

from bot.clips.editing.alignment.lag import STEP, Array, Track, lag_of
from bot.clips.editing.protocol import Align
from bot.kit.processes.json_pipe import JsonPipe, Message
from bot.kit.processes.one_task import run_one

_WIDTH, _HEIGHT = 64, 36
_RATE = 8000
_QUIET = 1e-4


async def work(pipe: JsonPipe, command: Message) -> None:
    """`align`: say `aligned`, with a `lag` that may be null; or `failed`."""
    want = Align.of(command)
    try:
        lag = await asyncio.to_thread(_lag, want)
    except (OSError, av.FFmpegError) as error:
        pipe.emit("failed", detail=str(error))
        return
    pipe.emit("aligned", lag=lag)


def _lag(want: Align) -> float | None:
    short = track_of(Path(want.short), only_keyframes=True)
    return lag_of(short, track_of(Path(want.long), only_keyframes=False))


def track_of(path: Path, *, only_keyframes: bool) -> Track:
    """Its loudness, and its pictures (or every one that is whole by itself). Raises av.FFmpegError
    and OSError."""
    loudness = _loudness(path)
    times, thumbs = list[float](), list[Array]()
    container: Any
    with av.open(str(path)) as container:
        for stream in container.streams.video[:1]:
            stream.codec_context.skip_frame = "NONKEY" if only_keyframes else "DEFAULT"
            for frame in container.decode(stream):
                times.append(float(frame.time))
                grey = frame.reformat(width=_WIDTH, height=_HEIGHT, format="gray").to_ndarray()
                thumbs.append(grey.reshape(-1).astype(np.float32) / 255)
    shape = np.stack(thumbs) if thumbs else np.zeros((0, _WIDTH * _HEIGHT), np.float32)
    return Track(loudness, np.array(times, np.float32), shape)


def _loudness(path: Path) -> Array:
    """The logarithm of how loud it is, each `STEP`, from the file's second 0 on."""
    blocks, begins = list[Array](), 0.0
    container: Any
    with av.open(str(path)) as container:
        for stream in container.streams.audio[:1]:
            resampler = av.AudioResampler(format="flt", layout="mono", rate=_RATE)
            for frame in container.decode(stream):
                begins = begins if blocks else float(frame.time)
                blocks += [_samples(one) for one in resampler.resample(frame)]
    if not blocks:
        return np.zeros(0, np.float32)
    samples = np.concatenate([np.zeros(max(0, round(begins * _RATE)), np.float32), *blocks])
    size = round(STEP * _RATE)
    rows = samples[: len(samples) // size * size].reshape(-1, size)
    loud: Array = np.log10(np.sqrt((rows**2).mean(axis=1)) + _QUIET).astype(np.float32)
    return loud


def _samples(frame: Any) -> Array:
    samples: Array = frame.to_ndarray().reshape(-1)
    return samples


if __name__ == "__main__":
    run_one(work)
